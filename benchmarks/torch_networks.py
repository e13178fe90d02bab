"""The same networks in PyTorch, with fernet's weights.

Normalisation is written with average pooling, which sums over windows; gradients come from autograd.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from fernet.layers import ContrastNorm, Conv, Dropout, Flatten, FullyConnected, Layer, MaxPool, ReLU, ResponseNorm
from fernet.networks.build import Network


class TorchResponseNorm(nn.Module):
    """fernet's `ResponseNorm` for odd windows."""

    def __init__(self, layer: ResponseNorm) -> None:
        super().__init__()
        self.size, self.scale, self.power, self.k = layer.size, layer.scale, layer.power, layer.k

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # The average includes the zeros around the image, so scale / n^2 times the sum is scale times the average.
        D = self.k + self.scale * functional.avg_pool2d(x * x, self.size, 1, self.size // 2)
        return x * D.pow(-self.power)


class TorchContrastNorm(TorchResponseNorm):
    """fernet's `ContrastNorm` for odd windows."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        d = x - functional.avg_pool2d(x, self.size, 1, self.size // 2, count_include_pad=False)
        D = self.k + self.scale * functional.avg_pool2d(d * d, self.size, 1, self.size // 2)
        return x * D.pow(-self.power)


class TorchNetwork(nn.Module):
    """A fernet network; parameters have fernet's names with `_` in place of the dot."""

    def __init__(self, network: Network, channels_last: bool) -> None:
        super().__init__()
        self.images, self.channels_last = network.notation.takes_images, channels_last
        shapes = network.shapes(network.input_shape)
        self.map_shapes = {name: before for (name, _), before in zip(network.layers, shapes[:-1], strict=True)}
        self.chain = nn.Sequential()
        for name, layer in network.layers:
            self.chain.add_module(name, self._module(layer))
        self._load(network)
        if self.images and channels_last:
            self.to(memory_format=torch.channels_last)

    def input(self, x: np.ndarray) -> torch.Tensor:
        """fernet's (N, H, W, T) or (N, D) as a tensor in this network's layout."""
        if not self.images:
            return torch.from_numpy(x)
        maps = torch.from_numpy(x).permute(0, 3, 1, 2)
        return maps.contiguous(memory_format=torch.channels_last if self.channels_last else torch.contiguous_format)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.chain(x)

    def gradients(self) -> dict[str, np.ndarray]:
        """Gradients under fernet's names and in fernet's shapes."""
        grads = {name.removeprefix("chain."): w.grad.cpu().numpy() for name, w in self.named_parameters()}
        return {self._fernet_name(name): self._to_fernet(name, grad) for name, grad in grads.items()}

    def _module(self, layer: Layer) -> nn.Module:
        match layer:
            case Conv(size=size, padding=padding):
                channels, maps = layer.params["W"].shape[2:]
                return nn.Conv2d(channels, maps, size, padding=padding)
            case ContrastNorm():
                return TorchContrastNorm(layer)
            case ResponseNorm():
                return TorchResponseNorm(layer)
            case MaxPool(size=size, stride=stride):
                return nn.MaxPool2d(size, stride, ceil_mode=layer.ceil)
            case FullyConnected():
                return nn.Linear(*layer.params["W"].shape)
            case ReLU():
                return nn.ReLU()
            case Flatten():
                return nn.Flatten()
            case Dropout(rate=rate):
                return nn.Dropout(rate)
        raise TypeError(f"no PyTorch version of {layer}")

    def _load(self, network: Network) -> None:
        with torch.no_grad():
            for name, w in self.chain.named_parameters():
                w.copy_(torch.from_numpy(self._to_torch(name, network.params[self._fernet_name(name)])))

    def _fernet_name(self, name: str) -> str:
        return name.replace(".weight", ".W").replace(".bias", ".b")

    def _to_torch(self, name: str, w: np.ndarray) -> np.ndarray:
        if w.ndim == 4:
            return w.transpose(3, 2, 0, 1).copy()
        if w.ndim == 2 and (maps := self._maps_before(name)):
            w = w.reshape(*maps, -1).transpose(2, 0, 1, 3).reshape(len(w), -1)
        return w.T.copy()

    def _to_fernet(self, name: str, w: np.ndarray) -> np.ndarray:
        if w.ndim == 4:
            return w.transpose(2, 3, 1, 0)
        w = w.T
        if w.ndim == 2 and (maps := self._maps_before(name)):
            height, width, channels = maps
            w = w.reshape(channels, height, width, -1).transpose(1, 2, 0, 3).reshape(len(w), -1)
        return w

    def _maps_before(self, name: str) -> tuple[int, ...] | None:
        """Shape of the maps that were flattened into the weight's rows: PyTorch flattens channels first."""
        names = list(self.map_shapes)
        layer = names.index(name.split(".")[0])
        return self.map_shapes["flatten"] if layer > 0 and names[layer - 1] == "flatten" else None


class TorchTraining:
    """Training steps of a `TorchNetwork`: SGD with momentum, decay on weights only, as in fernet."""

    def __init__(self, network: TorchNetwork, compiled: bool = False, mode: str = "default") -> None:
        self.network = network
        self.forward = torch.compile(network, mode=mode) if compiled else network
        weights = [w for w in network.parameters() if w.ndim > 1]
        biases = [w for w in network.parameters() if w.ndim == 1]
        groups = [{"params": weights, "weight_decay": 5e-4}, {"params": biases, "weight_decay": 0.0}]
        self.optimiser = torch.optim.SGD(groups, lr=1e-6, momentum=0.9, fused=True)

    def step(self, x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """One step; returns the logits."""
        self.optimiser.zero_grad()
        logits = self.forward(x)
        functional.cross_entropy(logits, labels).backward()
        self.optimiser.step()
        return logits


@contextmanager
def torch_on_threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def on_gpu(network: Network, channels_last: bool = False) -> TorchNetwork:
    """The network in PyTorch on the GPU; the parameters of `network` must still be on the host."""
    torch_network = TorchNetwork(network, channels_last).cuda()
    return torch_network.to(memory_format=torch.channels_last) if channels_last else torch_network


def gpu_trainings(network: Network, x: np.ndarray, labels: np.ndarray) -> dict[str, Callable[[], object]]:
    """Training steps on one batch, eager and compiled, in both layouts for images."""
    runs = {}
    for channels_last in (False, True) if network.notation.takes_images else (False,):
        layout = " channels last" if channels_last else ""
        for who, compiled in (("torch eager", False), ("torch compile max-autotune", True)):
            torch_network = on_gpu(network, channels_last)
            training = TorchTraining(torch_network, compiled, "max-autotune")
            tensor, target = torch_network.input(x).cuda(), torch.from_numpy(labels).cuda()
            runs[who + layout] = partial(training.step, tensor, target)
    return runs


def gpu_inferences(network: Network, x: np.ndarray) -> dict[str, Callable[[], object]]:
    """Forward passes without gradients, in both layouts for images."""
    runs = {}
    for channels_last in (False, True) if network.notation.takes_images else (False,):
        torch_network = on_gpu(network, channels_last).eval()
        tensor = torch_network.input(x).cuda()
        runs["torch eager" + (" channels last" if channels_last else "")] = torch.inference_mode()(
            partial(torch_network, tensor)
        )
    return runs
