"""What a pair of curves says, in sentences: where truncation ends, where rounding begins, and whether s is linear."""

from itertools import pairwise
from math import log10

from fernet.gradcheck import STEP, TOLERANCE
from fernet.step_sizes.curves import Curve, Point

_STRAIGHT = 1e-9  # a larger bend is no rounding error, at steps down to 1e-3
_SMALLEST_STRAIGHT = 1e-3
_NEAR_TWO = 0.1  # largest deviation of a slope that counts as truncation


def slope(one: Point, other: Point) -> float | None:
    """The exponent of h in the error between two points; None if it is not known at both."""
    if not one.error or not other.error:
        return None
    return log10(one.error / other.error) / log10(one.step / other.step)


def best(curve: Curve) -> Point:
    """The point of the smallest error among those with the fewest kinks: elsewhere fewer values are compared."""
    known = [point for point in curve.points if point.error is not None]
    fewest = min(point.kinks for point in known)
    return min((point for point in known if point.kinks == fewest), key=lambda point: point.error)


def is_linear(curve: Curve) -> bool:
    """Whether s is a linear function of each single value, wherever no kink lies between."""
    bends = [point.bend for point in curve.points if point.step >= _SMALLEST_STRAIGHT and point.bend is not None]
    return bool(bends) and max(bends) < _STRAIGHT


def is_wrong(curve: Curve) -> bool:
    """Whether `gradcheck`, at its own step, rejects the gradient."""
    error = next(point.error for point in curve.points if point.step == STEP)
    return error is not None and error > TOLERANCE


def truncation(curve: Curve) -> tuple[Point, Point] | None:
    """First and last point of the longest stretch in which the error falls with h^2; None if there is none."""
    longest, start = (), 0
    pairs = list(pairwise(curve.points))
    for place, (one, other) in enumerate(pairs):
        exponent = slope(one, other)
        if one.kinks != other.kinks or exponent is None or abs(exponent - 2) > _NEAR_TWO:
            start = place + 1
        elif place + 1 - start > len(longest):
            longest = pairs[start : place + 1]
    return (longest[0][0], longest[-1][1]) if longest else None


def sentences(float64: Curve, float32: Curve) -> list[str]:
    """The interpretation, one paragraph each."""
    if not any(point.error is not None for point in float64.points):
        return ["No value changes the result anywhere, so there is nothing to compare."]
    name, kinks = float64.subject, any(point.kinks for point in float64.points)
    lowest, lowest32 = best(float64), best(float32)
    if is_wrong(float64):
        return [
            f"The gradient is wrong: even at the best step, h = {power(lowest.step)}, the error in float64 is "
            f"{lowest.error:.1e}. The curve stays flat where that of a right gradient falls; no other h helps."
        ]
    found = []
    if is_linear(float64):
        where = " as long as no kink is crossed" if kinks else ""
        found.append(
            f"Linear: {name} is linear in each of its values{where}, so a central difference has no truncation error "
            f"at any step. The whole error is rounding, which grows like 1/h: the largest step is the most accurate."
        )
    elif stretch := truncation(float64):
        first, last = stretch
        found.append(
            f"Truncation: from h = {power(first.step)} to {power(last.step)} the error in float64 falls with the slope "
            f"{slope(first, last):.2f}, like h^2, the first term that a central difference leaves out."
        )
        found.append(
            f"Rounding: below h = {power(lowest.step)} a smaller step makes the error larger again, like 1/h. The "
            f"smallest error is {lowest.error:.1e}, at h = {power(lowest.step)}; in float32 it is "
            f"{lowest32.error:.1e}, at h = {power(lowest32.step)}."
        )
    else:
        why = ": from step to step, other values lie at kinks and are left out" if kinks else ""
        found.append(
            f"No stretch of the curve has the slope 2{why}. Rounding makes the error larger again below "
            f"h = {power(lowest.step)}, where it is {lowest.error:.1e}."
        )
    if kinks:
        found.append(_about_kinks(float64))
    own = next(point for point in float32.points if point.step == STEP)
    if own.error:
        found.append(
            f"At gradcheck's step, h = {power(STEP)}, float32 would measure an error of {own.error:.0%} in this right "
            "gradient; that is why every check runs in float64."
        )
    return found


def _about_kinks(curve: Curve) -> str:
    point = max(curve.points, key=lambda point: (point.kinks > 0, -point.step))  # the smallest step that crosses one
    smaller = "" if point is curve.points[-1] else ", a smaller step for none"
    left_out = "this value was" if point.kinks == 1 else "these values were"
    return (
        f"Kinks: a step of {power(point.step)} changes a decision for {point.kinks} of the {curve.moved} values"
        f"{smaller}. If {left_out} not left out, the error at this step would be {point.with_kinks:.1e}."
    )


def power(step: float) -> str:
    """1e-5 for 0.00001."""
    return f"1e{round(log10(step))}" if step != 1 else "1"
