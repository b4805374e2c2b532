"""The commands as a whole: their list, their help, and what starting costs."""

import json
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

import cli
from cli.command import Command, CommandGroup
from cli.main import COMMANDS
from cli.main import cpod as root

ROOT = Path(cli.__file__).parents[1]
HEAVY = {"babel", "eventsourcing", "jiter", "ledger", "pydantic", "rich", "sqlalchemy", "sqlite3"}


def every_command(group: click.Group = root, path: str = "cpod") -> list[tuple[str, click.Command]]:
    """Return every command and group, with the words that call it."""
    context = click.Context(group)
    found: list[tuple[str, click.Command]] = [(path, group)]
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found += every_command(command, f"{path} {name}")
        else:
            found.append((f"{path} {name}", command))
    return found


ALL = every_command()


def test_the_tuple_of_commands_is_the_folder_of_commands():
    files = {path.stem for path in (ROOT / "cli" / "commands").glob("*.py")} - {"__init__"}
    assert files == {name for name, _heading in COMMANDS}
    assert len(COMMANDS) == len(files)


@pytest.mark.parametrize("path,command", ALL, ids=[path for path, _ in ALL])
def test_every_help_begins_with_an_example_of_that_command(cpod, path, command):
    words = path.split()[1:]
    long, short = cpod(*words, "--help"), cpod(*words, "-h")
    assert long == short
    assert long.exit == 0
    assert long.out.startswith("Example")
    assert isinstance(command, Command | CommandGroup)
    assert command.examples
    assert all("cpod" in example for example in command.examples)
    assert any(path in example for example in command.examples)
    assert long.out.index(command.examples[0]) < long.out.index("Usage:")


@pytest.mark.parametrize("path,command", ALL, ids=[path for path, _ in ALL])
def test_every_option_explains_itself(path, command):
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.opts}"


def parses(words: list[str], group: click.Group = root) -> bool:
    """Return whether words after the name of a group are a command line that it takes."""
    command = group.get_command(click.Context(group), words[0])
    assert command is not None, words
    if isinstance(command, click.Group):
        return parses(words[1:], command)
    command.make_context(words[0], words[1:])
    return True


@pytest.mark.parametrize("path,command", ALL, ids=[path for path, _ in ALL])
def test_every_example_is_a_command_line_that_parses(path, command):
    for example in command.examples:
        call = example[example.index("cpod") :].partition(" > ")[0]
        words = shlex.split(call)[1:]
        assert not words or parses(words), f"{path}: {example}"


def test_cpod_alone_shows_a_short_help_and_all_is_well(cpod):
    ran = cpod()
    assert (ran.exit, ran.err) == (0, "")
    assert "cpod ingest --init" in ran.out
    assert len(ran.out.splitlines()) < 12


def test_a_group_alone_shows_its_help_and_all_is_well(cpod):
    ran = cpod("quarantine")
    assert (ran.exit, ran.err) == (0, "")
    assert "retry" in ran.out


def test_the_version_names_all_that_matters_and_is_that_of_the_package(cpod):
    ran = cpod("--version")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert cli.__version__ == version
    assert ran.exit == 0
    for part in (f"cpod {version}", "Python 3.", "SQLite 3.", "ledger schema", "books schema"):
        assert part in ran.out


@pytest.mark.parametrize("words", [["--help"], [], ["packages", "--help"], ["ingest", "-h"]])
def test_help_loads_nothing_that_is_heavy(words):
    script = (
        "import sys; from cli.main import run; code = run(sys.argv[1:]);"
        f" loaded = {HEAVY!r} & {{name.split('.')[0] for name in sys.modules}};"
        " print(sorted(loaded), file=sys.stderr); sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stderr == "[]\n"


def loaded_by(command, place):
    """The modules that a command has loaded when it ends, in a ledger of one fact."""
    script = (
        "import sys; from cli.main import run;"
        " assert run(['--ledger', 'sqlite:///a.db', *sys.argv[1:]]) == 0;"
        " print(*sorted(sys.modules))"
    )
    fact = {"case": "C", "workspace": "W", "title": "t", "support_type": "reactive"}
    event = {"specversion": "1.0", "id": "e", "source": "s", "type": "case.opened", "data": fact}
    (place / "fact.json").write_text(json.dumps({**event, "time": "2025-01-01T00:00:00Z"}))
    for words in (["init"], command):
        ran = subprocess.run(
            [sys.executable, "-c", script, *words],
            cwd=place,
            env={"PYTHONPATH": str(ROOT), "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
    return ran.stdout.splitlines()[-1].split()


def test_a_question_loads_nothing_that_only_writing_needs(tmp_path):
    loaded = {name.partition(".")[0] for name in loaded_by(["packages"], tmp_path)}
    assert not loaded & {"eventsourcing", "sqlalchemy", "rich", "babel"}


def test_an_ingest_loads_no_books_and_no_views(tmp_path):
    loaded = loaded_by(["ingest", "fact.json"], tmp_path)
    assert "ledger.commands.ingest.ingest" in loaded
    assert not {"ledger.projections.books.books", "ledger.projections.ask"} & set(loaded)
