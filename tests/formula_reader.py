"""Turns one side of an equation, in the LaTeX of docs/lessons, into a Python expression.

What is understood: sums over indices or over windows, products, fractions, powers, parentheses, numbers and names,
arrays with indices, `dy[n, i]` or `dy_p`, Kronecker deltas and partial derivatives. A line ends at a second equals sign
or a \\quad. The letter of an index runs along the axis on which it stands alone; where it stands alone on several,
these must be equally long. One that stands alone nowhere runs as far as the letter after it in a delta.
"""

import re
from collections.abc import Callable

import numpy as np

_TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-zα-ϊ]+\d?|\d+|[-+,^(){}\[\]_]")
_SIZES_OF_PARENTHESES = r"\\(?:[Bb]ig[lr]?|left|right)(?![A-Za-z])"
_SUBSCRIPT = r"(?<![\\A-Za-z])([A-Za-z]+)_(?:([a-z])|\{([a-z])\})(?![A-Za-z])"
_ALSO = {r"\alpha": "alpha", "a": "power"}  # what letters are called in code
_ENDS = ("", "+", "-", ")", "}", "]", ",")


class Formula:
    """`code`, and the length of the range of every index in `sizes`.

    `array(name, count)` gives the array of a name that has `count` indices, and `derivative(above, counts)` that of the
    partial derivatives of what stands above the line; both may raise KeyError.
    """

    def __init__(self, text: str, array: Callable, derivative: Callable) -> None:
        text = re.split(r"=|,? *\\quad", text)[0]
        text = re.sub(
            r"([a-z])'", lambda letter: chr(ord(letter[1]) - ord("a") + ord("α")), text
        )  # t' becomes a letter
        text = re.sub(_SIZES_OF_PARENTHESES, "", re.sub(r"\\[,;]", " ", text))
        text = re.sub(r"\\(?:mathit|text)\{ *([A-Za-z]+) *\}", r" \1", text)
        text = re.sub(_SUBSCRIPT, r" \1[\2\3]", re.sub(r"(?<=[A-Za-z])_(\d)", r"\1", text))  # dy_p; l_1 is the name l1
        left_over = _TOKEN.sub("", text).strip()
        assert not left_over, f"what does {left_over} mean in {text}?"
        self.tokens, self.array, self.derivative = _TOKEN.findall(text), array, derivative
        self.arrays: dict[str, list] = {}
        self.sizes: dict[str, int] = {}
        self.deltas: list[tuple[str, str]] = []
        self.code = self.expression()
        assert not self.next(), f"what does {self.next()} mean in {text}?"

    def next(self, ahead: int = 0) -> str:
        return self.tokens[ahead] if ahead < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> str:
        token = self.next()
        assert expected in (None, token), f"{expected} is expected where {token or 'the end'} stands"
        self.tokens = self.tokens[1:]
        return token

    def runs(self, index: str, length: int) -> None:
        known = self.sizes.setdefault(index, length)
        assert known == length, f"the index {index} runs to {known} and to {length}"

    def complete(self) -> None:
        """Give the letters that stand alone on no axis the range of their partners."""
        for one, other in self.deltas:
            if other in self.sizes:
                self.sizes.setdefault(one, self.sizes[other])

    def expression(self) -> str:
        code = ""
        while not code or self.next() in ("+", "-"):
            code += (self.take() if self.next() in ("+", "-") else "") + self.product()
        return f"({code})"

    def product(self) -> str:
        factors = []
        while self.next() not in _ENDS:
            factors.append(self.factor())
            if self.next() == "^":
                self.take()
                factors[-1] += "**" + (self.group() if self.next() == "{" else self.take())
        assert factors, f"a factor is missing before {self.next() or 'the end'}"
        return "*".join(factors)

    def factor(self) -> str:
        token = self.take()
        if token == "(":
            code = self.expression()
            self.take(")")
            return code
        if token == r"\frac":
            return self.partial() if self.next(1) == r"\partial" else f"({self.group()}/{self.group()})"
        if token == r"\sum":
            self.take("_")
            letters, condition = self.under_sum()
            ranges = "".join(f" for {one} in range(sizes['{one}'])" for one in letters)
            return f"sum({self.product()}{ranges}{condition})"
        if token == r"\delta":
            self.take("_")
            one, other = self.indices("{", "}", letters=True)
            self.deltas.append((one, other))
            return f"({one} == {other})"
        if token.isdigit():
            return token
        if self.next() != "[":
            return f"number({_ALSO.get(token, token)!r})"
        indices = self.indices("[", "]")
        return self.element(self.array(token, indices), indices)

    def group(self) -> str:
        self.take("{")
        code = self.expression()
        self.take("}")
        return code

    def partial(self) -> str:
        names, indices, counts = [], [], []
        for _ in ("above the line", "below"):
            self.take("{")
            self.take(r"\partial")
            names.append(self.take())
            here = self.indices("[", "]") if self.next() == "[" else []
            indices, counts = indices + here, [*counts, len(here)]
            self.take("}")
        return self.element(self.derivative(*names, *counts), indices)

    def element(self, array: np.ndarray, indices: list[str]) -> str:
        assert len(indices) == array.ndim, f"the indices {indices} are given to {array.ndim} axes"
        for index, length in zip(indices, array.shape, strict=True):
            if len(index) == 1 and index.isalpha():
                self.runs(index, length)
        name = f"array{len(self.arrays)}"
        self.arrays[name] = array.tolist()
        return f"element({name}, {', '.join(indices)})"

    def under_sum(self) -> tuple[list[str], str]:
        """The letters under a sum, and the condition of one over a window."""
        if self.next() != "{":
            return [self.take()], ""
        if self.next(2) == ",":
            return self.indices("{", "}"), ""
        self.take("{")
        letter = pixel = self.take()
        if self.next() == "with":
            self.take()
            pixel = self.take()
        if self.next() == r"\in":
            for token in (r"\in", "win", "("):
                self.take(token)
            window = self.take()
            self.take(")")
            self.take("}")
            return [letter], " if " + self.element(self.array("inside", [window, pixel]), [window, pixel])
        self.take("}")
        return [letter], ""

    def indices(self, opening: str, closing: str, letters: bool = False) -> list[str]:
        """What stands between commas; without a comma, two letters are two indices if `letters`."""
        self.take(opening)
        if letters and self.next(1) == closing:
            found = list(self.take())
        elif letters and self.next(2) == closing:
            found = [self.take(), self.take()]
        else:
            found = [self.place()]
            while self.next() == ",":
                self.take()
                found.append(self.place())
        self.take(closing)
        return found

    def place(self) -> str:
        """An index such as i + r or (iW + j)C + c, in which letters that touch are multiplied."""
        code = ""
        while self.next() not in ("", ",", "]", "}", ")"):
            token = self.take()
            if token in ("+", "-"):
                code += token
                continue
            if token == "(":
                token = f"({self.place()})"
                self.take(")")
            factor = "*".join(token) if token.isalpha() else token
            code += ("*" if code and code[-1] not in "+-" else "") + factor
        return code
