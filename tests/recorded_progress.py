"""A `Progress` for tests: it records what is reported, and can interrupt the work as Ctrl-C would."""

from contextlib import contextmanager

from fernet.progress import Bar, Progress


class RecordedProgress(Progress):
    """tasks: (title, total) of each task, in order; counts: its advances; ended: titles of the finished tasks."""

    def __init__(self, stop_after=None):
        self.tasks, self.counts, self.ended, self.notes = [], [], [], []
        self.stop_after = stop_after  # units after which the work is interrupted

    @contextmanager
    def task(self, title, total):
        self.tasks.append((title, total))
        counts = []
        self.counts.append(counts)

        class Counting(Bar):
            def advance(bar, count, note=""):
                counts.append(count)
                if self.stop_after is not None and sum(counts) >= self.stop_after:
                    raise KeyboardInterrupt

        yield Counting()
        self.ended.append(title)

    def note(self, text):
        self.notes.append(text)
