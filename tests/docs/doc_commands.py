"""The page of the commands, written from their help."""

import sys
from collections.abc import Iterator
from typing import Final

import click
from doc_sessions import WRITTEN

from cli.main import COMMANDS, cpod
from ledger.projections.views import VIEWS

_WIDTH: Final = 92


def commands_page() -> str:
    """Return the page of every command, as its help says it."""
    return "\n".join(_commands_lines())


def _commands_lines() -> Iterator[str]:
    yield from (WRITTEN, "", "# The commands", "", *_COMMANDS_INTRODUCTION, "")
    context = click.Context(cpod, info_name="cpod")
    for heading in dict.fromkeys(heading for _, heading in COMMANDS):
        yield from (f"## {heading}", "")
        for name in (name for name, its in COMMANDS if its == heading):
            command = cpod.get_command(context, name)
            assert command is not None
            yield from _command_lines(command, f"cpod {name}")
    yield from ("## The same from Python", "", *_PYTHON, "", "| view | what |", "|---|---|")
    for view, answer in VIEWS.items():
        said = " ".join((sys.modules[answer.__module__].__doc__ or "").split())
        yield f"| `{view}` | {said} |"
    yield ""


_PYTHON: Final = (
    "```python",
    "from ledger import Ledger",
    "",
    'with Ledger.open("sqlite:///cpod.db") as ledger:',
    '    answer = ledger.ask("packages", as_of="2025-09-30", known_at="2025-10-15", kind="all")',
    "```",
    "",
    "An answer is what `--format json` prints. These are the views:",
)

_COMMANDS_INTRODUCTION: Final = (
    "Results go to standard output, everything else to standard error. [Exit codes](errors.md) say",
    "how a command ended. `--format json` gives every answer whole; `ndjson` and `csv` give one of",
    "its lists. A table is made for the terminal that it is shown on; in a pipe nothing is cut.",
    "",
    "The ledger is the one that `--ledger URL` names, else `CPOD_LEDGER`, else `sqlite:///cpod.db`.",
    "Three slashes begin a path that is relative to the directory, four an absolute one.",
)


def _command_lines(command: click.Command, name: str, level: str = "###") -> Iterator[str]:
    help_text = _help(command, name)
    yield from (f"{level} `{name}`", "", "```text", help_text, "```", "")
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            yield from _command_lines(subcommand, f"{name} {subcommand.name}", f"{level}#")


def _help(command: click.Command, name: str) -> str:
    context = click.Context(
        command,
        info_name=name,
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        help_option_names=["-h", "--help"],
    )
    lines = (line.rstrip() for line in command.get_help(context).splitlines())
    return "\n".join(lines).strip("\n")
