"""Progress on the command line: a bar in a terminal, lines elsewhere."""

import io
import sys

import pytest

from fernet.commands import progress as module
from fernet.commands.progress import TerminalProgress
from fernet.progress import SILENT


@pytest.fixture
def clock(monkeypatch):
    """A clock that advances when a test says so."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_a_short_task_prints_nothing(clock, capsys):
    with TerminalProgress().task("faces", 10) as bar:
        for _ in range(10):
            clock.now += 0.99
            bar.advance(1)
    assert capsys.readouterr() == ("", "")


def test_a_long_task_prints_a_line_every_ten_seconds_and_one_at_the_end(clock, capsys):
    with TerminalProgress().task("DTAN", 200) as bar:
        for step in range(100):
            clock.now += 0.25
            bar.advance(2, f"loss {step}")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "DTAN: 40% after 10 s, loss 39",
        "DTAN: 80% after 20 s, loss 79",
        "DTAN: 100% after 25 s, loss 99",
    ]


def test_no_line_is_printed_twice(clock, capsys):
    with TerminalProgress().task("faces", 2) as bar:
        clock.now += 6
        bar.advance(1)
        clock.now += 6
        bar.advance(1)
    assert capsys.readouterr().err == "faces: 100% after 12 s\n"


def test_a_task_of_unknown_length_counts(clock, capsys):
    with TerminalProgress().task("finding the face", None) as bar:
        clock.now += 11
        bar.advance(7)
    assert capsys.readouterr().err == "finding the face: 7 after 11 s\n"


def test_an_interrupted_task_does_not_end(clock, capsys):
    def interrupted():
        with TerminalProgress().task("faces", 2) as bar:
            bar.advance(1)
            clock.now += 60
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("total", [4, None])
def test_a_terminal_gets_a_bar(monkeypatch, total):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with TerminalProgress().task("faces", total) as bar:
        bar.advance(1)
        bar.advance(3, "a note")
    drawn = terminal.getvalue()
    assert "faces" in drawn
    assert "a note" in drawn
    assert ("100%" in drawn) == (total is not None)


def test_notes_are_lines_and_silence_is_silent(capsys):
    TerminalProgress().note("a clip is left out")
    assert capsys.readouterr().err == "note: a clip is left out\n"
    with SILENT.task("faces", 1) as bar:
        bar.advance(1, "note")
    SILENT.note("nothing")
    assert capsys.readouterr() == ("", "")


def test_every_milestone_is_a_line_and_the_next_one_waits_ten_seconds(clock, capsys):
    with TerminalProgress().task("DTAN", 4) as bar:
        for epoch in (1, 2):
            clock.now += 6
            bar.advance(1, "halfway")
            clock.now += 6
            bar.advance(1)
            bar.milestone(f"DTAN epoch {epoch} of 2: loss 0.412")
    assert capsys.readouterr().err.splitlines() == [
        "DTAN: 50% after 12 s",
        "DTAN epoch 1 of 2: loss 0.412",
        "DTAN: 100% after 24 s",
        "DTAN epoch 2 of 2: loss 0.412",
    ]


def test_a_milestone_after_a_short_time_is_the_only_line(clock, capsys):
    with TerminalProgress().task("DTAN", 1) as bar:
        clock.now += 9
        bar.advance(1)
        bar.milestone("DTAN epoch 1 of 1")
        clock.now += 9
    assert capsys.readouterr().err == "DTAN epoch 1 of 1\n"


def test_a_terminal_keeps_its_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    with TerminalProgress().task("DTAN", 1) as bar:
        bar.advance(1)
        bar.milestone("DTAN epoch 1 of 1")
    assert "epoch" not in sys.stderr.getvalue()
