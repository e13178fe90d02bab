"""The learner's file: imported as ordinary Python, called with copies, and watched while it runs."""

import importlib.util
import io
import sys
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from fernet.errors import first_line
from fernet.exercises.exercise import Exercise, Trial


class Fault(Exception):
    """What keeps an answer from being compared with the right one, in sentences for the learner."""


def load(path: Path) -> ModuleType:
    """The module in `path`."""
    spec = importlib.util.spec_from_file_location(f"exercise_{path.stem}", path.resolve())
    module = importlib.util.module_from_spec(spec)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # a file edited twice in a second is read twice
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise Fault(place(error, path)) from None
    finally:
        sys.dont_write_bytecode = writes
    for name in ("forward", "backward"):
        if not callable(getattr(module, name, None)):
            raise Fault(f"{path} has no function {name}; it was there when the file was written: put it back")
    return module


def place(error: BaseException, path: Path) -> str:
    """File, line, kind and message of an exception, on one line; the line is the last one in the learner's file."""
    here = path.resolve()
    line = error.lineno if isinstance(error, SyntaxError) and error.filename == str(here) else None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == str(here):
            line = frame.lineno
    where = f"{path}, line {line}" if line else str(path)
    message = error.msg if isinstance(error, SyntaxError) else first_line(error)
    return f"{where}: {type(error).__name__}: {message}"


class Learner:
    """Calls forward and backward of the learner's file on trials.

    What the file prints is shown for the first backward pass only, and with `quiet` not at all.
    """

    def __init__(self, exercise: Exercise, path: Path, quiet: bool = False) -> None:
        self.exercise, self.path, self.quiet = exercise, path, quiet
        with self._output():
            self.module = load(path)

    def _output(self) -> AbstractContextManager:
        return redirect_stdout(io.StringIO()) if self.quiet else nullcontext()

    def forward(self, trial: Trial, dtype: type = np.float64) -> tuple[dict, Any]:
        """The arguments that forward was given, and its cache; Fault if it no longer computes the equation."""
        inputs = {name: _copy(value, dtype) for name, value in trial.inputs.items()}
        try:
            with self._output():
                y, cache = self.module.forward(**inputs)
            outputs = y if isinstance(y, tuple) else (y,)
            same = len(outputs) == len(trial.outputs) and all(
                np.shape(one) == np.shape(right) and np.allclose(one, right, rtol=1e-4, atol=1e-4)
                for one, right in zip(outputs, trial.outputs, strict=True)
            )
        except Exception as error:
            raise Fault(f"{place(error, self.path)}, in forward") from None
        if not same:
            raise Fault("forward no longer gives the y of its equation: it was right as it was written, put it back")
        return inputs, cache

    def backward(self, trial: Trial, cache: Any, dtype: type = np.float64) -> tuple[dict[str, np.ndarray], dict]:
        """The gradients by name, and the arriving gradients as they are afterwards; Fault for anything else."""
        arriving = {name: _copy(value, dtype) for name, value in trial.arriving.items()}
        try:
            with np.errstate(all="ignore"), self._output():  # what is not finite is reported with its place
                result = self.module.backward(*arriving.values(), cache)
        except NotImplementedError:
            raise Fault(f"backward is still to be written: open {self.path}") from None
        except (Exception, SystemExit) as error:
            raise Fault(f"{place(error, self.path)}\n{shapes_of(trial)}") from None
        self.quiet = True
        return self._by_name(result, trial), arriving

    def _by_name(self, result: Any, trial: Trial) -> dict[str, np.ndarray]:
        names = list(self.exercise.gradients)
        expected = ", ".join(names)
        if result is None:
            raise Fault(f"backward returns None: end it with return {expected}")
        if isinstance(result, dict):
            raise Fault(f"backward returns a dictionary, expected {expected} in this order: return {expected}")
        results = result if isinstance(result, (tuple, list)) and len(names) > 1 else (result,)
        if len(results) != len(names):
            got = f"{len(results)} values" if len(results) > 1 else "a single value"
            raise Fault(f"backward returns {got}, expected {len(names)}: return {expected}")
        for name, one in zip(names, results, strict=True):
            if not isinstance(one, (np.ndarray, np.generic)) or one.dtype.kind not in "fiub":
                kind = f"an array of {one.dtype}" if hasattr(one, "dtype") else type(one).__name__
                raise Fault(f"{name} is {_article(kind)}, expected a NumPy array of real numbers: return {expected}")
        return {name: np.array(one) for name, one in zip(names, results, strict=True)}

    def gradients(self, trial: Trial) -> dict[str, np.ndarray]:
        """What backward gives after its own forward pass."""
        return self.backward(trial, self.forward(trial)[1])[0]


def shapes_of(trial: Trial) -> str:
    """The shapes of a trial's arrays, for a message."""
    arrays = {**trial.inputs, **trial.arriving}
    named = [f"{name} {value.shape}" for name, value in arrays.items() if isinstance(value, np.ndarray)]
    return f"with {', '.join(named)}"


def arrays_in(value: Any) -> Iterator[np.ndarray]:
    """The arrays anywhere in a cache."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        yield from arrays_in(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from arrays_in(part)


def _copy(value: Any, dtype: type) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    return value.astype(dtype) if value.dtype.kind == "f" else value.copy()


def _article(kind: str) -> str:
    if kind.startswith("an "):
        return kind
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"
