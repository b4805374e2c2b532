"""PostgreSQL: taking events in by the whole command, and what psycopg alone does with the rows.

The server is the one of the tests (or that of CPOD_TEST_POSTGRES), with every commit on the disk.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from intake import stored
from material import ROOT, Material
from questions import CPOD

from ledger import Ledger

sys.path.insert(0, str(ROOT / "tests"))

from postgres_server import PrivateServer, schema_url

_TABLE = (
    "CREATE TABLE events (position bigint PRIMARY KEY, originator_id text NOT NULL,"
    " originator_version bigint NOT NULL, topic text NOT NULL, state bytea NOT NULL,"
    " recorded_at bigint NOT NULL, event_key text NOT NULL UNIQUE, is_term smallint NOT NULL,"
    " UNIQUE (originator_id, originator_version))"
)
_INSERT = "INSERT INTO events VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"


class PostgresRates(NamedTuple):
    """Seconds of each repetition, and of making the books anew once."""

    command: list[float]
    raw: list[float]
    books: float


def postgres_rates(
    found: Material, place: Path, batch: int, repetitions: int, budget_seconds: float
) -> PostgresRates:
    """Return the seconds of ingesting the log, and of psycopg's executemany, alternating."""
    _, rows = stored(place / "cpod.db")
    command: list[float] = []
    raw: list[float] = []
    begun = time.perf_counter()
    with _server() as server:
        url = ""
        while len(raw) < repetitions:
            if len(raw) > 1 and time.perf_counter() - begun > budget_seconds:
                break
            raw.append(_insert_rows(server, rows, batch))
            url = schema_url(server)
            command.append(_ingest(found, url, batch))
        with Ledger.open(url) as ledger:
            begun = time.perf_counter()
            ledger.rebuild()
            return PostgresRates(command, raw, time.perf_counter() - begun)


@contextmanager
def _server() -> Iterator[str]:
    server = PrivateServer(durable=True)
    try:
        server.start()
        yield server.url
    finally:
        server.remove()


def _ingest(found: Material, url: str, batch: int) -> float:
    """Return the seconds of `cpod ingest --init` of the log, from start to exit."""
    begun = time.perf_counter()
    command = [*CPOD, "--ledger", url, "ingest", "--init", "--batch-size", str(batch)]
    subprocess.run([*command, str(found.path)], check=True, capture_output=True)
    return time.perf_counter() - begun


def _insert_rows(server: str, rows: Sequence[Sequence[Any]], batch: int) -> float:
    """Return the seconds of executemany into a table with the same two unique indexes."""
    with psycopg.connect(server) as connection:
        connection.execute("DROP TABLE IF EXISTS events")
        connection.execute(_TABLE.encode())
        connection.commit()
        begun = time.perf_counter()
        for first in range(0, len(rows), batch):
            with connection.cursor() as cursor:
                cursor.executemany(_INSERT, rows[first : first + batch])
            connection.commit()
        return time.perf_counter() - begun
