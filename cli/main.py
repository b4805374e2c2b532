"""The entry point: `cpod`, its commands, and the one place that turns what happens into an exit."""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Final, NoReturn

import click

from cli.command import CommandGroup
from cli.errors import Terminated, explain, peek
from cli.language.wording import N_, _, choose, speak
from cli.options.parameters import PLACE, Option
from cli.options.shared import LANGUAGE, LEDGER
from cli.output import hush, prepare_streams, put
from cli.run.signals import Signals

# What else is installed has no part in how events are read, and is not searched for it
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

_OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000
"""Bulk work makes hardly any cycles, and looking for them as often as usual takes a fifth of it."""

RECORD: Final = N_("To record")
PROVE: Final = N_("To prove")
ASK: Final = N_("To ask")
CARE: Final = N_("To look after the ledger")

COMMANDS: Final[tuple[tuple[str, str], ...]] = (
    ("init", RECORD),
    ("ingest", RECORD),
    ("convert", RECORD),
    ("quarantine", RECORD),
    ("correct", RECORD),
    ("schema", RECORD),
    ("summary", ASK),
    ("packages", ASK),
    ("statement", ASK),
    ("explain", ASK),
    ("diff", ASK),
    ("trace", ASK),
    ("replay", ASK),
    ("export", ASK),
    ("cases", ASK),
    ("additional", ASK),
    ("engagements", ASK),
    ("credits", ASK),
    ("education", ASK),
    ("contacts", ASK),
    ("assessments", ASK),
    ("unplaced", ASK),
    ("contracts", ASK),
    ("workspaces", ASK),
    ("report", ASK),
    ("chart", ASK),
    ("history", ASK),
    ("access", CARE),
    ("seal", PROVE),
    ("prove", PROVE),
    ("verify", PROVE),
    ("key", PROVE),
    ("check", PROVE),
    ("status", CARE),
    ("rebuild", CARE),
    ("exports", CARE),
    ("backup", CARE),
    ("copy", CARE),
    ("erase", CARE),
)
"""Every command: a file of `cli/commands`, and the heading under which the help lists it."""


class _Cpod(CommandGroup):
    """The commands, each imported when it is asked for."""

    def headings(self, ctx: click.Context) -> dict[str, Sequence[str]]:
        del ctx
        return {
            heading: [name for name, its in COMMANDS if its == heading]
            for heading in dict.fromkeys(heading for _name, heading in COMMANDS)
        }

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [name for name, _heading in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"cli.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def bare(self, ctx: click.Context) -> str:
        """Return what this is, and how to begin."""
        del ctx
        lines = (
            _("cpod: what was bought, what was delivered, and what is left, for any two dates."),
            "",
            *(f"  {example}" for example in self.examples),
            "",
            _("cpod --help lists every command; cpod COMMAND --help explains one."),
        )
        return "\n".join(lines)


def _show_version(context: click.Context, parameter: click.Parameter, value: object) -> None:
    del parameter
    if value and not context.resilient_parsing:
        from cli.versions import versions_line

        put(versions_line() + "\n")
        context.exit()


cpod = _Cpod(
    name="cpod",
    context_settings={"help_option_names": ["-h", "--help"]},
    examples=(
        "cpod ingest --init deliveries.jsonl.gz",
        "cpod summary --workspace contoso-paris",
        "cpod packages --as-of 2025-09-30 --kind all",
        "cpod statement BASE-17 CREDITS --format csv",
    ),
    help=N_(
        "What support contracts hold, what was delivered on them, and what is left: every answer"
        " is for two dates, and can be made again."
    ),
    params=[
        LEDGER,
        LANGUAGE,
        Option(
            "--version",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            heading=PLACE,
            help=N_("Show the versions of cpod, Python, SQLite and the schemas, and leave."),
        ),
    ],
)


def run(argv: Sequence[str]) -> int:
    """Run one command line and return its exit code. Only a signal at its very end raises."""
    try:
        prepare_streams()
        speak(choose(peek(argv, "--lang")))
        if "_CPOD_COMPLETE" in os.environ:
            cpod.main(list(argv), prog_name="cpod")
        with cpod.make_context("cpod", list(argv)) as context:
            cpod.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        hush(sys.stdout)
    except Exception as error:
        return explain(error, argv)
    except (KeyboardInterrupt, Terminated) as stop:
        return explain(stop, argv)
    return 0


def main() -> NoReturn:
    """Run the command line of this process, and exit.

    All is closed and written by then. To take the interpreter apart would take as long again as
    many an answer, and that is left to the system.
    """
    os._exit(finished())


def finished() -> int:
    """Run the command line of this process to its end, and return the exit code."""
    from ledger.stop_signals import (
        HELD,  # late: a help that is only rendered needs none of the ledger
    )

    signals = Signals()
    HELD.set(signals.held)
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    argv = sys.argv[1:]
    try:
        code = run(argv)
        signals.leave(code)
    except (KeyboardInterrupt, Terminated) as stop:  # it came while the end was told
        code = explain(stop, argv)
        signals.leave(code)
    try:
        sys.stdout.flush()
    except OSError as error:
        hush(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            code = explain(error, argv)
    with suppress(OSError):
        sys.stderr.flush()
    signals.end()
    return code
