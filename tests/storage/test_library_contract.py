"""The recorders pass the tests that the library ships for recorders, and its repository works."""

import sys
import threading
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import pytest
from eventsourcing.persistence import ApplicationRecorder

from ledger.errors import Damaged
from ledger.storage.application import LedgerApplication, StreamEvent
from ledger.storage.codec import Codec
from ledger.storage.log import NewEvent
from ledger.storage.memory.recorder import MemoryRecorder
from ledger.storage.postgres.log import create_postgres
from ledger.storage.postgres.recorder import LedgerDatastore as PostgresLedgerDatastore
from ledger.storage.postgres.recorder import PostgresRecorder
from ledger.storage.sqlite.log import create_sqlite
from ledger.storage.sqlite.recorder import LedgerDatastore, SqliteRecorder
from ledger.storage.urls import PostgresUrl, parse_url

# The library's tests of recorders stand beside its tests of ciphers, which need a package more.
_no_ciphers = ModuleType("eventsourcing.cipher")
_no_ciphers.AESCipher = None  # type: ignore[attr-defined]
sys.modules.setdefault("eventsourcing.cipher", _no_ciphers)

from eventsourcing.tests.persistence import (  # noqa: E402
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
    RecorderTestCase,
)

_names = count(1)


def _never(topic: str) -> bool:
    return False


def _clock_of_one_instant() -> int:
    return 1_000


def _let_readers_end() -> None:
    """The library's tests leave threads behind that still read: the file is closed after them."""
    for thread in threading.enumerate():
        if "read_continuously" in thread.name:
            thread.join(timeout=30)


class _TextIds(RecorderTestCase):
    def new_originator_id(self) -> str:
        return f"package:P{next(_names)}"


class _OnMemory(_TextIds):
    def create_recorder(self) -> ApplicationRecorder:
        return MemoryRecorder(_clock_of_one_instant, _never)


class _OnSqlite(_TextIds):
    def create_recorder(self) -> ApplicationRecorder:
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        path = str(Path(directory.name, "ledger.db"))
        create_sqlite(path, bytes)
        datastore = LedgerDatastore(path)
        self.addCleanup(datastore.close)
        self.addCleanup(_let_readers_end)
        return SqliteRecorder(datastore, _clock_of_one_instant, _never)


@pytest.fixture
def _schema(request, postgres_url):
    request.cls.url = _made(postgres_url)


def _made(url: str) -> PostgresUrl:
    where = parse_url(url)
    assert isinstance(where, PostgresUrl)
    create_postgres(where, bytes)
    return where


@pytest.mark.usefixtures("_schema")
class _OnPostgres(_TextIds):
    def create_recorder(self) -> ApplicationRecorder:
        datastore = PostgresLedgerDatastore(self.url)
        self.addCleanup(datastore.close)
        self.addCleanup(_let_readers_end)
        return PostgresRecorder(datastore, _clock_of_one_instant, _never)


class TestMemoryRecorder(_OnMemory, ApplicationRecorderTestCase[ApplicationRecorder]):
    """The recorder in memory passes the library's tests of application recorders."""


class TestSqliteRecorder(_OnSqlite, ApplicationRecorderTestCase[ApplicationRecorder]):
    """The recorder on SQLite passes the library's tests of application recorders."""


class TestPostgresRecorder(_OnPostgres, ApplicationRecorderTestCase[ApplicationRecorder]):
    """The recorder on PostgreSQL passes the library's tests of application recorders."""


class TestMemoryPositions(_OnMemory, NonInterleavingNotificationIDsBaseCase):
    """Two batches at once do not interleave in memory."""


class TestSqlitePositions(_OnSqlite, NonInterleavingNotificationIDsBaseCase):
    """Two batches at once do not interleave on SQLite."""


class TestPostgresPositions(_OnPostgres, NonInterleavingNotificationIDsBaseCase):
    """Two batches at once do not interleave on PostgreSQL."""


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def application(request, tmp_path) -> Iterable[LedgerApplication]:
    codec = Codec()
    if request.param == "memory":
        recorder = MemoryRecorder(_clock_of_one_instant, codec.is_term)
    elif request.param == "postgres":
        datastore = PostgresLedgerDatastore(_made(request.getfixturevalue("postgres_url")))
        recorder = PostgresRecorder(datastore, _clock_of_one_instant, codec.is_term)
    else:
        recorder = _in_a_file(tmp_path, codec)
    with LedgerApplication(recorder, codec) as opened:
        yield opened


def _in_a_file(directory: Path, codec: Codec) -> SqliteRecorder:
    path = str(directory / "ledger.db")
    create_sqlite(path, bytes)
    return SqliteRecorder(LedgerDatastore(path), _clock_of_one_instant, codec.is_term)


def _state(name: str) -> bytes:
    golden = Path(__file__).with_name("golden") / "events.jsonl"
    return next(
        line for line in golden.read_bytes().splitlines() if f'"id":"{name}"'.encode() in line
    )


def _put(application: LedgerApplication, stream: str, *names: str) -> None:
    application.events.put(
        [NewEvent(stream, at, name, _state(name), name) for at, name in enumerate(names, 1)]
    )


def test_the_repository_folds_a_stream(application):
    """A stream comes back through the library's repository, whole or up to a version."""

    def names(folded: list[str] | None, events: Iterable[StreamEvent]) -> list[str] | None:
        return [*(folded or []), *(event.event.type_name for event in events)] or None

    _put(application, "contract:K-1", "contract.signed", "contract.amended", "contract.terminated")
    _put(application, "package:P", "package.purchased")
    folded = application.repository.get("contract:K-1", projector_func=names)
    assert folded == ["contract.signed", "contract.amended", "contract.terminated"]
    early = application.repository.get("contract:K-1", version=1, projector_func=names)
    assert early == ["contract.signed"]


def test_the_notification_log_gives_events_by_position(application):
    """The library's notification log sees the positions, the type names and the stored bytes."""
    _put(application, "contract:K-1", "contract.signed", "contract.amended")
    found = application.notification_log.select(start=1, limit=10)
    assert [(event.id, event.topic, event.state) for event in found] == [
        (1, "contract.signed", _state("contract.signed")),
        (2, "contract.amended", _state("contract.amended")),
    ]


def test_what_comes_out_of_the_library_is_judged_again(application):
    """Bytes that the codec would not write are damage, also through the library."""
    application.events.put([NewEvent("contract:K-1", 1, "contract.signed", b"{}", "key")])
    with pytest.raises(Damaged):
        list(application.events.get("contract:K-1"))


def test_the_environment_has_no_say(tmp_path, monkeypatch):
    """What the library would read from the environment changes nothing of what is stored."""
    monkeypatch.setenv("COMPRESSOR_TOPIC", "eventsourcing.compressor:ZlibCompressor")
    monkeypatch.setenv("IS_SNAPSHOTTING_ENABLED", "y")
    codec = Codec()
    with LedgerApplication(_in_a_file(tmp_path, codec), codec) as opened:
        _put(opened, "contract:K-1", "contract.signed")
        assert opened.snapshots is None
        assert opened.notification_log.select(1, 1)[0].state == _state("contract.signed")
