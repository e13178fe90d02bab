"""Progress on standard error: a bar in a terminal, otherwise a line from time to time."""

import itertools
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from fernet.progress import Bar, Progress

LINE_SECONDS = 10.0  # between two lines if no bar can be drawn; a shorter task prints none


class TerminalProgress(Progress):
    """Progress shown to the user of the command line."""

    @contextmanager
    def task(self, title: str, total: int | None) -> Iterator[Bar]:
        if not sys.stderr.isatty():
            lines = _Lines(title, total)
            yield lines
            lines.finish()
            return
        known = {"length": total} if total is not None else {"iterable": itertools.repeat(None)}
        with click.progressbar(
            **known,
            label=f"{title:16}",
            item_show_func=lambda note: note or "",
            file=sys.stderr,
            width=24,
            show_eta=True,
        ) as bar:
            yield _Drawn(bar)

    def note(self, text: str) -> None:
        """Print the remark on one line."""
        _line(f"note: {text}")

    def complain(self, text: str) -> None:
        """Print what is wrong with one of several inputs."""
        _line(f"fernet: {text}")


def visible(text: str) -> str:
    """`text` with control characters, which a terminal would obey, written as escapes."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _line(text: str) -> None:
    """Print a line on standard error, in place of the bar that may be there."""
    erase = "\r\x1b[K" if sys.stderr.isatty() else ""
    click.echo(erase + "\n".join(map(visible, text.split("\n"))), err=True)


class _Drawn(Bar):
    """A bar with the note and the remaining time."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def advance(self, count: int, note: str = "") -> None:
        self._bar.update(count, note)


class _Lines(Bar):
    """Plain lines for log files: one for each milestone and one after LINE_SECONDS without any; one at the end."""

    def __init__(self, title: str, total: int | None) -> None:
        self._title, self._total = title, total
        self._started = self._printed_at = time.monotonic()
        self._done = self._printed = 0
        self._note = ""

    def advance(self, count: int, note: str = "") -> None:
        self._done += count
        self._note = note
        if time.monotonic() - self._printed_at >= LINE_SECONDS:
            self._print()

    def milestone(self, text: str) -> None:
        self._printed_at, self._printed = time.monotonic(), self._done
        _line(text)

    def finish(self) -> None:
        """Print the last line, unless it is already printed or the task was too short to print any."""
        if time.monotonic() - self._started >= LINE_SECONDS and self._printed < self._done:
            self._print()

    def _print(self) -> None:
        self._printed_at, self._printed = time.monotonic(), self._done
        done = f"{self._done / self._total:.0%}" if self._total else str(self._done)
        note = f", {self._note}" if self._note else ""
        click.echo(f"{self._title}: {done} after {self._printed_at - self._started:.0f} s{note}", err=True)
