"""A Ledger that stays open while another file is put in the place of its own, or over it."""

import os
import shutil

import pytest
from branches import begun, consumed, opened, seat, take, used

from ledger.errors import LedgerReplaced, NoLedger


def replaced(directory):
    """Rename a copy of the backup to the ledger: what is open stays open, without a name."""
    shutil.copy(directory / "night.db", directory / "coming.db")
    (directory / "coming.db").replace(directory / "a.db")


def written_over(directory):
    """Write the backup into the file that is open."""
    shutil.copy(directory / "night.db", directory / "a.db")


@pytest.fixture(params=[replaced, written_over], ids=lambda way: way.__name__)
def restore(request, tmp_path):
    """Either way in which a backup is put back, while processes have the ledger open."""
    return lambda: request.param(tmp_path)


@pytest.fixture
def url(tmp_path):
    """A ledger with a package of 100 credits, and beside it a backup of that moment."""
    return begun(tmp_path)


def test_one_who_has_it_open_answers_and_writes_what_is_there_now(url, restore):
    """Each reads and writes the file that others find, and none of them mixes the two."""
    with opened(url) as writer, opened(url) as reader:
        take(writer, used(90, "wrong"), used(2, "last"))
        assert consumed(writer) == consumed(reader) == "92"
        restore()
        assert (consumed(reader), reader.position) == ("0", 4)
        assert consumed(writer) == "0"
        assert take(writer, used(9, "right"), used(2, "last")).appended == 2
        for ledger in (writer, reader):
            assert consumed(ledger) == "11"
            assert ledger.check(books=True)["damage"] == []
            assert ledger.status()["other_history"]["rebuilt"]
    with opened(url) as ledger:
        assert ledger.position == 6
        assert ledger.check(books=True)["damage"] == []


def test_who_is_erased_is_looked_up_in_what_is_there_now(url, restore, tmp_path):
    """What was revealed before is forgotten where another person is erased, and as many are."""
    with opened(url) as ledger:
        take(ledger, seat("ada"), seat("bob"))
        for name in ("ada", "bob"):
            ledger.back_up(f"{tmp_path}/{name}.db")
            with opened(f"sqlite:///{tmp_path}/{name}.db") as branch:
                branch.erase(name, "asked for")
        for gone, there in (("ada", "bob"), ("bob", "ada")):
            shutil.copy(tmp_path / f"{gone}.db", tmp_path / "night.db")
            restore()
            said = str(ledger.ask("contacts", as_of="2025-12-31"))
            assert gone not in said
            assert f"{there} name" in said


def test_a_run_whose_file_was_replaced_ends_and_records_nothing_more(url, tmp_path):
    """What it would go on to write nobody would find: the same command again takes it all in."""
    lines = [used(1, f"{number}") for number in range(6)]
    with opened(url) as ledger:
        batches = []

        def batch(done):
            batches.append(done)
            if len(batches) == 2:
                for beside in ("-wal", "-shm"):  # as whoever restores has to
                    (tmp_path / f"a.db{beside}").unlink()
                replaced(tmp_path)

        with pytest.raises(LedgerReplaced, match="replaced or removed while it was written"):
            take(ledger, *lines, batch_size=2, on_batch=batch)
        assert ledger.position == 4
        assert take(ledger, *lines, batch_size=2).appended == 6
        assert consumed(ledger) == "6"
        assert ledger.check(books=True)["damage"] == []


def test_files_that_come_go_into_what_is_there_now(url, restore, tmp_path):
    """One who follows a directory goes on with the next file, and with every line of it."""
    inbox, seen = tmp_path / "inbox", []
    inbox.mkdir()
    for number in range(2):
        lines = [used(1, f"{number}-{each}") + b"\n" for each in range(3)]
        (inbox / f"{number}.jsonl").write_bytes(b"".join(lines))
        os.utime(inbox / f"{number}.jsonl", (0, 0))  # long ago: it is whole

    def told(followed):
        seen.append(followed.receipt.appended)
        if len(seen) == 1:
            restore()

    with opened(url) as ledger:
        ledger.follow(
            str(inbox), keep_receipt=None, on_file=told, until_empty=True, poll_seconds=0.01
        )
        assert seen == [3, 3]
        assert consumed(ledger) == "3"
    with opened(url) as ledger:
        assert consumed(ledger) == "3"
        assert ledger.position == 7


def test_a_ledger_that_is_removed_is_not_there(url, tmp_path):
    """Nothing is answered from a file without a name, nor written into one."""
    with opened(url) as ledger:
        take(ledger, used(1, "one"))
        (tmp_path / "a.db").unlink()
        with pytest.raises(NoLedger):
            consumed(ledger)
        with pytest.raises(NoLedger):
            take(ledger, used(1, "two"))


def test_what_is_committed_is_in_the_file_itself(url, tmp_path):
    """Between two uses nothing is in the write-ahead log, which a copy would be mixed with."""
    with opened(url) as ledger, opened(url):
        take(ledger, used(1, "one"))
        assert (tmp_path / "a.db-wal").stat().st_size == 0
        ledger.register_exports([{"file": "a.csv"}])
        assert (tmp_path / "a.db-wal").stat().st_size == 0
