"""The aftermath: what has to hold of a ledger after whatever happened to those who used it."""

import json
import sqlite3
import stat
from collections.abc import Collection
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from comparing import ask_oracle, differences
from lines import PERSON, Event
from oracle import Oracle
from playing import ask_everything, but_for_positions, records

from cli.options.keys import signing_key
from ledger import Ledger
from ledger.commands.sources.inbox import RECEIPT

DATES = ("2025-03-31", "2150-12-31")
BESIDE = ("", "-wal", "-shm", "-books", "-books-wal", "-books-shm", "-books-lock")


def content(url: str) -> dict[str, Any]:
    """Return what a ledger comes to, but for positions and stamps: events, what waits, answers."""
    with Ledger.open(url) as ledger:
        rows = ledger.log.read(0, limit=10**6)
        held = ledger.quarantine_list()["rows"]
        return {
            "events": sorted(f"{ledger.codec.recorded(row).event!r}" for row in rows),
            "held": sorted((row["raw"], row["code"]) for row in held),
            "answers": [but_for_positions(ask_everything(ledger, date)) for date in DATES],
        }


def assert_sound(url: str, *, books: bool = True) -> int:
    """Let a ledger check itself, and return its last position."""
    with Ledger.open(url) as ledger:
        found = ledger.check(books=books)
        assert found["ok"], found["damage"]
        return ledger.position


def assert_answers_are_the_oracles(url: str, events: list[Event]) -> None:
    """Ask everything of what a ledger holds, and compare with a second computation."""
    with Ledger.open(url) as ledger:
        oracle = Oracle(records(ledger, events))
        for date in DATES:
            expected = ask_oracle(oracle, date)
            found = differences(expected, ask_everything(ledger, date))
            assert not found, found[:5]


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare what two ledgers come to, part by part."""
    for part, value in expected.items():
        assert found[part] == value, f"{part} is another"


def left_over(place: Path, ledger: str, *, known: frozenset[str] = frozenset()) -> list[str]:
    """Return the files beside a ledger that are nobody's."""
    ours = {f"{ledger}{suffix}" for suffix in BESIDE} | known
    return sorted(file.name for file in place.iterdir() if file.name not in ours)


def rows_in_files(place: Path, ledger: str) -> bytes:
    """Return a digest of every row of a ledger in a file, and of its books."""
    digest = sha256()
    for name in (ledger, f"{ledger}-books"):
        if (place / name).exists():
            with closing(sqlite3.connect(place / name)) as file:
                for line in file.iterdump():
                    digest.update(line.encode("utf-8", "surrogateescape"))
        digest.update(b"\0")
    return digest.digest()


def names_in_files(place: Path) -> list[str]:
    """Return the files in which the name of a person stands, who was erased."""
    return sorted(
        file.name
        for file in place.iterdir()
        if file.is_file() and PERSON.encode() in file.read_bytes()
    )


def assert_secret(file: Path) -> None:
    """See that a signing key is whole, and its owner's alone."""
    assert signing_key(str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def under_way(url: str) -> list[str]:
    """Return the files in which an ingest was stopped."""
    with Ledger.open(url) as ledger:
        return [kept.file for kept in ledger.log.intakes()]


def assert_nobody_is_named(url: str) -> None:
    """Once the erasure of a person is recorded, no answer has the name, whatever the books hold."""
    with Ledger.open(url) as ledger:
        answers = json.dumps([ask_everything(ledger, date) for date in DATES])
        assert (PERSON in answers) == (ledger.log.erasures() == 0)


def assert_moved(inbox: Path, sent: Collection[bytes]) -> None:
    """See that each file of a directory is in `done` or `failed`, once, with its receipt there."""
    done = list((inbox / "done").iterdir())
    failed = [file for file in (inbox / "failed").iterdir() if not file.name.endswith(RECEIPT)]
    assert sorted(file.name for file in inbox.iterdir()) == ["done", "failed"]
    assert sorted(file.read_bytes() for file in [*done, *failed]) == sorted(sent)
    assert failed
    for file in failed:
        kept = json.loads(file.with_name(file.name + RECEIPT).read_bytes())
        assert kept["refused"] + kept["refused_before"]


def receipt(out: str) -> dict[str, Any]:
    """Return the receipt that `ingest --format json` has printed."""
    return dict(json.loads(out))


def seals(url: str) -> list[int]:
    """Return the sizes of the seals of a ledger."""
    with Ledger.open(url) as ledger, closing(ledger.log.audit()):
        return [seal.size for seal in ledger.log.seals()]
