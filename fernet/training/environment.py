"""What a run was made with: versions of software, the device, and the kernels of matrix products."""

import platform
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import scipy

import fernet


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
