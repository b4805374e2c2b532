"""Taking events in: the whole command, SQLite alone, the library by itself; and one at a time."""

import json
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from material import Material
from questions import CPOD

from ledger import Ledger

_SINGLES = 200

_AS_THE_LEDGER = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -131072",
    "PRAGMA wal_autocheckpoint = 8000",
)
"""The settings with which the ledger itself writes: the comparison gives SQLite the same ease."""


class Rates(NamedTuple):
    """Seconds of each repetition."""

    command: list[float]
    raw: list[float]
    library: list[float]


@dataclass(frozen=True)
class Delivered(DomainEvent):
    """An event as the library would have it: typed by its class, its content as it was sent."""

    kind: str
    content: dict[str, Any]


def rates(
    found: Material, place: Path, batch: int, repetitions: int, budget_seconds: float
) -> Rates:
    """Return the seconds of ingesting the log three ways, alternating.

    The ledger of the last command stays in the directory, for the questions.
    """
    ledger = place / "cpod.db"
    ingest_command(found, ledger, batch)
    table, rows = stored(ledger)
    measured = Rates([], [], [])
    begun = time.perf_counter()
    while len(measured.raw) < repetitions:
        if len(measured.raw) > 1 and time.perf_counter() - begun > budget_seconds:
            break
        measured.raw.append(insert_rows(table, rows, place / "raw.db", batch))
        measured.command.append(ingest_command(found, ledger, batch))
        measured.library.append(save_by_the_library(rows, place / "library.db", batch))
    return measured


def ingest_command(found: Material, ledger: Path, batch: int) -> float:
    """Return the seconds of `cpod ingest --init` of the log, from start to exit."""
    _remove(ledger)
    begun = time.perf_counter()
    command = [*CPOD, "--ledger", f"sqlite:///{ledger}", "ingest", "--init", "--batch-size"]
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


def insert_rows(table: str, rows: Sequence[Sequence[Any]], path: Path, batch: int) -> float:
    """Return the seconds of putting rows in a table with its two unique indexes, until closed."""
    connection, insert = _empty(table, path)
    begun = time.perf_counter()
    for first in range(0, len(rows), batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert, rows[first : first + batch])
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


def single_commits(found: Material, place: Path) -> tuple[float, float]:
    """Return the median seconds of one event, durable: by the ledger, and by SQLite alone."""
    table, rows = stored(place / "cpod.db")
    lines = list(islice(found.lines(), _SINGLES))
    path = place / "single.jsonl"
    ours, raw = [], []
    _remove(place / "single.db")
    connection, insert = _empty(table, place / "raw.db")
    with Ledger.create(f"sqlite:///{place / 'single.db'}") as ledger:
        for line, row in zip(lines, rows, strict=False):
            path.write_bytes(line)
            ours.append(_seconds_of_ingest(ledger, path))
            begun = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(insert, row)
            connection.execute("COMMIT")
            raw.append(time.perf_counter() - begun)
    connection.close()
    return statistics.median(ours), statistics.median(raw)


def _seconds_of_ingest(ledger: Ledger, path: Path) -> float:
    begun = time.perf_counter()
    ledger.ingest([str(path)])
    return time.perf_counter() - begun


def _remove(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
