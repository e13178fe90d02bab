"""The curves of `python cli.py gradcheck --layer contrast_norm --steps --out step_sizes.svg`, as they were recorded.

Rounding errors differ from machine to machine, so the numbers stand here; tests/test_step_sizes.py measures them again.
"""

from fernet.step_sizes import chart
from fernet.step_sizes.curves import STEPS, Curve, Point

FLOAT64 = (6.7e-2, 1.0e-3, 1.0e-5, 1.0e-7, 1.0e-9, 5.3e-11, 4.6e-10, 5.2e-9, 5.4e-8, 5.8e-7, 5.1e-6, 5.2e-5, 5.1e-4)
FLOAT32 = (6.7e-2, 1.0e-3, 4.0e-5, 2.8e-4, 3.3e-3, 2.8e-2, 0.44, 1.0, 0.56, 0.56, 0.56, 0.56, 0.56)
_BEND = 0.1  # the layer is not linear


def svg() -> str:
    return chart.svg(_curve(FLOAT64), _curve(FLOAT32))


def _curve(errors: tuple[float, ...]) -> Curve:
    points = (Point(step, error, error, 0, _BEND) for step, error in zip(STEPS, errors, strict=True))
    return Curve("contrast_norm", 60, 252, tuple(points))
