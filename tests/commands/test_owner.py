"""A Ledger belongs to the thread that opened it; threads that open one each work side by side."""

import os
import pickle
from threading import Thread
from types import FunctionType

import pytest
from sending import FOUNDATION, grant, opening

from ledger import Ledger
from ledger.errors import LedgerClosed, LedgerNotShared

PUBLIC = [
    name
    for name in dir(Ledger)
    if not name.startswith("_") and isinstance(getattr(Ledger, name), FunctionType | property)
]
"""Every method and property of the public face."""


@pytest.fixture(params=["sqlite", "memory", "postgres"])
def url(request, tmp_path):
    """The URL of a ledger with a few events, which stays open."""
    places = {"sqlite": f"sqlite:///{tmp_path}/l.db", "memory": f"memory:{tmp_path.name}"}
    found = places.get(request.param) or request.getfixturevalue("postgres_url")
    (tmp_path / "events.jsonl").write_bytes(b"\n".join((*FOUNDATION, grant(), opening())))
    with Ledger.create(found) as ledger:
        ledger.ingest([str(tmp_path / "events.jsonl")])
        yield found


def elsewhere(work):
    """Do work in another thread, and return what it returns or raises."""
    came = []

    def run():
        try:
            came.append(work())
        except Exception as error:  # noqa: BLE001 - it is what is asked for
            came.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    return came[0]


def in_a_copy(work):
    """Do work in a copy of this process, and return what it returns or raises."""
    heard, said = os.pipe()
    if os.fork() == 0:
        try:
            came = work()
        except Exception as error:  # noqa: BLE001 - it is what is asked for
            came = error
        os.write(said, pickle.dumps(came))
        os._exit(0)
    os.close(said)
    with os.fdopen(heard, "rb") as answer:
        came = pickle.loads(answer.read())
    os.wait()
    return came


def uses(ledger, events, replayed):
    """Everything that can be done with a ledger, by its name."""
    found = {
        "an iterator": lambda: next(events),
        "a replay": lambda: next(replayed),
        "with": ledger.__enter__,
        "the end of with": lambda: ledger.__exit__(None, None, None),
    }
    for name in PUBLIC:
        if isinstance(getattr(Ledger, name), property):
            found[name] = lambda name=name: getattr(ledger, name)
        else:
            found[name] = getattr(ledger, name)
    return found


@pytest.mark.parametrize("where,says", [(elsewhere, "another thread"), (in_a_copy, "copied")])
def test_nobody_but_its_owner_uses_a_ledger(url, where, says):
    """All of it, close and iterators too, is one error of ours; for its owner nothing changes."""
    with Ledger.open(url) as ledger:
        events, replayed = ledger.cloudevents(everything=True), ledger.replay().events
        assert next(events)
        assert next(replayed)
        for name, use in uses(ledger, events, replayed).items():
            came = where(use)
            assert isinstance(came, LedgerNotShared), name
            assert says in str(came)
            assert "open one in each" in str(came)
        assert len(list(events)) == len(list(replayed)) == ledger.position - 1 == 5


def test_nothing_is_done_with_a_ledger_that_is_closed(url):
    """All of it, iterators too, is one error of ours, and nothing is opened again to do it."""
    with Ledger.open(url) as ledger:
        events, replayed = ledger.cloudevents(everything=True), ledger.replay().events
        assert next(events)
        assert next(replayed)
        ledger.close()
        for name, use in uses(ledger, events, replayed).items():
            if name in ("close", "the end of with"):
                assert not use(), name
            else:
                with pytest.raises(LedgerClosed, match="open another one"):
                    use()
        assert isinstance(elsewhere(ledger.close), LedgerNotShared)


def test_all_that_is_public_is_a_method_or_a_property(url):
    """So that nothing of a ledger is reached without being asked who reaches for it."""
    with Ledger.open(url) as ledger:
        assert [name for name in vars(ledger) if not name.startswith("_")] == []


def test_a_thread_that_is_gone_leaves_its_ledger_to_nobody(url):
    """Also where the system gives its number to the next thread."""
    ledger = elsewhere(lambda: Ledger.open(url))
    assert isinstance(elsewhere(lambda: ledger.position), LedgerNotShared)


def test_threads_that_open_a_ledger_each_work_side_by_side(url, tmp_path):
    """They write and ask at once: nothing is lost, and each sees what it has written."""
    seen = {}

    def work(number):
        path = tmp_path / f"{number}.jsonl"
        with Ledger.open(url) as ledger:
            for count in range(4):
                path.write_bytes(opening(f"T{number}-{count}"))
                ledger.ingest([str(path)])
                cases = ledger.ask("cases", which="all")["rows"]
                seen[number, count] = sum(f"T{number}-" in row["case"] for row in cases)

    threads = [Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {(number, count): count + 1 for number in range(3) for count in range(4)}
