"""Answers to files: in which form, into which files, and how that is put on the register."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from cli.language.wording import _, plural
from cli.output import is_terminal, put_bytes, tell
from cli.render.layout import Answer, Layout

if TYPE_CHECKING:
    from ledger.ledger import Ledger

ENDINGS: Final = {
    ".txt": "table",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
    ".html": "html",
    ".htm": "html",
    ".md": "md",
}
"""The format that the ending of a file means."""

BINARY: Final = frozenset({"xlsx", "parquet", "pdf"})
"""Formats that no terminal can show."""

_STREAMED: Final = frozenset({"table", "json", "ndjson", "csv"})
"""Formats that `cli.render.show` writes to standard output as they come."""


class Target(NamedTuple):
    """Where an answer goes, and how."""

    form: str
    file: Path | None
    """None is standard output."""
    section: str | None

    @property
    def single(self) -> bool:
        """Whether it is one stream, with no room for a file beside it: a device, or a pipe."""
        return self.file is None or (self.file.exists() and not self.file.is_file())

    @property
    def streamed(self) -> bool:
        """Whether it is written to standard output as it comes, and nothing is kept of it."""
        return self.file is None and self.form in _STREAMED


class Part(NamedTuple):
    """The content of one file."""

    name: str
    """What tells it from the other files of the same answer; empty where it is the only one."""
    content: bytes
    rows: int


def chosen_form(form: str, file: str | None, endings: Mapping[str, str] = ENDINGS) -> str:
    """Return the format: the one of --format, else what the file's name ends in, else the default.

    Raises click.UsageError where the ending says none.
    """
    source = click.get_current_context().get_parameter_source("form")
    given = source is click.core.ParameterSource.COMMANDLINE
    if file is None or file == "-" or given:
        return form
    ending = Path(file).suffix.lower()
    if ending in endings:
        return endings[ending]
    raise click.UsageError(
        _("{file}: the ending says no format; give --format, or one of {endings}").format(
            file=file, endings=" ".join(endings)
        )
    )


def target_of(form: str, file: str | None, section: str | None) -> Target:
    """Return where an answer goes. Raises click.UsageError where it cannot go there."""
    chosen = chosen_form(form, file)
    if chosen == "json" and section is not None:
        raise click.UsageError(_("--section is not for json: it holds every section"))
    path = None if file in {None, "-"} else Path(str(file))
    check_place(chosen, path)
    return Target(chosen, path, section)


def check_place(form: str, file: Path | None) -> None:
    """Refuse a terminal for what no terminal can show, and a directory. Raises click.UsageError."""
    import sys

    if file is None:
        if form in BINARY and is_terminal(sys.stdout):
            raise click.UsageError(
                _("{format} is not for a terminal: name a file with -o, or send it to one").format(
                    format=form
                )
            )
    elif file.is_dir():
        raise click.UsageError(_("{file} is a directory: name a file").format(file=file))
    elif not file.absolute().parent.is_dir():
        raise click.UsageError(
            _("{file}: there is no such directory").format(file=file.absolute().parent)
        )


def export(
    ledger: "Ledger", view: str, answer: Answer, layout: Layout, target: Target, given: Answer
) -> None:
    """Write an answer to its file or files, on the register, or to standard output."""
    from cli.documents.parts import parts_of

    parts = list(parts_of(view, answer, layout, target, given))
    if target.file is None:
        put_bytes(parts[0].content)
        return
    deliver(ledger, view, answer, given, target.form, target.file, parts)


def deliver(
    ledger: "Ledger",
    view: str,
    answer: Answer,
    given: Answer,
    form: str,
    file: Path,
    parts: Sequence[Part],
) -> None:
    """Write the parts of an answer to files, each on the register before it is there.

    A ledger that cannot be written is no reason to withhold the answer: that it is not on the
    register is said on standard error.
    """
    from cli.atomic import write_files

    files = {_named(file, part.name): part for part in parts}

    def registered() -> None:
        from ledger.errors import LedgerTrouble

        entries = [_entry(view, answer, given, form, path, part) for path, part in files.items()]
        try:
            ledger.register_exports(entries)
        except LedgerTrouble as trouble:
            tell(_("cpod: this export is not on the register: {reason}").format(reason=trouble))

    write_files({path: part.content for path, part in files.items()}, registered)
    for path, part in files.items():
        rows = plural("{count} row", "{count} rows", part.rows)
        tell(_("cpod: wrote {file} ({rows})").format(file=path, rows=rows))


def _named(file: Path, name: str) -> Path:
    """Return the name of one file of several: NAME.csv becomes NAME.SECTION.csv."""
    return file.with_name(f"{file.stem}.{name}{file.suffix}") if name else file


def _entry(
    view: str, answer: Answer, given: Answer, form: str, file: Path, part: Part
) -> dict[str, object]:
    """Return what the register says of one file."""
    apart = {"viewer", "as_of", "known_at"}
    return {
        "viewer": given.get("viewer"),
        "view": view,
        "section": part.name or None,
        "filters": {key: value for key, value in given.items() if key not in apart},
        "as_of": answer.get("as_of"),
        "known_at": answer.get("known_at"),
        "position": answer.get("position"),
        "format": form,
        "file": str(file),
        "rows": part.rows,
        "bytes": len(part.content),
        "sha256": sha256(part.content).hexdigest(),
    }
