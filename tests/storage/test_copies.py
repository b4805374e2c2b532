"""A copy: the same ledger in another place, row for row, between a file, PostgreSQL and memory."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from files import clock, raised
from places import BACKENDS, Place, dump, fact, url_of, write_some
from postgres_files import within

from ledger import Ledger, errors
from ledger.storage.copy_target import receiving
from ledger.storage.opening import open_log, open_reader

ROOT = Path(__file__).resolve().parents[2]
LASTING = ("sqlite", "postgres")


def everything(url):
    """Every stored column of a ledger, and the next number of each kind."""
    with closing(open_reader(url)) as reader, closing(reader.audit()) as audit:
        return {
            "ledger": audit.ledger_id(),
            "head": audit.head(),
            "events": audit.events(0, 10_000),
            "nodes": audit.nodes(0, 10_000),
            "homes": sorted(audit.homes()),
            "held": list(audit.held()),
            "quarantine": list(audit.quarantine()),
            "last held": audit.last_held(),
            "seals": audit.seals(),
            "entries": audit.entries(),
            "persons": list(audit.persons()),
            "texts": sorted(audit.texts()),
            "complaints": audit.complaints(),
            "dump": dump(reader),
        }


def copy(origin, target, **options):
    with Ledger.open(origin) as ledger:
        return ledger.copy_to(target, **options)


@pytest.mark.parametrize("origin", BACKENDS)
@pytest.mark.parametrize("target", LASTING)
def test_a_copy_has_every_row_of_the_original(origin, target, tmp_path, postgres_server):
    """Every column of every table is the same, and both go on in the same way."""
    here = Place(url_of(origin, tmp_path, postgres_server))
    write_some(here.create())
    there = Place(url_of(target, tmp_path, postgres_server), here.clock, here.randomness)
    seen: list[int] = []
    answer = copy(here.url, there.url, on_progress=seen.append)
    assert seen == [4] == [answer["position"]]
    assert everything(there.url) == everything(here.url)
    stamp = clock()
    for place in (here, there):
        here.clock.now = stamp
        with place.open().writing() as writer:
            writer.append([fact("package:P", 4)])
            writer.hold("bad-json", "c", 1, "r", b"new")
            writer.seal(5, "a key", b"later")
            writer.register("note", {})
    assert everything(there.url) == everything(here.url)
    here.close()
    there.close()


def test_there_and_back_again(tmp_path, postgres_server):
    """From a file to PostgreSQL, to another schema and back to a file: nothing has changed."""
    places = [url_of(each, tmp_path, postgres_server) for each in (*LASTING, *reversed(LASTING))]
    first = Place(places[0])
    write_some(first.create())
    first.close()
    for origin, target in pairwise(places):
        copy(origin, target)
    assert everything(places[-1]) == everything(places[0])


def test_an_empty_ledger_is_copied_too(tmp_path, postgres_url):
    """A ledger with nothing in it keeps its name."""
    here = Place(f"sqlite:///{tmp_path}/a.db")
    here.create().close()
    copy(here.url, postgres_url)
    assert everything(postgres_url) == everything(here.url)


@pytest.mark.parametrize("target", LASTING)
def test_a_copy_overwrites_nothing(target, tmp_path, postgres_server):
    """Where there is a ledger, or something else, nothing is copied; a dry run says so, too."""
    here = Place(url_of("sqlite", tmp_path, postgres_server))
    write_some(here.create())
    there = Place(url_of(target, tmp_path, postgres_server))
    there.create().close()
    before = everything(there.url)
    for dry_run in (True, False):
        said = raised(errors.UsageError, lambda: copy(here.url, there.url, dry_run=dry_run))  # noqa: B023
        assert "another place" in said
    assert everything(there.url) == before
    here.close()


def test_a_place_that_is_no_use_is_refused_before_anything_is_copied(tmp_path, postgres_url):
    """A file that is no ledger, a missing directory, a schema with other tables, and memory."""
    here = Place(f"sqlite:///{tmp_path}/a.db")
    here.create()
    (tmp_path / "notes").write_text("not a database, and long enough to be taken for one")
    with within(postgres_url) as connection:
        name = postgres_url.rpartition("=")[2]
        connection.execute(f"CREATE SCHEMA {name}; CREATE TABLE {name}.other (one int)")
    for kind, target in [
        (errors.NotALedger, f"sqlite:///{tmp_path}/notes"),
        (errors.LedgerUnreachable, f"sqlite:///{tmp_path}/no/b.db"),
        (errors.NotALedger, postgres_url),
        (errors.LedgerUnreachable, "postgresql://127.0.0.1:1/x?connect_timeout=2"),
        (errors.UsageError, "memory:there"),
    ]:
        raised(kind, lambda: copy(here.url, target, dry_run=True))  # noqa: B023
        raised(kind, lambda: copy(here.url, target))  # noqa: B023
    here.close()


def test_a_dry_run_says_what_would_be_copied(tmp_path, postgres_url):
    """Nothing is written, and the figures are those of the copy."""
    here = Place(f"sqlite:///{tmp_path}/a.db")
    write_some(here.create())
    told = copy(here.url, postgres_url, dry_run=True)
    raised(errors.NoLedger, lambda: open_reader(postgres_url))
    assert copy(here.url, postgres_url) == told
    here.close()


@pytest.mark.parametrize("target", LASTING)
@pytest.mark.parametrize("origin", LASTING)
def test_what_is_damaged_is_not_copied(origin, target, tmp_path, postgres_server):
    """Events that do not come to the root are found before the copy is there."""
    here = Place(url_of(origin, tmp_path, postgres_server))
    write_some(here.create())
    here.close()
    if origin == "postgres":
        with within(here.url) as connection:
            connection.execute("ALTER TABLE events DISABLE TRIGGER ALL")
            connection.execute("UPDATE events SET state = '{}' WHERE position = 2")
    else:
        import sqlite3

        with closing(sqlite3.connect(here.url.removeprefix("sqlite:///"))) as file, file:
            file.execute("DROP TRIGGER events_no_update")
            file.execute("UPDATE events SET state = x'7b7d' WHERE position = 2")
    there = url_of(target, tmp_path, postgres_server)
    for dry_run in (True, False):
        said = raised(errors.Damaged, lambda: copy(here.url, there, dry_run=dry_run))  # noqa: B023
        assert "root" in said
    raised(errors.NoLedger, lambda: open_reader(there))
    assert len(list(tmp_path.iterdir())) == (1 if origin == "sqlite" else 0)


@pytest.mark.parametrize("target", LASTING)
def test_a_copy_that_is_stopped_leaves_nothing(target, tmp_path, postgres_server):
    """Whatever stops it in the middle, there is no ledger, and a second try is a first one."""
    here = Place(url_of("sqlite", tmp_path, postgres_server))
    write_some(here.create())
    there = url_of(target, tmp_path, postgres_server)

    def stopped():
        with receiving(there, "an id") as receiver:
            with closing(open_reader(here.url).audit()) as audit:
                receiver.take_events(audit.events(0, 2), audit.nodes(0, 2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stopped()
    raised(errors.NoLedger, lambda: open_reader(there))
    copy(here.url, there)
    assert everything(there) == everything(here.url)
    here.close()


def test_a_copy_is_of_one_moment(tmp_path, postgres_url):
    """What is recorded while it is made is not in it, and the writer does not wait for it."""
    here = Place(f"sqlite:///{tmp_path}/a.db")
    log = here.create()
    write_some(log)
    before = everything(here.url)

    def write(position):
        with log.writing() as writer:
            writer.append([fact("late", 1)])

    copy(here.url, postgres_url, on_progress=write)
    assert everything(postgres_url) == before
    here.close()


def test_a_process_that_dies_in_a_copy_leaves_no_ledger(tmp_path, postgres_url):
    """The end of the process in the middle undoes the schema, too."""
    script = (
        "import sys, time\n"
        "from ledger.storage.copy_target import receiving\n"
        "with receiving(sys.argv[1], 'an id') as receiver:\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, postgres_url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    raised(errors.NoLedger, lambda: open_log(postgres_url, clock))
