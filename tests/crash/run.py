"""`make crash`: kill, starve and crowd ledgers for a bounded time, and print what came of it.

    python tests/crash/run.py [--limit SECONDS] [--seed NUMBER]

Every attack ends with all that has to hold (see `stages.Stage.play` and `attacks`). What fails is
printed with its seed, and exits 1.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import attacks
import lines
from children import Children, Stop, children
from crowd import KINDS, Came, crowd
from disk import CALLS, built, faults
from postgres_server import PrivateServer
from scenes import SCENES, Scene, scene
from stages import PostgresStage, Stage, every_moment, every_statement_behind, removed

DISK = 8 * 2**20
"""Bytes of the small disk that is filled."""

ROOMS = (0, 4_096, 20_000, 60_000, 150_000, 300_000)
FAULTS = ("no-writing", "lost-connection")
SHARES = {"kills at commits": 4, "kills anywhere": 3, "kills in time": 2, "trouble": 3, "crowds": 3}
"""How the time is divided."""


class Report:
    """What was done, and what failed."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Counter[str]] = {}
        self.failures = 0

    def attempt(self, what: str, backend: str, attack: Callable[[], object], hint: str) -> None:
        """Make one attack, and note what came of it."""
        row = self.rows.setdefault((what, backend), Counter())
        try:
            came = attack()
        except Exception:  # noqa: BLE001 - whatever it is, it is shown, and the rest goes on
            self.failures += 1
            row["FAILED"] += 1
            print(f"FAILED {what} ({backend}), {hint}:\n{traceback.format_exc()[-4_000:]}")
        else:
            row[str(came)] += 1

    def show(self) -> None:
        """Print the table."""
        print(f"\n{'attack':38}{'ledger':10}{'times':>6}  came to")
        for (what, backend), row in self.rows.items():
            came = ", ".join(f"{how} {count}x" for how, count in sorted(row.items()))
            print(f"{what:38}{backend:10}{row.total():6}  {came}")


class Run:
    """One run, with its seed and its end."""

    def __init__(self, stages: list[Stage], server: PrivateServer, seed: int, folder: Path) -> None:
        self.stages = stages
        self.server = server
        self.seed = seed
        self.folder = folder
        self.chance = random.Random(seed)
        self.report = Report()

    def all(self, limit: float) -> None:
        """Make all attacks, each kind for its share of the time."""
        kinds = (self.commits, self.anywhere, self.in_time, self.trouble, self.crowds)
        total = sum(SHARES.values())
        for (name, share), kind in zip(SHARES.items(), kinds, strict=True):
            end = time.monotonic() + limit * share / total
            for attack in kind():
                attack()
                if time.monotonic() > end:
                    break
            print(
                f"{name}: done, {self.report.failures} failed so far", file=sys.stderr, flush=True
            )

    def _scenes(self, stage: Stage) -> list[Scene]:
        return [each for each in SCENES if stage.backend in each.only]

    def _played(
        self, what: str, stage: Stage, played: Scene, hint: object, **order: object
    ) -> None:
        attack = partial(stage.play, played, **order)
        self.report.attempt(f"{what}: {played.name}", stage.backend, attack, str(hint))

    def commits(self) -> Iterator[Callable[[], None]]:
        """Kill at every commit, step with a file and statement of wiping, in an order of chance."""
        moments = [
            partial(self._played, "at commits, files", stage, played, stop, stop=stop)
            for stage in self.stages
            for played in self._scenes(stage)
            for stop in every_moment(stage.expected(played)[0], "commit", "file")
        ]
        erasing = scene("erase")
        moments += [
            partial(self._played, "before the books are wiped", stage, erasing, stop, stop=stop)
            for stage in self.stages
            for stop in every_statement_behind(stage.expected(erasing)[0], 1)
        ]
        self.chance.shuffle(moments)
        yield from moments

    def _anywhere(self, stage: Stage, fault: str) -> tuple[Scene, Stop]:
        scenes = [each for each in self._scenes(stage) if each.name != "key new"]  # of no ledger
        played = self.chance.choice(scenes)
        ended, _ = stage.expected(played)
        number = self.chance.randint(1, max(1, ended.points.get("statement", 0)))
        return played, Stop("statement", number, self.chance.random() < 0.5, fault)

    def anywhere(self) -> Iterator[Callable[[], None]]:
        """Kill before or after any statement."""
        while True:
            for stage in self.stages:
                played, stop = self._anywhere(stage, "kill")
                yield partial(self._played, "at statements", stage, played, stop, stop=stop)

    def in_time(self) -> Iterator[Callable[[], None]]:
        """Kill a long ingest with its second process again and again; tear the log of a file."""
        for number in range(self.seed, self.seed + 1_000):
            for stage in self.stages:
                attack = partial(attacks.kill_now_and_then, stage, number, 3_000, 0.6)
                yield self._noted("in time: killed till it was done", stage, attack, number)
            attack = partial(attacks.leave_an_orphan, self.stages[0], number)
            yield self._noted("processes when killed", self.stages[0], attack, number)
            attack = partial(attacks.tear, self.stages[0], number, 5)
            yield self._noted("torn write-ahead log", self.stages[0], attack, number)

    def _noted(
        self, what: str, stage: Stage, attack: Callable[[], object], hint: object
    ) -> Callable[[], None]:
        return lambda: self.report.attempt(what, stage.backend, attack, f"seed {hint}")

    def trouble(self) -> Iterator[Callable[[], None]]:
        """Full disks, failing writes, lost connections, and a server that is restarted."""
        disk = attacks.mounted(self.folder, DISK)
        try:
            while True:
                yield from self._full(disk)
                yield from self._failing()
                for stage, fault in zip(self.stages, FAULTS, strict=True):
                    for _ in range(4):
                        played, stop = self._anywhere(stage, fault)
                        yield partial(self._played, fault, stage, played, stop, stop=stop)
                more = scene("ingest more")
                statements = self.stages[1].expected(more)[0].points["statement"]
                for sent in (signal.SIGQUIT, signal.SIGINT):
                    number = self.chance.randint(statements // 2, statements - 5)
                    stop = Stop("statement", number)
                    restart = partial(self.server.restart, sent)
                    attack = partial(attacks.in_mid_batch, self.stages[1], more, stop, restart)
                    yield self._noted(f"restart ({sent.name})", self.stages[1], attack, stop)
        finally:
            if disk is not None:
                attacks.unmount(disk)

    def _failing(self) -> Iterator[Callable[[], None]]:
        """Let calls to the system fail, where there is a compiler for what makes them."""
        files = self.stages[0]
        for kind, name in enumerate(CALLS):
            played = self.chance.choice(SCENES)
            some = faults(files.expected(played)[0], kind, 20)
            if some:
                fault = self.chance.choice(some)
                yield partial(self._played, f"failing {name}", files, played, fault, disk=fault)

    def _full(self, disk: Path | None) -> Iterator[Callable[[], None]]:
        files = self.stages[0]
        for _ in range(4):
            played = self.chance.choice(SCENES)
            room = self.chance.choice(ROOMS)
            if disk is not None:
                attack = partial(attacks.fill_up, files, played, disk, room)
                yield self._noted(f"full disk: {played.name}", files, attack, room)
            most = self.chance.randint(10_000, 400_000)
            yield partial(self._played, "limited files", files, played, most, bytes=most)

    def crowds(self) -> Iterator[Callable[[], None]]:
        """Let eight writers and readers of every kind be at work at once."""
        for number in range(self.seed, self.seed + 1_000):
            for stage in self.stages:
                others = dict.fromkeys(KINDS, 1) | {"tail": 2}
                attack = partial(self._crowd, stage, number, others)
                yield self._noted("crowd of 8 writers, 7 others", stage, attack, number)

    def _crowd(self, stage: Stage, seed: int, others: dict[str, int]) -> str:
        came: Came = crowd(stage, seed, 6_000, 8, others)
        for number, wait in enumerate(came.waits, 1):
            print(
                f"  {stage.backend} writer {number}: {wait.transactions} transactions, waited"
                f" {wait.median * 1000:.1f} ms (median), {wait.longest * 1000:.0f} ms at most"
            )
        asked = max(each["longest"] for each in came.others["ask"])
        print(f"  {stage.backend} longest answer meanwhile: {asked:.2f} s")
        return f"{came.position} positions"


def main() -> int:
    """Run, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=300.0, help="seconds, about")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    given = parser.parse_args()
    print(f"seed {given.seed}, about {given.limit:.0f} s", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cpod-crash-")))
        crew: Children = stack.enter_context(children(built(folder)))
        server = PrivateServer()
        stack.callback(server.remove)
        server.start()
        stages: list[Stage] = [Stage(crew, folder / "files", lines.small(given.seed))]
        on_server = PostgresStage(crew, folder / "server", lines.small(given.seed + 1), server.url)
        stages.append(stack.enter_context(removed(on_server)))
        for name in ("files", "server"):
            (folder / name).mkdir()
        run = Run(stages, server, given.seed, folder)
        run.all(given.limit)
        run.report.show()
        print(f"{run.report.failures} failed; again with CRASH_SEED={given.seed}")
    return 1 if run.report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
