"""How a command that stops says so: one line on standard error, and the exit code.

With a JSON format the line is a JSON object: {"error": {"code", "message", "exit"}}.
"""

import os
import re
import sys
from collections.abc import Sequence
from typing import Final

import click

from cli.language.wording import _
from cli.output import tell, tell_json

USAGE: Final = 2
BUG: Final = 70
INTERRUPTED: Final = 130
TERMINATED: Final = 143
OUT_OF_REACH: Final = 5
"""A file, disk or pipe that the system does not let us use, standard output among them."""

_BLANKS: Final = re.compile(r"[^\S\u202f]+")
"""Blanks and line breaks, but for the narrow one that stands before the marks of French."""


class Terminated(BaseException):
    """The process was asked to end (SIGTERM). What is open is undone on the way out."""


def peek(argv: Sequence[str], option: str) -> str | None:
    """Return the value that an option has on a command line that may not even be well-formed.

    The last one given counts, and nothing after `--` does.
    """
    found = None
    for place, word in enumerate(argv):
        if word == "--":
            break
        if word == option and place + 1 < len(argv):
            found = argv[place + 1]
        elif word.startswith(f"{option}="):
            found = word.removeprefix(f"{option}=")
    return found


def speaks_json(argv: Sequence[str]) -> bool:
    """Return whether the caller asked for a JSON format, so that errors are JSON too."""
    if peek(argv, "--log-format") == "json":
        return True
    return (peek(argv, "--format") or os.environ.get("CPOD_FORMAT")) in {"json", "ndjson"}


def complain(message: str, code: str, exit_code: int, *, as_json: bool) -> int:
    """Say in one line on standard error why the command stops, and return the exit code."""
    from cli.render.cells import seemly

    line = seemly(_BLANKS.sub(" ", message).strip())
    if as_json:
        tell_json({"error": {"code": code, "message": line, "exit": exit_code}})
    else:
        tell(f"cpod: {line}")
    return exit_code


def explain(error: BaseException, argv: Sequence[str]) -> int:
    """Say what stopped the command and return its exit code, whatever it was."""
    as_json = speaks_json(argv)
    if isinstance(error, click.ClickException):
        return complain(_usage(error), "usage", USAGE, as_json=as_json)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return complain(
            _("interrupted: what was already committed stays, nothing is half-written"),
            "interrupted",
            INTERRUPTED,
            as_json=as_json,
        )
    if isinstance(error, Terminated):
        return complain(
            _("terminated: what was already committed stays, nothing is half-written"),
            "terminated",
            TERMINATED,
            as_json=as_json,
        )
    from cli.language.saying import in_words
    from ledger.errors import CpodError

    if isinstance(error, CpodError):
        message = str(error) if as_json else in_words(error)
        return complain(message, error.code, error.exit_code, as_json=as_json)
    if isinstance(error, OSError):
        return complain(_system(error), "out-of-reach", OUT_OF_REACH, as_json=as_json)
    return _bug(error, argv, as_json=as_json)


def _system(error: OSError) -> str:
    """Return what the operating system refused."""
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is None:
        return _("reading or writing failed: {reason}").format(reason=reason)
    return _("{file} cannot be used: {reason}").format(file=error.filename, reason=reason)


def _usage(error: click.ClickException) -> str:
    """Return what was wrong with the command line, and where to read how it goes."""
    message = error.format_message()
    context = getattr(error, "ctx", None)
    if context is None or getattr(error, "possibilities", None):
        return message
    return _("{message} See {command} --help").format(
        message=message if message.endswith((".", "?")) else f"{message}.",
        command=context.command_path,
    )


def _bug(error: BaseException, argv: Sequence[str], *, as_json: bool) -> int:
    """Write the report of a bug of ours to a file of its own, and say where it is."""
    import platform
    import tempfile
    import traceback

    from cli import __version__
    from ledger.storage.urls import without_password

    lines = [
        f"cpod {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"arguments: {list(map(without_password, argv))!r}",
        "",
        *traceback.format_exception(error),
    ]
    try:
        handle, path = tempfile.mkstemp(prefix="cpod-report-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as report:
            report.write("\n".join(lines))
    except OSError:  # no room even for the report: the trace itself is all that is left to give
        sys.stderr.write("\n".join(lines))
        path = _("standard error")
    message = _("a bug of ours ({what}): please send us the report in {path}").format(
        what=type(error).__name__, path=path
    )
    return complain(message, "bug", BUG, as_json=as_json)
