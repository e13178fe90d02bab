"""Lesson 6: the weight W[1, 0] meets a shifted window of x; its gradient is the sum of the products with dy."""

import numpy as np
from sheet import box, cell, sheet, text

_X = np.array([[1, 2, 0, 1], [0, 1, 3, 0], [2, 0, 1, 1], [1, 1, 0, 2]])
_DY = np.array([[1, 0, 2], [0, 1, 0], [1, 0, 1]])
_R, _S, _SIDE = 1, 0, 40


def _grid(left, values, kind):
    parts = []
    for (row, column), value in np.ndenumerate(values):
        parts += cell(left + _SIDE * column, 50 + _SIDE * row, _SIDE, str(value), kind)
    return parts


def svg():
    seen = _X[_R : _R + 3, _S : _S + 3]
    parts = [text(120, 30, "x", "bold"), text(350, 30, "dy", "bold"), text(555, 30, "products", "bold")]
    parts += [*_grid(40, _X, "thin"), box(40 + _SIDE * _S, 50 + _SIDE * _R, 120, 120, "blue")]
    for (row, column), value in np.ndenumerate(seen):
        x, y = 40 + _SIDE * (_S + column), 50 + _SIDE * (_R + row)
        parts += cell(x, y, _SIDE, str(value))
    parts += [text(245, 110, "×"), *_grid(290, _DY, "orange"), text(452, 110, "="), *_grid(495, seen * _DY, "thin")]
    parts += [
        text(40, 228, f"The filter W is 2 x 2. Blue: what W[{_R}, {_S}] was multiplied by", "small left"),
        text(350, 190, "as large as y", "small"),
    ]
    parts += [text(555, 190, f"dW[{_R}, {_S}] = their sum = {(seen * _DY).sum()}")]
    return sheet(680, 250, "The gradient of one filter weight: a window of x times dy, summed", parts)
