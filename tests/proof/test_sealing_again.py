"""A key that has signed one history signs no other: what it signed last is kept beside it."""

import errno
import fcntl
import os
import shutil
import sqlite3
import stat
from base64 import b64encode
from pathlib import Path

import pytest
from sessions import foundation, openings

from cli.last_signed import last_signed
from cli.options.keys import signing_key
from ledger.errors import ProofFailed
from ledger.ledger import Ledger
from ledger.proof.verifier import read_checkpoint

LAST = Path("seal.key.checkpoint")


@pytest.fixture
def sealed(cpod, send):
    """A ledger of ten events, sealed, and a copy of it as it was after four."""
    assert cpod("key", "new", "--output", "seal.key", "--name", "ledger.example/a").exit == 0
    send(foundation())
    cpod("backup", "before.db")
    send(openings(10, 6))
    ran = cpod("seal", "--key", "seal.key", "--output", "june.checkpoint")
    assert ran.exit == 0
    return ran.out


def restored():
    """The ledger is what it was before it was sealed."""
    for beside in Path().glob("cpod.db*"):
        beside.unlink()
    shutil.copy("before.db", "cpod.db")


def seals():
    with sqlite3.connect("cpod.db") as file:
        return file.execute("SELECT count(*) FROM seals").fetchone()[0]


def refused(ran, *said):
    """The seal was refused in one line, and nothing came of it."""
    assert (ran.exit, ran.out, len(ran.err.splitlines())) == (6, "", 1)
    assert all(each in ran.err for each in ("nothing was signed", "another key", *said))


def test_what_was_signed_last_is_kept_beside_the_key(cpod, send, sealed):
    """It is the checkpoint itself, in a file with the mode of the key; it grows with the ledger."""
    assert LAST.read_text() == sealed
    assert stat.S_IMODE(LAST.stat().st_mode) == 0o600
    Path("seal.key").chmod(0o640)
    send(openings(30, 3))
    ran = cpod("seal", "--key", "seal.key")
    assert ran.exit == 0
    assert LAST.read_text() == ran.out
    assert read_checkpoint(LAST.read_bytes()).size == 13
    assert stat.S_IMODE(LAST.stat().st_mode) == 0o640
    assert cpod("seal", "--key", "seal.key").out == ran.out


def test_a_ledger_that_has_fewer_events_is_not_sealed(cpod, sealed):
    """An older copy, put back: what was signed is not all there."""
    restored()
    refused(cpod("seal", "--key", "seal.key", "--output", "x"), "10 events", "here are 4")
    assert (LAST.read_text(), seals(), Path("x").exists()) == (sealed, 0, False)


@pytest.mark.parametrize("count", [6, 9])
def test_another_branch_is_not_sealed(cpod, send, sealed, count):
    """From an older copy other events were recorded: as many, or more."""
    restored()
    send(openings(50, count))
    refused(cpod("seal", "--key", "seal.key"), "not the first 10 here")
    assert (LAST.read_text(), seals()) == (sealed, 0)


def test_another_ledger_is_not_sealed_with_the_same_key(cpod, send, sealed):
    send([*foundation()[::-1], *openings(10, 20)], "--ledger", "sqlite:///other.db")
    refused(cpod("seal", "--key", "seal.key", "--ledger", "sqlite:///other.db"))
    french = cpod("seal", "--key", "seal.key", "--ledger", "sqlite:///other.db", "--lang", "fr")
    assert "rien n'a été signé" in french.err


def test_hashes_that_were_changed_to_fit_show_nothing(cpod, send, sealed):
    """The root of what was signed is left, and above it stands another, under a seal made up."""
    send(openings(50, 6))
    with sqlite3.connect("cpod.db") as file:
        file.execute("DROP TRIGGER nodes_no_update")
        ((at, row),) = file.execute("SELECT position, hashes FROM nodes WHERE position > 10")
        file.execute("UPDATE nodes SET hashes = ? WHERE position = ?", (row[:-32] + bytes(32), at))
    forged = f"x\n16\n{b64encode(bytes(32)).decode()}\n\n\u2014 x AAAAAAA=\n".encode()
    with Ledger.open("sqlite:///cpod.db") as ledger, ledger.log.writing() as writer:
        writer.seal(16, "x", forged)
    refused(cpod("seal", "--key", "seal.key"), "not the first 10 here")


@pytest.mark.parametrize("key", ["env", "seal.key"])
def test_a_checkpoint_that_is_kept_elsewhere_is_named(cpod, send, sealed, monkeypatch, key):
    """Where nothing is kept beside the key, `--after` says what was signed last."""
    monkeypatch.setenv("CPOD_SIGNING_KEY", Path("seal.key").read_text())
    LAST.unlink()
    after = ("seal", "--key", key, "--after", "june.checkpoint")
    send(openings(30, 3))
    assert cpod(*after).exit == 0
    assert LAST.exists() is (key == "seal.key")
    LAST.unlink(missing_ok=True)
    restored()
    refused(cpod(*after), "here are 4")
    send(openings(50, 9))
    refused(cpod(*after), "not the first 10 here")
    assert cpod("seal", "--key", key).exit == 0  # nothing tells that it has signed before


def test_both_that_are_kept_count(cpod, send, sealed):
    """A checkpoint that is named does not stand in for the one beside the key."""
    send(openings(30, 3))
    assert cpod("seal", "--key", "seal.key").exit == 0
    restored()
    send(openings(10, 6))
    assert cpod("seal", "--key", "seal.key", "--after", "june.checkpoint").exit == 6


@pytest.mark.parametrize("content", [b"", b"\xff\n", b"a\n1\nAA==\n\n", "another key", "changed"])
@pytest.mark.parametrize("where", ["beside", "elsewhere"])
def test_what_the_key_has_not_signed_is_no_checkpoint_of_it(cpod, sealed, content, where):
    """It is refused with the name of the file, and what to put there."""
    if content == "another key":
        cpod("key", "new", "--output", "other.key", "--name", "ledger.example/a")
        content = cpod("seal", "--key", "other.key").out.encode()
    elif content == "changed":
        content = sealed.replace("\n10\n", "\n9\n").encode()
    file = LAST if where == "beside" else Path("elsewhere")
    file.write_bytes(content)
    ran = cpod("seal", "--key", "seal.key", *(() if file == LAST else ("--after", "elsewhere")))
    assert (ran.exit, ran.out, len(ran.err.splitlines())) == (6, "", 1)
    assert str(file) in ran.err
    assert "put the last one there that it did sign" in ran.err
    assert cpod("seal", "--key", "seal.key", "--after", "missing").exit == 2


def test_it_is_remembered_before_anybody_sees_it(cpod, send, sealed, monkeypatch):
    """A seal that ends in the middle leaves a key that knows more than the ledger, never less."""
    send(openings(30, 3))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("ledger.storage.database.writer.DatabaseWriter.seal", killed)
        ran = cpod("seal", "--key", "seal.key", "--output", "x")
    assert (ran.exit, ran.out, seals(), Path("x").exists()) == (130, "", 1, False)
    again = cpod("seal", "--key", "seal.key")
    assert (again.exit, again.out) == (0, LAST.read_text())


def test_nothing_is_signed_that_cannot_be_remembered(cpod, send, sealed, monkeypatch):
    """A directory that cannot be written: one line, unless a checkpoint is named."""
    send(openings(30, 3))

    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("cli.last_signed.write_like", read_only)
    ran = cpod("seal", "--key", "seal.key")
    assert (ran.exit, ran.out, len(ran.err.splitlines())) == (5, "", 1)
    assert "name the last checkpoint of this key with --after" in ran.err
    assert (seals(), LAST.read_text()) == (1, sealed)
    assert cpod("seal", "--key", "seal.key", "--after", "june.checkpoint").exit == 0


@pytest.mark.parametrize("output", ["missing/x", "folder", "/dev/null/x", "n" * 300])
def test_nothing_is_signed_that_cannot_be_written(cpod, send, sealed, output):
    """It is told before, and a dry run ends alike."""
    send(openings(30, 3))
    Path("folder").mkdir()
    for more in ((), ("--dry-run",)):
        ran = cpod("seal", "--key", "seal.key", "--output", output, *more)
        assert (ran.exit, ran.out, len(ran.err.splitlines())) == (5, "", 1)
        assert f"{output} cannot be used" in ran.err
        assert (seals(), LAST.read_text()) == (1, sealed)


def test_a_link_that_leads_nowhere_is_not_forgotten_for(cpod, send, sealed):
    """A key whose last checkpoint cannot be found signs nothing."""
    send(openings(30, 3))
    LAST.unlink()
    LAST.symlink_to("away/moved.checkpoint")
    ran = cpod("seal", "--key", "seal.key")
    assert (ran.exit, ran.out, seals()) == (5, "", 1)
    assert f"{LAST} cannot be used" in ran.err
    assert LAST.is_symlink()


def test_two_seals_with_one_key_wait_for_each_other(cpod, sealed):
    """Whoever seals holds the key until what it signed is remembered."""
    with (
        last_signed(signing_key("seal.key"), "seal.key", None) as last,
        Path("seal.key").open() as f,
    ):
        assert [one.size for one in last.after] == [10]
        with pytest.raises(BlockingIOError):
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with Path("seal.key").open() as free:
        fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_another_who_seals_meanwhile_damages_nothing(cpod, send, sealed, monkeypatch):
    """More is recorded, and sealed by another key, while this seal looks at what is there."""
    cpod("key", "new", "--output", "other.key")
    url = "sqlite:///cpod.db"
    with Ledger.open(url) as ledger, Ledger.open(url) as other:
        seals = ledger.log.seals

        def after_another() -> list:
            if other.position == 10:
                send(openings(30, 3))
                other.seal(signing_key("other.key"))
            return seals()

        monkeypatch.setattr(ledger.log, "seals", after_another)
        assert ledger.seal(signing_key("seal.key")).size == 13


def test_a_link_to_a_key_is_that_key(cpod, sealed):
    Path("keys").mkdir()
    Path("keys/link.key").symlink_to("../seal.key")
    restored()
    refused(cpod("seal", "--key", "keys/link.key"))


def test_a_dry_run_signs_nothing(cpod, send, sealed):
    """It says what would be signed, or why it would not, and leaves everything as it was."""
    send(openings(30, 3))
    before = {file: file.read_bytes() for file in Path().iterdir() if "cpod.db-" not in file.name}
    ran = cpod("seal", "--key", "seal.key", "--output", "x", "--dry-run")
    assert ran.exit == 0
    assert ran.out.startswith("Dry run, nothing was signed: 13 events of ledger.example/a, root ")
    assert {file: file.read_bytes() for file in before} == before
    assert not Path("x").exists()
    assert cpod("seal", "--key", "seal.key").out.splitlines()[2] in ran.out
    restored()
    refused(cpod("seal", "--key", "seal.key", "--dry-run"))


def test_the_library_takes_what_the_key_signed(cpod, sealed):
    """A caller that keeps keys elsewhere hands over what they signed, and is told first."""
    key, told = signing_key("seal.key"), []
    restored()
    with Ledger.open("sqlite:///cpod.db") as ledger:
        with pytest.raises(ProofFailed):
            ledger.seal(key, after=[read_checkpoint(sealed.encode())], signed=told.append)
        assert (told, ledger.log.seals()) == ([], [])
        seal = ledger.seal(key, signed=told.append)
        assert told == [seal.checkpoint]
