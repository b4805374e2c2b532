"""One suite for every backend: the same promises, and the same rows from the same inputs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from threading import Event as Signal
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Damaged, NoLedger
from ledger.storage.log import Head, HeldLine, Log, LogReader, NewEvent, NotUnique, RegisterRow
from ledger.storage.opening import create_log, open_log, open_reader

BACKENDS = ("memory", "sqlite")
_numbers = count(1)


class Clock:
    """A clock that shows what it is told, and goes on by itself by one second a look."""

    def __init__(self, now: int = 1_000 * 10**9) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 10**9
        return self.now


def randomness(size: int) -> bytes:
    return bytes(range(size))


@dataclass
class Place:
    """A place for one ledger on one backend."""

    url: str
    clock: Clock = field(default_factory=Clock)
    opened: list[LogReader] = field(default_factory=list)

    def create(self) -> Log:
        log = create_log(self.url, self.clock, randomness)
        self.opened.append(log)
        return log

    def open(self) -> Log:
        log = open_log(self.url, self.clock)
        self.opened.append(log)
        return log

    def reader(self) -> LogReader:
        reader = open_reader(self.url)
        self.opened.append(reader)
        return reader

    def close(self) -> None:
        for log in self.opened:
            log.close()


def url_of(backend: str, directory) -> str:
    number = next(_numbers)
    return f"memory:{number}" if backend == "memory" else f"sqlite:///{directory}/{number}.db"


@pytest.fixture(params=BACKENDS)
def place(request, tmp_path) -> Iterator[Place]:
    made = Place(url_of(request.param, tmp_path))
    yield made
    made.close()


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
        "homes": log.homes(["case:1", "case:2", "case:3"]),
        "quarantine": log.quarantine_rows(),
        "counts": log.quarantine_counts(),
        "register": log.register_rows(),
    }


def write_some(log: Log) -> None:
    """Some of everything, in three transactions."""
    with log.writing() as writer:
        writer.append([term("package:P", 1), fact("package:P", 2)])
        writer.hold("unknown-package", "a.jsonl", 7, "no package Q", b'{"q":1}', "package:Q")
        writer.append([fact("workspace:W", 1)])
        writer.settle({"case:1": "package:P", "case:2": "workspace:W"})
    with log.writing() as writer:
        writer.hold("bad-json", "b.jsonl", 1, "no json", b"\xff{")
        writer.register("quarantine-drop", {"numbers": [1], "by": "user:root"})
    with log.writing() as writer:
        writer.append([fact("package:P", 3)])
        writer.settle({"case:1": "workspace:W"})
        writer.release(1)


def test_a_new_ledger_is_empty(place):
    """A ledger that was just made has a name of its own, and nothing in it."""
    log = place.create()
    assert log.created
    assert log.ledger_id == randomness(16).hex()
    assert log.head() == Head(0, None)
    assert (log.read(0), log.terms(), log.streams(), log.quarantine_rows()) == ([], [], [], [])
    assert log.position_at(2**62) == 0
    assert log.url == place.url


def test_a_ledger_is_made_once(place):
    """Making it again opens what is there."""
    log = place.create()
    write_some(log)
    again = place.create()
    assert not again.created
    assert dump(again) == dump(log)


def test_there_is_no_ledger_before_it_is_made(place):
    """Nothing is made by opening."""
    with pytest.raises(NoLedger):
        place.reader()
    with pytest.raises(NoLedger):
        place.open()


def test_positions_are_dense_and_in_order(place):
    """Positions are 1, 2, 3... in the order of appending, across streams and transactions."""
    log = place.create()
    with log.writing() as writer:
        writer.append([fact("b", 1), fact("a", 1)])
        writer.append([fact("a", 2)])
    with log.writing() as writer:
        writer.append([])
    with log.writing() as writer:
        writer.append([fact("b", 2)])
    found = [(row.position, row.stream, row.version) for row in log.read(0)]
    assert found == [(1, "b", 1), (2, "a", 1), (3, "a", 2), (4, "b", 2)]
    assert log.head().position == 4


def test_a_transaction_has_one_stamp(place):
    """All that one transaction records bears one stamp, and append says which."""
    log = place.create()
    with log.writing() as writer:
        first = writer.append([fact("a", 1)])
        second = writer.append([fact("a", 2)])
        number = writer.register("note", {})
        held = writer.hold("bad-json", "f", 1, "r", b"x")
    assert first == second
    assert {row.recorded_at for row in log.read(0)} == {first}
    assert log.register_rows() == [RegisterRow(number, first, "note", {})]
    assert log.quarantine_row(held).received_at == first
    assert log.head() == Head(2, first)


@pytest.mark.parametrize("shown", [[50, 50, 50], [50, 20, 3], [50, 51, 10]])
def test_stamps_go_up_whatever_the_clock_does(place, shown):
    """A clock that stands still or goes back makes the stamp only just later."""
    clock = iter(shown)
    log = create_log(place.url, lambda: next(clock), randomness)
    place.opened.append(log)
    stamps = []
    for version in (1, 2, 3):
        with log.writing() as writer:
            stamps.append(writer.append([fact("a", version)]))
    assert stamps == [50, 51, 52]


def _fail(kind: type[BaseException]) -> None:
    raise kind


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_transaction_is_all_or_nothing(place, kind):
    """Whatever stops a transaction undoes all of it, and the next one is as if it never was."""
    log = place.create()
    write_some(log)
    before = dump(log)
    with pytest.raises(kind), log.writing() as writer:
        writer.append([term("package:P", 4), fact("new", 1)])
        writer.settle({"case:3": "new", "case:1": "new"})
        writer.hold("bad-json", "c", 1, "r", b"new")
        writer.hold("conflict", "c", 1, "r", b"\xff{")
        writer.release(2)
        writer.register("never", {})
        _fail(kind)
    assert dump(log) == before
    assert log.find(["s\x1fnew/1"]) == {}
    with log.writing() as writer:
        writer.append([fact("package:P", 4)])
    assert log.head().position == before["head"].position + 1


@pytest.mark.parametrize(
    "taken",
    [
        fact("other", 1, key="s\x1fa/1"),
        fact("a", 1, key="new"),
    ],
    ids=["key", "version"],
)
def test_keys_and_versions_are_unique(place, taken):
    """A key, or a version of a stream, is taken once; what tried to is undone, even if it hides."""
    log = place.create()
    with log.writing() as writer:
        writer.append([fact("a", 1)])
    before = dump(log)
    with pytest.raises(NotUnique), log.writing() as writer:
        writer.append([fact("b", 1), taken])
    with pytest.raises(NotUnique), log.writing() as writer:
        writer.append([fact("b", 1)])
        with pytest.raises(NotUnique):
            writer.append([taken])
    with pytest.raises(NotUnique), log.writing() as writer:
        writer.append([fact("c", 1), fact("c", 2, key="s\x1fc/1")])
    assert dump(log) == before


def test_a_writer_sees_what_it_wrote_and_readers_do_not(place):
    """Within the transaction its rows can be read; from outside, only once it is committed."""
    log = place.create()
    write_some(log)
    reader = place.reader()
    before = dump(reader)
    with log.writing() as writer:
        stamp = writer.append([term("package:P", 4), fact("new", 1)])
        writer.settle({"case:3": "new"})
        number = writer.hold("bad-json", "c", 1, "r", b"new")
        assert writer.head == before["head"]
        assert writer.tail == Head(6, stamp)
        assert [row.position for row in writer.read(4)] == [5, 6]
        assert [row.position for row in writer.at([6, 1])] == [6, 1]
        assert writer.find(["s\x1fnew/1", "?"]) == {"s\x1fnew/1": writer.read(5)[0]}
        assert [row.position for row in writer.terms("package:P")] == [1, 5]
        assert writer.versions(["package:P", "new", "none"]) == {
            "package:P": 4,
            "new": 1,
            "none": 0,
        }
        assert writer.homes(["case:3"]) == {"case:3": "new"}
        assert writer.quarantine_row(number).raw == b"new"
        assert writer.position_at(stamp) == 6
        assert dump(reader) == before
        assert reader.find(["s\x1fnew/1"]) == {}
        assert reader.versions(["package:P"]) == {"package:P": 3}
        assert reader.position_at(stamp) == 4
    assert reader.head() == Head(6, stamp)
    assert reader.find(["s\x1fnew/1", "s\x1fpackage:P/1"]) == {
        "s\x1fnew/1": 6,
        "s\x1fpackage:P/1": 1,
    }


def test_a_transaction_that_is_over_is_dead(place):
    """Nothing can be written or read through a writer whose block has ended."""
    log = place.create()
    with log.writing() as writer:
        writer.append([fact("a", 1)])
    for use in (
        lambda: writer.append([fact("a", 2)]),
        lambda: writer.read(0),
        lambda: writer.find(["k"]),
        lambda: writer.settle({"case:1": "a"}),
        lambda: writer.hold("bad-json", "c", 1, "r", b"x"),
        lambda: writer.release(1),
        lambda: writer.register("what", {}),
    ):
        with pytest.raises(RuntimeError, match="over"):
            use()


def test_reading_a_range(place):
    """A range is after the first and up to the last, at most so many, in order of position."""
    log = place.create()
    with log.writing() as writer:
        writer.append([fact("a", version) for version in range(1, 2_501)])
    assert [row.position for row in log.read(0, limit=2)] == [1, 2]
    assert [row.position for row in log.read(2, 4)] == [3, 4]
    assert [row.position for row in log.read(2, 4, 1)] == [3]
    assert [row.position for row in log.read(2_498)] == [2_499, 2_500]
    assert log.read(2_500) == []
    assert log.read(9_999) == []
    assert len(log.read(0)) == 2_500
    backwards = list(range(2_500, 0, -1))
    assert [row.position for row in log.at(backwards)] == backwards
    assert log.at([]) == []
    keys = [f"s\x1fa/{version}" for version in range(3_000)]
    assert log.find(keys) == {f"s\x1fa/{version}": version for version in range(1, 2_501)}


def test_a_position_that_is_not_there_is_damage(place):
    """Every position up to the head can be read; asking for another one is an error."""
    log = place.create()
    write_some(log)
    with pytest.raises(Damaged):
        log.at([5])


def test_streams_and_terms(place):
    """Streams are found by prefix, and the terms of one without its facts."""
    log = place.create()
    with log.writing() as writer:
        writer.append([fact("package:B", 1), term("package:A", 1), term("contract:K", 1)])
        writer.append([fact("package:A", 2), term("package:A", 3), fact("package:%_", 1)])
    assert log.streams() == ["contract:K", "package:%_", "package:A", "package:B"]
    assert log.streams("package:") == ["package:%_", "package:A", "package:B"]
    assert log.streams("package:A") == ["package:A"]
    assert log.streams("x") == []
    assert [row.version for row in log.stream("package:A")] == [1, 2, 3]
    assert [row.version for row in log.terms("package:A")] == [1, 3]
    assert [row.position for row in log.terms()] == [2, 3, 5]
    assert log.terms("package:B") == []


def test_the_position_at_an_instant(place):
    """The last position recorded at or before an instant is found, among equal stamps too."""
    log = place.create()
    stamps = []
    for version in range(1, 40, 3):
        with log.writing() as writer:
            stamps.append(writer.append([fact("a", version + more) for more in range(3)]))
    for number, stamp in enumerate(stamps):
        assert log.position_at(stamp) == 3 * (number + 1)
        assert log.position_at(stamp - 1) == 3 * number
    assert log.position_at(0) == 0


def test_the_same_bytes_wait_once(place):
    """A line held again keeps its number, file and line, and takes the new verdict."""
    log = place.create()
    with log.writing() as writer:
        first = writer.hold("unknown-package", "a", 1, "no P", b"line", "package:P")
        other = writer.hold("unknown-package", "a", 2, "no P", b"line ", "package:P")
        assert writer.hold("bad-period", "b", 9, "ends early", b"line") == first
    rows = log.quarantine_rows()
    assert [row[:7] for row in rows] == [
        (first, "bad-period", "a", 1, "ends early", b"line", None),
        (other, "unknown-package", "a", 2, "no P", b"line ", "package:P"),
    ]
    assert log.quarantine_counts() == {"bad-period": 1, "unknown-package": 1}
    assert log.quarantine_row(99) is None


def test_numbers_of_the_quarantine_are_not_used_again(place):
    """A line that was released and comes back has a new number; a rollback uses none up."""
    log = place.create()
    with log.writing() as writer:
        assert writer.hold("bad-json", "a", 1, "r", b"1") == 1
        writer.release(1)
        writer.release(77)
    with pytest.raises(ValueError, match=""), log.writing() as writer:
        writer.hold("bad-json", "a", 1, "r", b"2")
        _fail(ValueError)
    with log.writing() as writer:
        assert writer.hold("bad-json", "a", 1, "r", b"1") == 2
        assert writer.held([b"1", b"2"]) == {b"1": 2}


def test_what_lines_wait_for(place):
    """Lines are found by what they wait for, in the order in which they came."""
    log = place.create()
    with log.writing() as writer:
        assert (writer.awaited(), writer.held([b"1"])) == ([], {})
        for number, name in enumerate(["package:P", None, "contract:K", "package:P"]):
            writer.hold("unknown-package", "a", number, "r", b"%d" % number, name)
        assert writer.awaited() == ["contract:K", "package:P"]
        found = writer.waiting(["package:P", "contract:K", "workspace:W"])
        assert [held.number for held in found] == [1, 3, 4]
        assert all(isinstance(held, HeldLine) for held in found)
        assert [held.number for held in writer.waiting(["package:P"])] == [1, 4]
        assert writer.waiting([]) == []
    assert [row.number for row in log.quarantine_rows(after=1, limit=2)] == [2, 3]


def test_the_register_keeps_its_order(place):
    """Entries of the register are kept with what they say, numbered from 1."""
    log = place.create()
    for number in (1, 2):
        with log.writing() as writer:
            assert writer.register("drop", {"number": number, "why": "é\n", "raw": None}) == number
    assert [(row.number, row.what, row.detail) for row in log.register_rows()] == [
        (1, "drop", {"number": 1, "why": "é\n", "raw": None}),
        (2, "drop", {"number": 2, "why": "é\n", "raw": None}),
    ]


def test_it_is_all_there_when_opened_again(place):
    """What was written is there for whoever opens the ledger later, or at the same time."""
    log = place.create()
    write_some(log)
    assert dump(place.open()) == dump(log)
    assert dump(place.reader()) == dump(log)
    with place.open().writing() as writer:
        writer.append([fact("package:P", 4)])
    assert log.head().position == 5


def test_every_backend_holds_the_same(tmp_path):
    """The same inputs, clock and randomness make the same rows on every backend."""
    dumps = []
    for backend in BACKENDS:
        here = Place(url_of(backend, tmp_path))
        log = here.create()
        write_some(log)
        dumps.append(dump(log))
        here.close()
    assert dumps[0]["rows"]
    assert all(found == dumps[0] for found in dumps)


def test_readers_never_see_a_gap(place):
    """While four writers append, no reader sees a position below one that it has already seen."""
    log = place.create()
    done = Signal()
    broken: list[str] = []

    def write(name: str) -> None:
        for turn in range(25):
            with log.writing() as writer:
                last = writer.versions([name])[name]
                writer.append([fact(name, last + 1), fact(name, last + 2)])
                assert writer.versions([name])[name] == 2 * turn + 2

    def watch() -> None:
        reader = place.reader()
        seen = 0
        while not done.is_set() or seen < reader.head().position:
            rows = reader.read(seen)
            if [row.position for row in rows] != list(range(seen + 1, seen + 1 + len(rows))):
                broken.append(f"after {seen}: {rows}")
            head = reader.head()
            if rows and head.position < rows[-1].position:
                broken.append(f"{head} is behind {rows[-1]}")
            seen += len(rows)

    watchers = [Thread(target=watch) for _ in range(2)]
    writers = [Thread(target=write, args=(f"package:{number}",)) for number in range(4)]
    for thread in [*watchers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in watchers:
        thread.join()
    assert broken == []
    assert log.head().position == 200
    stamps = [row.recorded_at for row in log.read(0)]
    assert stamps[0::2] == stamps[1::2]
    assert stamps[0::2] == sorted(set(stamps))


Step = Callable[[Log], None]
_steps = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=4),
        st.lists(st.sampled_from([b"1", b"2", b"3"]), max_size=3),
        st.lists(st.integers(1, 6), max_size=2),
        st.booleans(),
    ),
    max_size=6,
)


def _apply(log: Log, steps) -> None:
    for events, lines, released, fails in steps:
        try:
            with log.writing() as writer:
                for stream, is_term in events:
                    version = writer.versions([stream])[stream] + 1
                    writer.append([(term if is_term else fact)(stream, version)])
                for line in lines:
                    writer.hold("bad-json", "f", len(lines), "r", line, f"package:{line!r}")
                for number in released:
                    writer.release(number)
                if fails:
                    _fail(ValueError)
        except ValueError:
            assert fails


@given(_steps)
def test_any_history_is_the_same_on_every_backend(tmp_path_factory, steps):
    """Whatever is written, released and undone, all backends end with the same."""
    directory = tmp_path_factory.mktemp("histories")
    dumps = []
    for backend in BACKENDS:
        here = Place(url_of(backend, directory))
        log = here.create()
        _apply(log, steps)
        dumps.append(dump(log))
        here.close()
    assert all(found == dumps[0] for found in dumps)
