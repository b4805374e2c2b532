"""Stages: where scenes are played, with a ledger on SQLite or on PostgreSQL that can be copied."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aftermath
import lines
import psycopg
from children import KILLED, Children, Ended, Stop
from scenes import KEY, Scene, scene

from ledger import Ledger

LEDGER = "ledger.db"
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
"""No database is copied while somebody is connected to it."""

ASK = ("summary", "--as-of", "2025-03-31")


class Stage:
    """Folders with a ledger each, in files of SQLite."""

    backend = "sqlite"

    def __init__(self, children: Children, folder: Path, sent: list[bytes]) -> None:
        """Take what starts commands, a folder for everything, and what is sent to ledgers."""
        self.children = children
        self.sent = sent
        self.events = lines.sent(sent)
        third = len(sent) // 3
        parts = (sent[:third], sent[third : 2 * third], sent[2 * third :])
        names = ("a.jsonl", "b.jsonl", "c.jsonl")
        self.inbox = {name: b"\n".join(part) for name, part in zip(names, parts, strict=True)}
        self._folder = folder
        self._numbers = count(1)
        self._begun: dict[str, Path] = {}
        self._asked: set[tuple[bool, object]] = set()
        self._expected: dict[str, tuple[Ended, dict[str, Any]]] = {}

    def url(self, place: Path) -> str:
        """Return the URL of the ledger of a place."""
        return f"sqlite:///{place}/{LEDGER}"

    def copied(self, origin: Path) -> Path:
        """Return a new place that is like another one, which nobody is using."""
        place = self._folder / f"p{next(self._numbers)}"
        shutil.copytree(origin, place)
        return place

    def remove(self, place: Path) -> None:
        """Remove a place."""
        shutil.rmtree(place)

    def run(self, place: Path, argv: tuple[str, ...], **order: Any) -> Ended:
        """Run a command on the ledger of a place."""
        words = [word.format(place=place) for word in argv]
        whole = ("--ledger", self.url(place), *words)
        runs = self._folder / "runs"
        runs.mkdir(exist_ok=True)
        return self.children.run(runs, whole, postgres=self.backend == "postgres", **order)

    def begin(self, begins: str) -> Path:
        """Return a place as it is before a scene; it is not to be used, but to be copied."""
        if begins not in self._begun:
            place = self._folder / f"begins-{begins}"
            place.mkdir()
            self._prepare(begins, place)
            self._begun[begins] = place
        return self._begun[begins]

    def _prepare(self, begins: str, place: Path) -> None:
        half = len(self.sent) // 2 if begins == "half" else len(self.sent)
        (place / "lines.jsonl").write_bytes(b"\n".join(self.sent[:half]) + b"\n")
        if begins != "nothing":
            self._do(place, "key", "new", "--output", "{place}/key")
        if begins not in {"nothing", "key", "torn"}:
            self._do(place, "ingest", "--init", "{place}/lines.jsonl")
        (place / "lines.jsonl").write_bytes(b"\n".join(self.sent) + b"\n")
        self._put_into_inbox(place)
        if begins == "torn":
            self._tear(place)
        if begins in {"asked", "held"}:
            self._do(place, *ASK)
        if begins == "held":
            held = lines.large(1, 40)[5:]
            with Ledger.open(self.url(place)) as ledger, ledger.log.writing() as writer:
                for number, line in enumerate(held, 1):
                    writer.hold("invalid-data", "held.jsonl", number, "by hand", line)

    def _put_into_inbox(self, place: Path) -> None:
        (place / "in").mkdir()
        for name, content in self.inbox.items():
            (place / "in" / name).write_bytes(content)
            os.utime(place / "in" / name, (0, 0))

    def _tear(self, place: Path) -> None:
        """Kill an ingest in the middle of its file, right behind a commit."""
        first = scene("ingest")
        commits = self.expected(first)[0].points["commit"]
        stop = Stop("commit", commits // 2, after=True)
        ended = self.run(place, tuple(first.argv), stop=stop, settings=dict(first.settings))
        assert ended.exit == KILLED
        assert aftermath.under_way(self.url(place))

    def _do(self, place: Path, *argv: str) -> None:
        ended = self.run(place, argv)
        assert ended.exit in {0, 1}, ended.err

    def expected(self, scene: Scene) -> tuple[Ended, dict[str, Any]]:
        """Return how a scene ends when nothing disturbs it, and what the ledger comes to then."""
        if scene.name not in self._expected:
            place = self.copied(self.begin(scene.begins))
            ended = self.run(place, tuple(scene.argv), settings=dict(scene.settings))
            assert ended.exit in scene.exits, ended.err
            self._expected[scene.name] = ended, self.content(scene, place)
            self.remove(place)
        return self._expected[scene.name]

    def content(self, scene: Scene, place: Path) -> dict[str, Any]:
        """Return what the ledger and the files of a place come to after a scene."""
        found = aftermath.content(self.url(place))
        if scene.name == "erase":
            del found["events"]
        for name in scene.makes & {"packages.csv"}:
            found[name] = (place / name).read_bytes()
        return found

    def play(self, scene: Scene, **order: Any) -> str:
        """Stop a scene, look at what is left, let it be done again, and return how it had ended."""
        _, expected = self.expected(scene)
        place = self.copied(self.begin(scene.begins))
        settings = dict(scene.settings) | order.pop("settings", {})
        ended = self.run(place, tuple(scene.argv), settings=settings, **order)
        assert not ended.orphans, "a process was left behind"
        self.look(scene, place)
        if ended.exit != KILLED:
            assert ended.exit in scene.exits | {5}, (ended.exit, ended.err)
            assert "Traceback" not in ended.err, ended.err
            assert ended.exit in scene.exits or "cpod: " in ended.err or "error" in ended.err
        torn = (
            scene.argv[0] == "ingest"
            and self.is_there(place)
            and aftermath.under_way(self.url(place))
        )
        again = self.run(place, tuple(scene.argv), settings=settings)
        assert bool(torn) == ("resumed at line" in again.err), again.err
        assert again.exit in scene.exits | scene.again, (again.exit, again.err)
        assert "Traceback" not in again.err, again.err
        aftermath.assert_sound(self.url(place))
        aftermath.assert_same(self.content(scene, place), expected)
        known = scene.makes | {"lines.jsonl", "key", "in"}
        assert aftermath.left_over(place, LEDGER, known=known) == []
        self._check_files(scene, place)
        self.remove(place)
        return "killed" if ended.exit == KILLED else f"exit {ended.exit}"

    def look(self, scene: Scene, place: Path) -> None:
        """See that what a stopped scene has left is sound, without changing it."""
        if not self.is_there(place):
            return
        looked = self.copied(place)
        aftermath.assert_sound(self.url(looked))
        self._ask(scene, looked)
        if (looked / KEY).exists():
            aftermath.assert_secret(looked / KEY)
        self.remove(looked)

    def _ask(self, scene: Scene, place: Path) -> None:
        """Ask everything of a ledger, unless one with the same rows was asked already."""
        erases = scene.name == "erase"
        asked = erases, self.rows(place)
        if asked in self._asked:
            return
        if erases:
            aftermath.assert_nobody_is_named(self.url(place))
        else:
            events = [*self.events, *lines.sent(lines.large(1, 40))]
            aftermath.assert_answers_are_the_oracles(self.url(place), events)
        self._asked.add(asked)

    def rows(self, place: Path) -> object:
        """Return what tells the rows of a ledger, and of its books, from those of any other."""
        return aftermath.rows_in_files(place, LEDGER)

    def is_there(self, place: Path) -> bool:
        """Return whether there is a ledger yet."""
        from ledger.errors import NoLedger

        try:
            Ledger.open(self.url(place)).close()
        except NoLedger:
            return False
        return True

    def _check_files(self, scene: Scene, place: Path) -> None:
        if "copy.db" in scene.makes:
            aftermath.assert_sound(f"sqlite:///{place}/copy.db")
        if "checkpoint" in scene.makes:
            assert len(aftermath.seals(self.url(place))) == 1
        if "in" in scene.makes:
            aftermath.assert_moved(place / "in", self.inbox.values())
        if KEY in scene.makes:
            aftermath.assert_secret(place / KEY)
        if scene.name == "erase":
            (place / "lines.jsonl").unlink()
            shutil.rmtree(place / "in")
            assert aftermath.names_in_files(place) == []


class PostgresStage(Stage):
    """Folders with a ledger each, in databases of a server."""

    backend = "postgres"

    def __init__(self, children: Children, folder: Path, sent: list[bytes], server: str) -> None:
        """Take the URL of a database as well, whose user may make others."""
        super().__init__(children, folder, sent)
        self._server = server
        self._names: dict[Path, str] = {}

    def url(self, place: Path) -> str:
        """Return the URL of the ledger of a place."""
        return f"{self._server.rpartition('/')[0]}/{self._name(place)}?schema=cpod"

    def _name(self, place: Path) -> str:
        if place not in self._names:
            self._names[place] = f"{self._folder.name}_{place.name}".replace("-", "_").lower()
            self._execute(
                f'CREATE DATABASE "{self._names[place]}" ENCODING UTF8 TEMPLATE template0'
            )
        return self._names[place]

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement.encode())

    def copied(self, origin: Path) -> Path:
        """Return a new place that is like another one, which nobody is using."""
        place = super().copied(origin)
        self._names[place] = f"{self._folder.name}_{place.name}".replace("-", "_").lower()
        self._execute(f"{_END} WHERE datname = '{self._name(origin)}'")
        self._execute(f'CREATE DATABASE "{self._name(place)}" TEMPLATE "{self._name(origin)}"')
        return place

    def rows(self, place: Path) -> object:
        """Return the place: what a database holds is not read as a whole."""
        return place

    def remove(self, place: Path) -> None:
        """Remove a place."""
        super().remove(place)
        self._execute(f'DROP DATABASE "{self._names.pop(place)}" WITH (FORCE)')


def every_moment(ended: Ended, *kinds: str) -> Iterator[Stop]:
    """Yield every moment of some kinds that a command came to, before it and after."""
    for kind in kinds:
        for number in range(1, ended.points.get(kind, 0) + 1):
            yield Stop(kind, number)
            yield Stop(kind, number, after=True)


def every_statement_behind(ended: Ended, commit: int, step: int = 1) -> Iterator[Stop]:
    """Yield the moments before the statements that a command makes behind one of its commits."""
    first = ended.points[f"statement at commit {commit}"] + 1
    for number in range(first, ended.points["statement"] + 1, step):
        yield Stop("statement", number)


@contextmanager
def removed(stage: Stage) -> Iterator[Stage]:
    """Give a stage, and remove all its places at the end."""
    try:
        yield stage
    finally:
        for place in list(stage._begun.values()):
            stage.remove(place)
