"""What a run was made with: versions of software, the device, and the kernels of matrix products."""

import platform
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import scipy

import fernet
from fernet import fast
from fernet.fast.version import FastVersion
from fernet.networks.build import Network
from fernet.sgd import SGD


def versions(library: ModuleType) -> dict[str, Any]:
    """The versions of software and device with which a run is made, and the kernels of matrix products."""
    from threadpoolctl import threadpool_info

    return {
        "fernet": fernet.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "opencv": cv2.__version__,
        "machine": platform.machine(),
        "blas": [  # equal bits are certain only with the same library, version and architecture
            {"library": one["internal_api"], "version": one["version"], "architecture": one.get("architecture")}
            for one in threadpool_info()
            if one["user_api"] == "blas"
        ],
        "backend": f"{library.__name__} {library.__version__}",
    }


def fast_versions(network: Network, batch_size: int, library: ModuleType) -> dict[str, str]:
    """The fast version of each layer that has one, for a full batch of training, and that of SGD."""
    # Only its shape counts: a single zero, repeated without memory of its own.
    batch = library.broadcast_to(library.zeros((), np.float32), (batch_size, *network.input_shape))
    chosen = [(name, layer) for name, layer in network.versions(batch) if isinstance(layer, FastVersion)]
    sgd = fast.optimiser(network.params)
    return {
        **{name: type(layer).__name__ for name, layer in chosen},
        **({} if sgd is SGD else {"sgd": sgd.__name__}),
    }
