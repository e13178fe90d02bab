"""The vertical scale of a chart, linear or logarithmic, with its ticks."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

_TICKS = 5  # at most, about
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_FEW_DECADES = 2
_SMALLEST = 1e-30  # a smaller value is drawn as 0


@dataclass(frozen=True)
class Scale:
    """From `low` at the lower edge to `high` at the upper one; values outside are drawn at the edge."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]  # values and how they are written
    logarithmic: bool = False

    def height(self, value: float) -> float:
        """Where `value` lies, from 0 (lower edge) to 1 (upper edge)."""
        value = min(max(value, self.low), self.high)
        if self.logarithmic:
            return log10(value / self.low) / log10(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def shares() -> Scale:
    """0 to 100 per cent, the same in every chart, so that charts can be compared."""
    return Scale(0.0, 1.0, tuple((n / 4, f"{25 * n}%") for n in range(5)))


def from_zero(values: Iterable[float]) -> Scale:
    """From 0 to a round number that is at least the highest value."""
    highest = max(values, default=0.0)
    if not highest > _SMALLEST:
        highest = 1.0
    step = next(step for step in _round_numbers(highest / _TICKS) if highest / step <= _TICKS)
    count = ceil(round(highest / step, 9))
    return Scale(0.0, count * step, tuple((n * step, f"{n * step:g}") for n in range(count + 1)))


def logarithmic(values: Iterable[float]) -> Scale:
    """From round number to round number around all positive values; it has no place for 0, which is drawn below."""
    positive = [value for value in values if value > _SMALLEST] or [1.0]
    lowest, highest = min(positive), max(positive)
    first, last = floor(round(log10(lowest), 9)), ceil(round(log10(highest), 9))
    if last - first <= _FEW_DECADES and -2 <= first <= last <= 4:  # where 2 and 5 are short to write
        steps = [factor * 10.0**power for power in range(first, last + 1) for factor in (1, 2, 5)]
        low = max((step for step in steps if step <= lowest * (1 + 1e-9)), default=steps[0])
        high = min((step for step in steps if step >= highest * (1 - 1e-9) and step > low), default=10 * low)
        return Scale(low, high, tuple((step, f"{step:g}") for step in steps if low <= step <= high), True)
    last = max(last, first + 1)
    every = ceil((last - first) / _TICKS)
    ticks = tuple((10.0**power, power_of_ten(power)) for power in range(first, last + 1, every))
    return Scale(10.0**first, 10.0**last, ticks, True)


def whole_numbers(first: int, last: int) -> list[int]:
    """Round numbers from `first` to `last`, not many, for the epochs below a chart; always the two ends."""
    step = max(1, next(int(step) for step in _round_numbers(1) if (last - first) / step <= _TICKS))
    inner = [n for n in range(step * (first // step + 1), last, step) if min(n - first, last - n) >= step / 2]
    return [first, *inner, *([last] if last > first else [])]


def power_of_ten(power: int) -> str:
    """10 to the power, as it is printed."""
    return {0: "1", 1: "10"}.get(power) or f"10{str(power).translate(_SUPERSCRIPTS)}"


def _round_numbers(least: float) -> Iterable[float]:
    """1, 2 and 5 times the powers of ten, from about `least` on."""
    power = floor(log10(least))
    while True:
        yield from (factor * 10.0**power for factor in (1, 2, 5))
        power += 1
