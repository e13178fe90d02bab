"""One layer per file, each with its forward and its hand-written backward.

The contract, kept by every layer:

    y, cache  = layer.forward(x, train=..., rng=...)   cache: what backward needs, None outside training
    dx, grads = layer.backward(dy, cache)              grads: the keys of layer.params

A layer keeps nothing between calls, so several threads can push different parts of a batch through it at once.
`backward` writes into none of its arguments. Images are channels-last: (N, H, W, C); the frames of a clip are the
channels of the first layer.
"""

from fernet.layers.contrast_norm import ContrastNorm
from fernet.layers.conv import Conv
from fernet.layers.dropout import Dropout
from fernet.layers.flatten import Flatten
from fernet.layers.fully_connected import FullyConnected
from fernet.layers.layer import Layer
from fernet.layers.max_pool import MaxPool
from fernet.layers.multiframe_conv import MultiframeConv
from fernet.layers.relu import ReLU
from fernet.layers.response_norm import AcrossMapsNorm, ResponseNorm

__all__ = [
    "AcrossMapsNorm",
    "ContrastNorm",
    "Conv",
    "Dropout",
    "Flatten",
    "FullyConnected",
    "Layer",
    "MaxPool",
    "MultiframeConv",
    "ReLU",
    "ResponseNorm",
]
