"""How long-running work reports its progress, without knowing whether or how it is shown."""

from collections.abc import Iterator
from contextlib import contextmanager


class Bar:
    """One task in progress."""

    def advance(self, count: int, note: str = "") -> None:
        """Report `count` more units as done; `note` is a short status, such as the loss so far.

        Called by one thread at a time.
        """

    def milestone(self, text: str) -> None:
        """Report that a part of the task is done, such as an epoch, in one line for a log."""


class Progress:
    """Shows nothing; the command line has a subclass that draws on the terminal."""

    @contextmanager
    def task(self, title: str, total: int | None) -> Iterator[Bar]:
        """Begin a task of `total` units; None if their number is not known beforehand."""
        yield Bar()

    def note(self, text: str) -> None:
        """Show a remark for the user that is not an error."""


SILENT = Progress()
