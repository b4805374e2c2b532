"""What many processes do to one ledger at once; each function is the life of one of them."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from cli.options.keys import signing_key
from ledger import Ledger
from ledger.storage.log import Log, Writer
from ledger.storage.opening import open_reader

STOP = "stop"
"""The file whose appearance ends those who would go on for ever."""


def _until(folder: str) -> Iterator[int]:
    """Count, until the file is there; and once more after that."""
    rounds = 0
    while not Path(folder, STOP).exists():
        yield rounds
        rounds += 1
    yield rounds


def tail(url: str, folder: str, seed: int) -> dict[str, Any]:
    """Follow the log: every position is seen, in order, and none appears below one seen before."""
    chance = random.Random(seed)
    seen, stamp, rounds, reader = 0, 0, 0, open_reader(url)
    for rounds in _until(folder):  # noqa: B007 - its last value is told
        if chance.random() < 0.05:
            reader.close()
            reader = open_reader(url)
        head = reader.head()
        assert head.position >= seen, f"the head goes back from {seen} to {head.position}"
        rows = reader.read(seen, limit=chance.choice((1, 10, 10_000)))
        expected = list(range(seen + 1, seen + 1 + len(rows)))
        assert [row.position for row in rows] == expected, f"not dense after {seen}"
        for row in rows:
            assert row.recorded_at >= stamp, f"{row.position} was recorded before the one before"
            stamp = row.recorded_at
        seen += len(rows)
    while rows := reader.read(seen):
        seen += len(rows)
    assert seen == reader.head().position
    reader.close()
    return {"seen": seen, "rounds": rounds}


def send(url: str, path: str, batch: int) -> dict[str, Any]:
    """Ingest a file, and tell how long each transaction has waited for its turn (seconds)."""
    waits: list[float] = []
    with Ledger.open(url) as ledger:
        _measure(ledger.log, waits)
        receipt = ledger.ingest([path], batch_size=batch)
    counted = {name: getattr(receipt, name) for name in ("read", "appended", "duplicates")}
    return {**counted, "refused": receipt.refused, "waits": waits}


def _measure(log: Log, waits: list[float]) -> None:
    writing: Callable[[], Any] = log.writing

    @contextmanager
    def measured() -> Iterator[Writer]:
        began = time.monotonic()
        with writing() as writer:
            waits.append(time.monotonic() - began)
            yield writer

    log.writing = measured  # type: ignore[method-assign]


def ask(url: str, folder: str, seed: int) -> dict[str, Any]:
    """Ask what was consumed: it is what the log has up to the position of the answer, each time."""
    chance, longest, rounds, position = random.Random(seed), 0.0, 0, 0
    for rounds in _until(folder):  # noqa: B007
        began = time.monotonic()
        with Ledger.open(url) as ledger:
            answer = ledger.ask("packages", kind="all", as_of="2025-12-31")
        longest = max(longest, time.monotonic() - began)
        assert answer["position"] >= position, "an answer knows less than one before"
        position = answer["position"]
        with closing(open_reader(url)) as reader:
            rows = reader.read(0, position, limit=10**6)
        spent = sum(row.topic == "credit.consumed" for row in rows)
        for package in answer["packages"]:
            if package["package"] == "crash-P":
                consumed = package["consumables"][0]["consumed"]
                assert float(consumed) * 10 == spent, f"{consumed} at {position}: {spent} were"
        time.sleep(chance.random() * 0.05)
    return {"rounds": rounds, "longest": longest}


def rebuild(url: str, folder: str, seed: int) -> dict[str, Any]:
    """Make the books anew, again and again."""
    chance, rounds = random.Random(seed), 0
    for rounds in _until(folder):  # noqa: B007
        with Ledger.open(url) as ledger:
            ledger.rebuild()
        time.sleep(chance.random() * 0.2)
    return {"rounds": rounds}


def retry(url: str, folder: str, seed: int) -> dict[str, Any]:
    """Try what waits, again and again."""
    chance, rounds, appended = random.Random(seed), 0, 0
    for rounds in _until(folder):  # noqa: B007
        with Ledger.open(url) as ledger:
            appended += ledger.quarantine_retry().answer()["appended"]
        time.sleep(chance.random() * 0.1)
    return {"rounds": rounds, "appended": appended}


def seal(url: str, folder: str, seed: int) -> dict[str, Any]:
    """Seal what there is, again and again."""
    chance, rounds, sizes = random.Random(seed), 0, []
    key = signing_key(str(Path(folder, "key")))
    for rounds in _until(folder):  # noqa: B007
        with Ledger.open(url) as ledger:
            sizes.append(ledger.seal(key).size)
        time.sleep(chance.random() * 0.1)
    assert sizes == sorted(sizes)
    return {"rounds": rounds}


def check(url: str, folder: str, seed: int) -> dict[str, Any]:
    """Check the ledger and its books, again and again: what others do meanwhile is no damage."""
    chance, rounds = random.Random(seed), 0
    for rounds in _until(folder):  # noqa: B007
        with Ledger.open(url) as ledger:
            found = ledger.check(books=True)
            assert found["ok"], found["damage"]
            assert ledger.rebuild(check=True)["differences"] == []
        time.sleep(chance.random() * 0.1)
    return {"rounds": rounds}
