"""The paper's notation for networks, e.g. I64-C(5,64)-L5-P2-C(5,64)-L3-P2-FC500-FC500-S7.

I<size>           images of size x size pixels, first        D<values>     a vector, first
C(<size>,<maps>)  convolution and ReLU                       L<window>     local normalisation
P<size>           max pooling, stride 2                      FC<nodes>     fully connected, ReLU, dropout
S<classes>        fully connected, softmax; last
"""

import re
from dataclasses import dataclass

from fernet.errors import UserError

_PARTS = {
    "I": (r"I(\d+)", "I<size>"),
    "D": (r"D(\d+)", "D<values>"),
    "C": (r"C\((\d+),(\d+)\)", "C(<size>,<maps>)"),
    "L": (r"L(\d+)", "L<window>"),
    "P": (r"P(\d+)", "P<size>"),
    "FC": (r"FC(\d+)", "FC<nodes>"),
    "S": (r"S(\d+)", "S<classes>"),
}
_LARGEST = {"I": (512,), "D": (2**20,), "C": (31, 1024), "L": (31,), "P": (16,), "FC": (2**16,), "S": (1024,)}
_IMAGE_PARTS = ("C", "L", "P")


@dataclass(frozen=True)
class Part:
    """One part of the notation: its letters and its numbers."""

    kind: str
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        numbers = ",".join(str(number) for number in self.numbers)
        return f"{self.kind}({numbers})" if self.kind == "C" else f"{self.kind}{numbers}"


@dataclass(frozen=True)
class Notation:
    """A whole network in the paper's notation; `str` gives back the string from which it was parsed."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return "-".join(str(part) for part in self.parts)

    @property
    def takes_images(self) -> bool:
        return self.parts[0].kind == "I"

    @property
    def input_size(self) -> int:
        """Side of the images, or length of the vectors."""
        return self.parts[0].numbers[0]

    @property
    def classes(self) -> int:
        return self.parts[-1].numbers[0]


def parse(text: str) -> Notation:
    """The network that `text` describes; a UserError names the part that is wrong, its place and the reason."""
    parts, position = [], 0
    for piece in text.split("-"):
        try:
            part = _parse_part(piece)
            _check_order(part, parts)
        except UserError as error:
            where = f"at character {position + 1} ({piece!r})" if piece else f"at character {position + 1} (empty)"
            raise UserError(f"network {text!r}, {where}: {error}") from None
        parts.append(part)
        position += len(piece) + 1
    if parts[-1].kind != "S":
        raise UserError(f"network {text!r} ends in {parts[-1]}: it must end in S<classes>, e.g. S7")
    return Notation(tuple(parts))


def _parse_part(piece: str) -> Part:
    for kind, (pattern, form) in _PARTS.items():
        if match := re.fullmatch(pattern, piece, re.ASCII):
            numbers = tuple(int(number) for number in match.groups() if len(number) <= 9)
            limits = _LARGEST[kind]
            if len(numbers) < len(limits) or not all(1 <= n <= most for n, most in zip(numbers, limits, strict=True)):
                allowed = " and ".join(f"1 to {most}" for most in limits)
                raise UserError(f"{form} takes whole numbers from {allowed}")
            if str(Part(kind, numbers)) != piece:
                raise UserError(f"write {Part(kind, numbers)}, without leading zeros")
            return Part(kind, numbers)
    raise UserError("expected one of " + ", ".join(form for _, form in _PARTS.values()))


def _check_order(part: Part, before: list[Part]) -> None:
    """Check that the input comes first and nowhere else, image layers before FC, and S last."""
    if not before:
        if part.kind not in ("I", "D"):
            raise UserError("a network starts with its input, I<size> for images or D<values> for vectors")
        return
    if part.kind in ("I", "D"):
        raise UserError("the input comes first and only once")
    if before[-1].kind == "S":
        raise UserError("nothing can follow S<classes>")
    if part.kind in _IMAGE_PARTS:
        if before[0].kind == "D":
            raise UserError("C, L and P work on images: start with I<size> instead of D<values>")
        if before[-1].kind == "FC":
            raise UserError("C, L and P come before FC")
