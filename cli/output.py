"""What leaves the program: results to standard output, everything else to standard error."""

import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TextIO

_OFF: Final = ("", "0")


def prepare_streams() -> None:
    """Make both streams exact: UTF-8 where no terminal says otherwise, line ends as they are.

    What a terminal cannot show appears as an escape, never as an error.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # the caller closed it: what is opened next must not get it
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - it stays open
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace", newline="\n")


def put(text: str) -> bool:
    """Write to standard output at once; return False when nobody reads it any more.

    A reader such as `head` that has seen enough is no error. Raises OSError when the text cannot be
    written for another reason, such as a full disk.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        hush(sys.stdout)
        return False
    return True


def put_bytes(content: bytes) -> None:
    """Write bytes to standard output as they are."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        hush(sys.stdout)


def tell(text: str) -> None:
    """Write one line for people to standard error, seemly whatever stands in it."""
    from cli.render.cells import seemly

    _tell(seemly(text))


def tell_json(facts: Mapping[str, object]) -> None:
    """Write one line for programs to standard error."""
    import json

    _tell(json.dumps(facts, ensure_ascii=False))


def _tell(line: str) -> None:
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        hush(sys.stderr)


def hush(stream: TextIO) -> None:
    """Send what is still written to a stream that nobody reads to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except (OSError, io.UnsupportedOperation):  # a stream that is no file has nothing to close
        pass
    finally:
        os.close(nowhere)


def is_terminal(stream: TextIO) -> bool:
    """Return whether a person reads this stream as it is written."""
    return not stream.closed and stream.isatty()


def wants_colour(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether this stream takes colour.

    NO_COLOR (not empty) and TERM=dumb say no, then CLICOLOR_FORCE says yes, then CLICOLOR=0 says
    no; otherwise a terminal takes it.
    """
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    if environment.get("CLICOLOR_FORCE", "") not in _OFF:
        return True
    return environment.get("CLICOLOR") != "0" and is_terminal(stream)


def moves(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a line of this stream may be drawn again: a terminal that is not dumb."""
    return is_terminal(stream) and environment.get("TERM") != "dumb"


def line_width(stream: TextIO) -> int | None:
    """Return the columns of the terminal; None where there is none, and lines may be long."""
    if not is_terminal(stream):
        return None
    import shutil

    return shutil.get_terminal_size().columns
