"""A progress bar in the terminal; nothing where the output is no terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from fernet.commands.options import print_note
from fernet.progress import Bar, Progress


class _TerminalBar(Bar):
    def __init__(self, bar: Any) -> None:
        self.bar = bar

    def advance(self, count: int, note: str = "") -> None:
        self.bar.update(count, note)


class TerminalProgress(Progress):
    """Draws a bar with the note and the time left on standard error."""

    @contextmanager
    def task(self, title: str, total: int) -> Iterator[Bar]:
        if not sys.stderr.isatty():
            yield Bar()
            return
        with click.progressbar(
            length=total,
            label=f"{title:16}",
            item_show_func=lambda note: note or "",
            file=sys.stderr,
            width=24,
            show_eta=True,
        ) as bar:
            yield _TerminalBar(bar)

    def note(self, text: str) -> None:
        """One line on standard error."""
        print_note(text)

    def counter(self, title: str) -> "Counter":
        """For work that reports (done, total)."""
        return Counter(self, title)


class Counter:
    """Turns calls of (done, total) into one bar."""

    def __init__(self, progress: TerminalProgress, title: str) -> None:
        self.progress, self.title = progress, title
        self.task: Any = None
        self.done = 0

    def __call__(self, done: int, total: int) -> None:
        if self.task is None:
            self.task = self.progress.task(self.title, total)
            self.bar = self.task.__enter__()
        self.bar.advance(done - self.done)
        self.done = done
        if done >= total:
            self.task.__exit__(None, None, None)
