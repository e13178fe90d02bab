"""How long work tells how far it has come, without knowing who listens."""

from collections.abc import Iterator
from contextlib import contextmanager


class Bar:
    """One task on its way."""

    def advance(self, count: int, note: str = "") -> None:
        """`count` more units are done."""


class Progress:
    """Listens to nothing; the command line has one that draws."""

    @contextmanager
    def task(self, title: str, total: int) -> Iterator[Bar]:
        """A task of `total` units."""
        yield Bar()

    def note(self, text: str) -> None:
        """Something to know that is no fault."""
