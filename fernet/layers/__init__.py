"""The layers, one to a file. A file is a page: equation, derivation, gradient, then the forward and backward pass.

Every layer keeps the same contract:

    y, cache  = layer.forward(x, train=..., rng=...)   cache: what backward needs; None outside training
    dx, grads = layer.backward(dy, cache)              grads: the gradients of layer.params, under the same names

A layer keeps no state between calls and writes into none of its arguments. Images are channels-last, (N, H, W, C); the
frames of a clip are the channels of the first layer. Everything is written in array operations that NumPy and CuPy
share, and works in float32 and float64 alike.

One set of letters serves all layers, SGD and the CUDA kernels:

    L            the loss, a scalar                  dx           the gradient dL/dx, of the shape of x; so dy, dW, ...
    N            images or vectors of a batch        H, W, C      rows, columns and channels of x
    P, Q, K      rows, columns and channels of y     W, b         weights, biases (the width W always follows H)
    i, j         row and column of a pixel           c, k         channel of x, channel of y
    p, q         pixels, where one letter is enough  R; r, s      side of a filter; row and column within it
    n            side of a window                    u, v         row and column within a window
    win(p)       the pixels of the window around p   n_p          the number of pixels in win(p)
                 that lie inside the image           t            frame
    D            the divisor of a normalisation      power        its exponent; alpha, k: its constants

Where there are no windows, n is a sample of the batch and o an output. In `losses`, l are the logits, p the
probabilities and y the labels.
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
