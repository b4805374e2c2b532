"""The backup: whole, of one moment, never over another file, and as good as what it is of."""

import sqlite3
import stat
from pathlib import Path
from threading import Event, Thread

import pytest
from sessions import foundation, openings

from ledger import Ledger
from ledger.storage.log import NewEvent


def names(folder="."):
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.fixture
def filled(cpod, send):
    """A ledger that is sealed, with a line in the quarantine."""
    send([*foundation(), *openings(10, 10)])
    cpod("key", "new", "--output", "seal.key")
    assert cpod("seal", "--key", "seal.key", "--output", "checkpoint").exit == 0


def test_a_backup_is_the_same_ledger(cpod, filled):
    """The copy has the same events, root and seals, answers the same, and passes the check."""
    Path("copies").mkdir()
    ran = cpod("backup", "copies/one.db")
    assert ran.exit == 0
    assert "cpod check" in ran.out
    assert names("copies") == ["one.db"]
    url = ("--ledger", "sqlite:///copies/one.db")
    mine, copied = (cpod("check", "--format", "json", *where).json for where in ((), url))
    assert copied["ok"]
    assert copied == mine
    asked = ("packages", "--as-of", "2025-06-30", "--known-at", "14", "--format", "json")
    assert cpod(*asked, *url).out == cpod(*asked).out
    proved = ("prove", "--position", "3", "--checkpoint", "checkpoint")
    assert cpod(*proved, *url).out == cpod(*proved).out


def test_a_backup_goes_on_as_a_ledger(cpod, filled, send):
    """What is added to the copy is added to the copy alone, and both stay whole."""
    cpod("backup", "copy.db")
    send(openings(40, 3), "--ledger", "sqlite:///copy.db")
    assert cpod("check", "--format", "json").json["position"] == 14
    again = cpod("check", "--ledger", "sqlite:///copy.db", "--format", "json").json
    assert (again["ok"], again["position"]) == (True, 17)


@pytest.mark.parametrize("kind", ["file", "link", "directory", "itself"])
def test_nothing_is_overwritten(cpod, filled, kind):
    """Where anything stands, even a link to nowhere, no copy is put."""
    match kind:
        case "file":
            Path("there").write_text("precious")
        case "link":
            Path("there").symlink_to("nowhere")
        case "directory":
            Path("there").mkdir()
    before = names()
    ran = cpod("backup", "cpod.db" if kind == "itself" else "there")
    assert ran.exit == 2
    assert "not overwritten" in ran.err
    assert names() == before


@pytest.mark.parametrize(
    "words,code",
    [
        (["no/such/place.db"], 2),
        (["copy.db", "--as", "ada"], 3),
        (["copy.db", "--ledger", "sqlite:///nowhere.db"], 4),
        ([], 2),
    ],
)
def test_what_cannot_be_backed_up(cpod, filled, words, code):
    """Each reason has its exit code, and leaves nothing behind."""
    before = names()
    assert cpod("backup", *words).exit == code
    assert names() == before


def test_the_rights_are_those_of_the_ledger(cpod, filled):
    """Who may not read the ledger may not read its copy."""
    Path("cpod.db").chmod(0o600)
    cpod("backup", "copy.db")
    assert stat.S_IMODE(Path("copy.db").stat().st_mode) == 0o600


def test_a_ledger_in_memory_is_no_file(tmp_path):
    """There is nothing to copy, and that is said."""
    from ledger.errors import UsageError

    with Ledger.create("memory:") as ledger, pytest.raises(UsageError, match="memory"):
        ledger.back_up(str(tmp_path / "copy.db"))


def test_a_copy_that_fails_leaves_nothing(cpod, filled, monkeypatch):
    """An interrupt in the middle of copying leaves neither the file nor a part of it."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ledger.storage.sqlite.backup.put", interrupted)
    before = names()
    assert cpod("backup", "copy.db").exit == 130
    assert names() == before


def test_a_backup_while_others_write(tmp_path):
    """A copy taken while events pour in is of one moment: whole, though they go on."""
    url = f"sqlite:///{tmp_path}/a.db"
    began, stop = Event(), Event()

    def write() -> None:
        version = 0
        with Ledger.open(url) as ledger:
            while not stop.is_set():
                with ledger.log.writing() as writer:
                    rows = [
                        NewEvent("s", version + n, "note", b"{}" * 500, f"k{version + n}")
                        for n in range(1, 50)
                    ]
                    writer.append(rows)
                version += len(rows)
                began.set()

    with Ledger.create(url) as reader:
        thread = Thread(target=write)
        thread.start()
        try:
            assert began.wait(60)
            copies = [tmp_path / f"copy{number}.db" for number in range(4)]
            for copy in copies:
                reader.back_up(str(copy))
        finally:
            stop.set()
            thread.join()
    for copy in copies:
        with Ledger.open(f"sqlite:///{copy}") as found:
            answer = found.check()
        # These events are no CloudEvents: what they say is damage, where they stand is not
        assert {damage["what"] for damage in answer["damage"]} <= {"readable"}
        assert answer["position"] % 49 == 0
        with sqlite3.connect(copy) as file:
            assert file.execute("SELECT last_position FROM counter").fetchone() == (
                answer["position"],
            )
