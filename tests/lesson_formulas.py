"""Computes the mathematics of a derivation as it stands on the page, and compares it with the code of the same line."""

import ast
import re
from itertools import product

import lessons
import numpy as np
from formula_reader import Formula

_STEP = 1e-6


def check_formulas(fence: lessons.Fence, above: list[lessons.Fence], values: dict) -> int:
    """Each line of the chain of equations is what the code of that line computes; the number of lines compared.

    The lines that the tag names after "without" are left out: "derivation Conv dx without 5 6".
    """
    name, code, without = fence.tag[2], lessons.steps(fence), [int(number) for number in fence.tag[4:]]
    lines = chain([one.text for one in above if one.language == "math"][-1])
    left = re.fullmatch(rf"{name}(?:\[([a-z, ]+)\]|_([a-z]))", lines[0][0].replace("_1", "1").replace("_2", "2"))
    assert left, f"the chain begins with {lines[0][0]}, not with {name}"
    letters = [one.strip() for one in (left[1] or left[2]).split(",")]
    for number, (_, right) in enumerate(lines, 1):
        if number not in without:
            given = fitted(np.asarray(values[f"{name}_{number}"]), len(letters))
            try:
                formula = computed(right, letters, given.shape, values, code[f"{name}_{number}"])
            except (AssertionError, LookupError) as error:
                raise AssertionError(f"formula ({number}) of {name} cannot be computed: {error!r}") from error
            tolerance = lessons.TO_A_MEASUREMENT if r"\partial" in right else lessons.TO_A_STEP
            lessons.check_equal(formula, given, tolerance, f"the formula ({number}) is not {name}_{number}")
    return len(lines) - len(without)


def chain(math: str) -> list[tuple[str, str]]:
    """The left sides and right sides of the lines (1), (2), ..., (n) of an aligned chain; a left side may be empty."""
    body = re.sub(r"\\(begin|end)\{aligned\}", "", math)
    found = [re.fullmatch(r"\s*(.*?)\s*&=(.*?)&+\s*\(\d+\)\s*", line, re.DOTALL) for line in body.split(r"\\")]
    return [(line[1], line[2]) for line in found]


def fitted(array: np.ndarray, count: int) -> np.ndarray:
    """The part of an array that `count` indices mean: one image, one map of it, all its pixels, the maps of a pixel."""
    if count == array.ndim:
        return array
    if count == array.ndim - 1:
        return array[0]
    if count == array.ndim - 2:
        return array[0, :, :, 0]
    return array.ravel() if array.shape[-1] == 1 else array[(0,) * (array.ndim - 1)]


def computed(right: str, letters: list[str], shape: tuple, values: dict, code: str) -> np.ndarray:
    """The right side for all values of the letters on the left, an array of `shape`."""

    def array(name: str, indices: list[str]) -> np.ndarray:
        named = f"{name}_{indices[0]}"  # n_l may be the name of an array
        return fitted(np.asarray(values[named if len(indices) == 1 and named in values else name]), len(indices))

    def derivative(above: str, below: str, outputs: int, inputs: int) -> np.ndarray:
        if "measured(" in code:
            return measured_jacobian(code, values, outputs, inputs)
        return fitted(np.asarray(values[f"d{above}"]), outputs + inputs)

    def number(name: str) -> float:
        assert isinstance(values.get(name), int | float), f"{name} is not a number on this page"
        return values[name]

    formula = Formula(right, array, derivative)
    for letter, length in zip(letters, shape, strict=True):
        formula.runs(letter, length)
    formula.complete()
    names = {name: value for name, value in values.items() if isinstance(value, int)}  # in indices
    names |= formula.arrays | {"sizes": formula.sizes, "element": element, "number": number}
    run, result = compile(formula.code, right, "eval"), np.empty(shape)
    for place in product(*map(range, shape)):
        result[place] = eval(run, names | dict(zip(letters, place, strict=True)))
    return result


def sums_by_hand(prose: str) -> list[tuple[str, list[float]]]:
    """The inline formulas with two or more sides that are plain arithmetic, $`1 + 2 = 3`$, and the values of these."""
    found = []
    for formula in re.findall(r"\$`([^`\n]*=[^`\n]*)`\$", prose):
        sides = re.sub(r"\\cdot", "*", formula).split("=")
        values = [eval(side) for side in sides if re.fullmatch(r"[-+*/(). \d]*\d[-+*/(). \d]*", side)]
        found += [(formula, values)] if len(values) > 1 else []
    return found


def element(array: list, *indices: int) -> float:
    """One value; 0 outside the array, as the equations of the layers have it."""
    for index in indices:
        if not 0 <= index < len(array):
            return 0.0
        array = array[index]
    return array


def measured_jacobian(code: str, values: dict, outputs: int, inputs: int) -> np.ndarray:
    """The Jacobian of f at x for the call measured(f, x, dy) in the code; the axes of its outputs come first."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    call = next(call for call in calls if ast.unparse(call.func) == "measured")
    f, x = (eval(ast.unparse(argument), values) for argument in call.args[:2])
    columns = []
    for index in np.ndindex(x.shape):
        value, ends = x[index], []
        for x[index] in (value + _STEP, value - _STEP):
            ends.append(fitted(np.array(f(x)), outputs))
        x[index] = value
        columns.append((ends[0] - ends[1]) / (2 * _STEP))
    jacobian = np.stack(columns, axis=-1).reshape(columns[0].shape + x.shape)
    return np.stack([fitted(row, inputs) for row in jacobian.reshape(-1, *x.shape)]).reshape(
        columns[0].shape + fitted(x, inputs).shape
    )
