"""Taking events in: the whole command, SQLite alone, the library by itself; and one at a time."""

import json
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from material import Material
from questions import CPOD

from ledger import Ledger
from ledger.storage.log import Log, NewEvent

_SINGLES = 200
_WHOLE_COMMANDS = 15

WITHOUT_TREE = (sys.executable, str(Path(__file__).with_name("without_tree.py")))
"""`cpod` as it would be if it hashed nothing."""

_AS_THE_LEDGER = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -98304",
    "PRAGMA wal_autocheckpoint = 8000",
)
"""The settings with which the ledger itself writes: the comparison gives SQLite the same ease."""


class Rates(NamedTuple):
    """Seconds of each repetition."""

    raw: list[float]
    command: list[float]
    raw_with_tree: list[float]
    without_tree: list[float]
    library: list[float]


@dataclass(frozen=True)
class Delivered(DomainEvent):
    """An event as the library would have it: typed by its class, its content as it was sent."""

    kind: str
    content: dict[str, Any]


def rates(
    found: Material, place: Path, batch: int, repetitions: int, budget_seconds: float
) -> Rates:
    """Return the seconds of ingesting the log in several ways, alternating.

    The ledger of the last command stays in the directory, for the questions.
    """
    ledger = place / "cpod.db"
    ingest_command(found, ledger, batch)
    table, rows = stored(ledger)
    nodes = hashes(ledger)
    measured = Rates([], [], [], [], [])
    begun = time.perf_counter()
    while len(measured.raw) < repetitions:
        if len(measured.raw) > 1 and time.perf_counter() - begun > budget_seconds:
            break
        raw = place / "raw.db"
        measured.raw.append(insert_rows(table, rows, raw, batch))
        measured.command.append(ingest_command(found, ledger, batch))
        measured.raw_with_tree.append(insert_rows(table, rows, raw, batch, nodes))
        other = place / "without.db"
        measured.without_tree.append(ingest_command(found, other, batch, WITHOUT_TREE))
        measured.library.append(save_by_the_library(rows, place / "library.db", batch))
    return measured


def ingest_command(found: Material, ledger: Path, batch: int, cpod: Sequence[str] = CPOD) -> float:
    """Return the seconds of `cpod ingest --init` of the log, from start to exit."""
    _remove(ledger)
    begun = time.perf_counter()
    command = [*cpod, "--ledger", f"sqlite:///{ledger}", "ingest", "--init", "--batch-size"]
    subprocess.run([*command, str(batch), str(found.path)], check=True, capture_output=True)
    return time.perf_counter() - begun


def stored(ledger: Path) -> tuple[str, list[tuple[Any, ...]]]:
    """Return the statement that made the table of events of a ledger, and all its rows."""
    with sqlite3.connect(ledger) as connection:
        (table,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'events'"
        ).fetchone()
        rows = connection.execute("SELECT * FROM events ORDER BY position").fetchall()
    connection.close()
    return table, rows


def hashes(ledger: Path) -> list[tuple[Any, ...]]:
    """Return the rows of hashes of a ledger, by position."""
    with sqlite3.connect(ledger) as connection:
        rows = connection.execute("SELECT * FROM nodes ORDER BY position").fetchall()
    connection.close()
    return rows


def insert_rows(
    table: str,
    rows: Sequence[Sequence[Any]],
    path: Path,
    batch: int,
    nodes: Sequence[Sequence[Any]] = (),
) -> float:
    """Return the seconds of putting rows in a table with its two unique indexes, until closed.

    With rows of hashes these go into a table of their own, in the same transactions.
    """
    connection, insert = _empty(table, path)
    connection.execute("CREATE TABLE nodes (position INTEGER PRIMARY KEY, hashes BLOB NOT NULL)")
    begun = time.perf_counter()
    for first in range(0, len(rows), batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert, rows[first : first + batch])
        pieces = [piece for piece in nodes if first < piece[0] <= first + batch]
        connection.executemany("INSERT INTO nodes VALUES (?, ?)", pieces)
        connection.execute("COMMIT")
    connection.close()
    return time.perf_counter() - begun


def _empty(table: str, path: Path) -> tuple[sqlite3.Connection, str]:
    _remove(path)
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in _AS_THE_LEDGER:
        connection.execute(setting)
    connection.execute(table)
    columns = len(connection.execute("PRAGMA table_info(events)").fetchall())
    return connection, f"INSERT INTO events VALUES ({', '.join('?' * columns)})"  # noqa: S608


def save_by_the_library(rows: Sequence[Sequence[Any]], path: Path, batch: int) -> float:
    """Return the seconds in which the library, as it comes, saves the same events in batches."""
    _remove(path)
    events = []
    for _position, stream, version, topic, state, *_rest in rows:
        sent = json.loads(state)
        at = datetime.fromisoformat(sent["time"])
        events.append(Delivered(uuid5(NAMESPACE_URL, stream), version, at, topic, sent))
    application: Application[Any] = Application(
        env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}
    )
    begun = time.perf_counter()
    for first in range(0, len(events), batch):
        application.save(*events[first : first + batch])
    application.close()
    return time.perf_counter() - begun


class Singles(NamedTuple):
    """Median seconds of one event, durable when the call returns."""

    raw: float
    """SQLite alone: one row, committed."""
    log: float
    """The log of the ledger: the event, its hash, its position, committed."""
    ingest: float
    """`Ledger.ingest` of a file of one line."""
    command: float
    """`cpod ingest` of that file, a whole process."""


def single_commits(found: Material, place: Path) -> Singles:
    """Return the seconds of one event, the ways taken in turn."""
    table, rows = stored(place / "cpod.db")
    path = place / "single.jsonl"
    for name in ("single.db", "log.db"):
        _remove(place / name)
    connection, insert = _empty(table, place / "raw.db")
    taken: tuple[list[float], ...] = ([], [], [], [])
    command = [*CPOD, "--ledger", f"sqlite:///{place / 'single.db'}", "ingest", str(path)]
    with (
        Ledger.create(f"sqlite:///{place / 'single.db'}") as ledger,
        Ledger.create(f"sqlite:///{place / 'log.db'}") as other,
    ):
        for number, (line, row) in enumerate(
            zip(islice(found.lines(), _SINGLES), rows, strict=False)
        ):
            path.write_bytes(line)
            _, stream, version, topic, state, _, key, _ = row
            event = NewEvent(stream, version, topic, state, key)
            taken[0].append(_seconds(lambda: _commit(connection, insert, row)))  # noqa: B023
            taken[1].append(_seconds(lambda: _append(other.log, event)))  # noqa: B023
            if number < _SINGLES - _WHOLE_COMMANDS:
                taken[2].append(_seconds(lambda: ledger.ingest([str(path)])))
            else:
                run = partial(subprocess.run, command, check=True, capture_output=True)
                taken[3].append(_seconds(run))
    connection.close()
    return Singles(*map(statistics.median, taken))


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _commit(connection: sqlite3.Connection, insert: str, row: Sequence[Any]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(insert, row)
    connection.execute("COMMIT")


def _append(log: Log, event: NewEvent) -> None:
    with log.writing() as writer:
        writer.append([event])


def _remove(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
