"""One suite for every backend: all or nothing, seen once committed, and the same everywhere."""

from threading import Event as Signal
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import BACKENDS, Place, dump, fact, term, url_of, write_some

from ledger.storage.log import Head, Log


def _fail(kind: type[BaseException]) -> None:
    raise kind


def _write_and_fail(log: Log, kind: type[BaseException]) -> None:
    with log.writing() as writer:
        writer.append([term("package:P", 4), fact("new", 1)])
        writer.settle({"case:3": "new", "case:1": "new"})
        writer.hold("bad-json", "c", 1, "r", b"new")
        writer.hold("conflict", "c", 1, "r", b"\xff{")
        writer.release(2)
        writer.seal(3, "a key", b"never")
        writer.register("never", {})
        _fail(kind)


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_transaction_is_all_or_nothing(place, kind):
    """Whatever stops a transaction undoes all of it, and the next one is as if it never was."""
    log = place.create()
    write_some(log)
    before = dump(log)
    with pytest.raises(kind):
        _write_and_fail(log, kind)
    assert dump(log) == before
    assert log.find(["s\x1fnew/1"]) == {}
    with log.writing() as writer:
        writer.append([fact("package:P", 4)])
    assert log.head().position == before["head"].position + 1


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


def test_a_name_that_cannot_be_is_unknown_and_hides_no_other(place):
    """What holds characters that no id has is found nowhere, whatever stands beside it."""
    log = place.create()
    write_some(log)
    with log.writing() as writer:
        writer.append([fact("new", 1)])
        writer.settle({"case:3": "new", "case:4": "new"})
        for odd in ("s\x1fnew/1\x1e", "\x1e", "a\x1es\x1fnew/1", "\x1ecase:3\x1e"):
            assert writer.find([odd]) == {}
            assert writer.find([odd, "s\x1fnew/1"]) == {"s\x1fnew/1": writer.read(4)[0]}
            assert writer.homes([odd]) == {}
            assert writer.homes([odd, "case:3"]) == {"case:3": "new"}
        assert writer.find([]) == writer.homes([]) == {}
        assert writer.homes(["case:3", "case:4"]) == {"case:3": "new", "case:4": "new"}


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


def test_every_backend_holds_the_same(tmp_path, postgres_server):
    """The same inputs, clock and randomness make the same rows on every backend."""
    dumps = []
    for backend in BACKENDS:
        here = Place(url_of(backend, tmp_path, postgres_server))
        log = here.create()
        write_some(log)
        dumps.append(dump(log))
        here.close()
    assert dumps[0]["rows"]
    assert all(found == dumps[0] for found in dumps)


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
def test_any_history_is_the_same_on_every_backend(tmp_path_factory, postgres_server, steps):
    """Whatever is written, released and undone, all backends end with the same."""
    directory = tmp_path_factory.mktemp("histories")
    dumps = []
    for backend in BACKENDS:
        here = Place(url_of(backend, directory, postgres_server))
        log = here.create()
        _apply(log, steps)
        dumps.append(dump(log))
        here.close()
    assert all(found == dumps[0] for found in dumps)
