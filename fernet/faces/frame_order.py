"""The order of frames by the numbers in their names: frame2 before frame10, t-1 before t0, 0.25 before 0.5."""

import re
import unicodedata
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from fernet.errors import UserError

_POINT = ".,\N{ARABIC DECIMAL SEPARATOR}"
_WHOLE = re.compile(r"(\d+)")  # digits of all scripts
# Dates and versions, which have more points than one, are not decimal.
_DECIMAL = re.compile(rf"((?<![\d{_POINT}])\d+[{_POINT}]\d+(?![{_POINT}]?\d)|\d+)")
_MINUS = ("-", "\N{MINUS SIGN}")

Tokens = list[str | Fraction]  # text and numbers in turn, beginning and ending with text, which may be empty


def in_frame_order(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The frames of one clip in the order of the numbers in their names, with upper and lower case alike.

    A hyphen before a number is a minus sign if other names have none there. A point between two numbers is a decimal
    point if only this reading has equal steps from frame to frame. UserError if the names could be read in two orders,
    or are told apart by numerals that are not digits.
    """
    paths = sorted(paths)
    names = [unicodedata.normalize("NFC", path.stem).casefold() for path in paths]
    _check_numerals(paths, names)
    whole, decimal = (_signed(paths, [_tokens(pattern, name) for name in names]) for pattern in (_WHOLE, _DECIMAL))
    if _sorted(decimal, paths) == _sorted(whole, paths) or not _all_differ(decimal):  # 1.1 and 1.10 are no decimals
        return _sorted(whole, paths)
    if _has_equal_steps(whole) == _has_equal_steps(decimal):
        raise _two_orders(paths, whole, decimal, "a point in the names may be a decimal point")
    return _sorted(decimal if _has_equal_steps(decimal) else whole, paths)


def _tokens(pattern: re.Pattern[str], name: str) -> Tokens:
    parts = pattern.split(name)
    return [Fraction(re.sub(f"[{_POINT}]", ".", part)) if place % 2 else part for place, part in enumerate(parts)]


def _sorted(tokens: list[Tokens], paths: list[Path]) -> tuple[Path, ...]:
    """`paths` by their tokens; those with the same tokens, such as 1 and 01, stay in the order of their names."""
    return tuple(path for _, path in sorted(zip(tokens, paths, strict=True), key=lambda pair: pair[0]))


def _all_differ(tokens: list[Tokens]) -> bool:
    return len({tuple(one) for one in tokens}) == len(tokens)


def _has_equal_steps(tokens: list[Tokens]) -> bool:
    """Whether the names differ in one number only, which grows by the same step from each frame to the next."""
    if len({len(one) for one in tokens}) > 1:
        return False
    columns = [sorted(set(column)) for column in zip(*tokens, strict=True) if len(set(column)) > 1]
    if len(columns) != 1 or isinstance(columns[0][0], str):
        return False
    return len({after - before for before, after in pairwise(columns[0])}) == 1


def _signed(paths: list[Path], tokens: list[Tokens]) -> list[Tokens]:
    """The tokens with hyphens read as minus signs where they are; UserError if that is not clear but matters."""
    places = {(at, one[at], one[at + 1]) for one in tokens for at in range(0, len(one) - 1, 2)}
    others = {(at, text.removesuffix("+")) for at, text, _ in places}  # what precedes numbers without a minus sign
    sure = {(at, text) for at, text, number in places if number == 0}
    sure |= {(at, text[:-1]) for at, text, _ in places if text.endswith("+")}
    signed, clear, mixed = [list(one) for one in tokens], True, True
    for one in signed:
        for at in range(0, len(one) - 1, 2):
            text, number = one[at], one[at + 1]
            before = text[:-1]
            if text.endswith("+"):
                one[at] = before
            if not text.endswith(_MINUS) or (at and not before):  # between two numbers, a hyphen separates them
                continue
            if (at, before) in others or not before or not (before[-1].isalnum() or before.endswith(_MINUS)):
                one[at], one[at + 1] = before, -number
                clear &= (at, before) in sure
                mixed &= (at, before) in others
    if _sorted(signed, paths) == _sorted(tokens, paths):
        return tokens
    if not clear and not (mixed and _has_equal_steps(signed)):
        raise _two_orders(paths, tokens, signed, "a hyphen in the names may be a minus sign")
    return signed


def _check_numerals(paths: list[Path], names: list[str]) -> None:
    """UserError if the order depends on numerals such as those of Chinese, whose code points do not count upwards."""
    found = ["".join(letter for letter in name if _is_other_numeral(letter)) for name in names]
    first = next((at for at, numerals in enumerate(found) if numerals != found[0]), None)
    if first is None:
        return
    hidden = ["".join("." if _is_other_numeral(letter) else letter for letter in name) for name in names]
    without, with_them = ([_tokens(_WHOLE, name) for name in one] for one in (hidden, names))
    if not _all_differ(without) or _sorted(without, paths) != _sorted(with_them, paths):
        numeral = (found[first] or found[0])[0]
        raise _unclear(paths[0], paths[first], f"the names hold numerals that are not digits, such as {numeral}")


def _is_other_numeral(letter: str) -> bool:
    return not letter.isdecimal() and unicodedata.numeric(letter, None) is not None


def _two_orders(paths: list[Path], one: list[Tokens], other: list[Tokens], reason: str) -> UserError:
    pairs = zip(_sorted(one, paths), _sorted(other, paths), strict=True)
    first, second = next((a, b) for a, b in pairs if a != b)
    return _unclear(first, second, reason)


def _unclear(first: Path, second: Path, reason: str) -> UserError:
    return UserError(
        f"{first.parent}: the order of the frames is not clear, since {reason} (is {first.name} before "
        f"{second.name}?); rename the frames so that their numbers are whole and count upwards"
    )
