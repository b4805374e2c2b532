"""Ledgers for tests: where they are, what is written to them, and all that can be read of them."""

from dataclasses import dataclass, field
from itertools import count

from chance import Randomness
from postgres_server import schema_url

from ledger.proof.merkle import Tree
from ledger.storage.log import Log, LogReader, NewEvent, Writer
from ledger.storage.opening import create_log, open_log, open_reader
from ledger.storage.vault.rows import ERASED
from ledger.storage.vault.vault import digest_of
from ledger.storage.vault.writing import Persons

BACKENDS = ("memory", "sqlite", "postgres")
"""Every backend passes the conformance suite."""

_numbers = count(1)


class Clock:
    """A clock that shows what it is told, and goes on by itself by one second a look."""

    def __init__(self, now: int = 1_000 * 10**9) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 10**9
        return self.now


@dataclass
class Place:
    """A place for one ledger on one backend."""

    url: str
    clock: Clock = field(default_factory=Clock)
    randomness: Randomness = field(default_factory=Randomness)
    opened: list[LogReader] = field(default_factory=list)

    def create(self) -> Log:
        log = create_log(self.url, self.clock, self.randomness)
        self.opened.append(log)
        return log

    def open(self) -> Log:
        log = open_log(self.url, self.clock, randomness=self.randomness)
        self.opened.append(log)
        return log

    def reader(self) -> LogReader:
        reader = open_reader(self.url)
        self.opened.append(reader)
        return reader

    def close(self) -> None:
        for log in self.opened:
            log.close()


def url_of(backend: str, directory, server: str) -> str:
    """Return a new place; `server` is the URL of a database on PostgreSQL."""
    number = next(_numbers)
    match backend:
        case "memory":
            return f"memory:{number}"
        case "sqlite":
            return f"sqlite:///{directory}/{number}.db"
        case _:
            return schema_url(server)


def fact(stream: str, version: int, key: str | None = None) -> NewEvent:
    state = f'{{"at":"{stream}/{version}"}}'.encode()
    return NewEvent(stream, version, "case.closed", state, key or f"s\x1f{stream}/{version}")


def term(stream: str, version: int) -> NewEvent:
    return fact(stream, version)._replace(topic="package.amended")


def dump(log: LogReader) -> dict[str, object]:
    """Everything that can be read of a log."""
    rows = log.read(0)
    return {
        "ledger": log.ledger_id,
        "head": log.head(),
        "rows": rows,
        "terms": log.terms(),
        "streams": {name: log.stream(name) for name in log.streams()},
        "nodes": log.nodes([row.position for row in rows]),
        "root": Tree(log.nodes).root(len(rows)),
        "seals": log.seals(),
        "homes": log.homes(["case:1", "case:2", "case:3"]),
        "quarantine": log.quarantine_rows(),
        "counts": log.quarantine_counts(),
        "register": log.register_rows(),
        "vault": vault(log),
        "erasures": log.erasures(),
    }


def vault(log: LogReader) -> tuple[object, object]:
    """All that is kept of persons."""
    audit = log.audit()
    try:
        return list(audit.persons()), sorted(audit.texts())
    finally:
        audit.close()


def name_some(writer: Writer) -> None:
    """Let events name two persons, of whom one is erased."""
    persons = Persons(writer, set())
    held = (("ada", "ada"), ("ada", "Ada"), ("bob", "bob"))
    persons.accept(b'{"commitment":0},{"commitment":0},{"commitment":0}', held)
    persons.flush()
    digest = digest_of(writer.ledger_id, "ada")
    writer.erase(writer.persons([digest])[digest])
    writer.register(ERASED, {"person": 1})


def write_some(log: Log) -> None:
    """Some of everything, in three transactions."""
    with log.writing() as writer:
        writer.append([term("package:P", 1), fact("package:P", 2)])
        writer.hold("unknown-package", "a.jsonl", 7, "no package Q", b'{"q":1}', "package:Q")
        writer.append([fact("workspace:W", 1)])
        writer.settle({"case:1": "package:P", "case:2": "workspace:W"})
    with log.writing() as writer:
        writer.hold("bad-json", "b.jsonl", 1, "no json", b"\xff{")
        writer.seal(2, "a key", b"\xff a checkpoint")
        writer.register("quarantine-drop", {"numbers": [1], "by": "user:root"})
    with log.writing() as writer:
        writer.append([fact("package:P", 3)])
        writer.settle({"case:1": "workspace:W"})
        writer.release(1)
        name_some(writer)
