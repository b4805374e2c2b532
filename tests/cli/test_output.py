"""Streams: colour where it is wanted, silence where nobody reads, bars on terminals only."""

import io

import pytest

from cli.output import line_width, moves, wants_colour
from cli.run.progress import LINES, bar


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "environment,terminal,wanted",
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"CLICOLOR": "0"}, True, False),
        ({"CLICOLOR": "1"}, False, False),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"CLICOLOR_FORCE": "0"}, False, False),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colour_is_for_whoever_wants_it(environment, terminal, wanted):
    stream = Terminal() if terminal else io.StringIO()
    assert wants_colour(stream, environment) is wanted


def test_lines_have_no_limit_where_there_is_no_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert line_width(io.StringIO()) is None
    assert line_width(Terminal()) == 40


def test_nothing_moves_without_a_terminal_or_on_a_dumb_one():
    assert moves(Terminal(), {"TERM": "xterm"})
    assert not moves(Terminal(), {"TERM": "dumb"})
    assert not moves(io.StringIO(), {"TERM": "xterm"})


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_is_drawn_on_a_terminal_and_wiped_at_the_end(monkeypatch, tmp_path, terminal):
    stream = Terminal() if terminal else io.StringIO()
    clock = iter(range(100))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * 200)
    with bar(LINES, [str(path)]) as progress:
        progress(10, 50)
        progress(20, 100)
    drawn = stream.getvalue()
    if terminal:
        assert "[############............]  50%  20 lines, 10 a second" in drawn
        assert drawn.endswith("\r\x1b[K")
    else:
        assert drawn == ""
