"""Attacks on a ledger, each with all that has to hold afterwards; they are made on any stage."""

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import aftermath
import lines
from children import KILLED, Running, Stop
from scenes import Scene
from stages import LEDGER, Stage

LARGE = ("ingest", "--batch-size", "40", "{place}/large.jsonl", "--format", "json")
TIRED_AFTER = 60.0
"""Seconds after which a command that is killed again and again may finish."""


def kill_now_and_then(stage: Stage, seed: int, size: int, longest: float) -> int:
    """Kill an ingest at random moments until it has gone through; return how often it was killed.

    The input is long enough for a second process to prepare it, which ends with the first.
    """
    chance = random.Random(seed)
    place, sent = _with_large(stage, seed, size)
    killed, began = 0, time.monotonic()
    while True:
        running = _start(stage, place)
        if time.monotonic() - began < TIRED_AFTER:
            time.sleep(chance.uniform(0.01, longest))
            running.kill()
        ended = running.wait()
        assert not ended.orphans, "the process that prepares was left behind"
        if ended.exit != KILLED:
            break
        killed += 1
    assert ended.exit in {0, 1}, ended.err  # 1: lines that were refused before it was killed count
    url = stage.url(place)
    assert aftermath.assert_sound(url) == len(sent)
    _assert_as_if_sent_at_once(stage, place)
    stage.remove(place)
    return killed


def leave_an_orphan(stage: Stage, seed: int) -> int:
    """Kill an ingest while another process prepares for it; return how many there were in all."""
    place, _ = _with_large(stage, seed, 4_000)
    stop = Stop("commit", 30, fault="wait")
    running = _start(stage, place, stop=stop)
    _await(running.place / "moment")
    processes = processes_of(running.child)
    running.kill()
    ended = running.wait()
    assert ended.exit == KILLED
    assert not ended.orphans, "the process that prepares was left behind"
    aftermath.assert_sound(stage.url(place))
    stage.remove(place)
    return processes


def processes_of(group: int) -> int:
    """Return how many processes are in a group."""
    listed = subprocess.run(["ps", "-A", "-o", "pgid="], capture_output=True, text=True, check=True)
    return listed.stdout.split().count(str(group))


def in_mid_batch(stage: Stage, scene: Scene, stop: Stop, disturb) -> int:
    """Do something to the server at a moment of a command, and return how the command ended."""
    _, expected = stage.expected(scene)
    place = stage.copied(stage.begin(scene.begins))
    words = [word.format(place=place) for word in scene.argv]
    running = stage.children.start(
        place,
        ("--ledger", stage.url(place), *words),
        postgres=True,
        stop=stop._replace(fault="wait"),
        settings=dict(scene.settings),
    )
    _await(running.place / "moment")
    disturb()
    (running.place / "go-on").touch()
    ended = running.wait()
    assert ended.exit in scene.exits | {5}, (ended.exit, ended.err)
    assert "Traceback" not in ended.err, ended.err
    shutil.rmtree(running.place)
    again = stage.run(place, tuple(scene.argv), settings=dict(scene.settings))
    assert again.exit in scene.exits | scene.again, again.err
    aftermath.assert_sound(stage.url(place))
    aftermath.assert_same(stage.content(scene, place), expected)
    stage.remove(place)
    return ended.exit


def tear(stage: Stage, seed: int, times: int) -> int:
    """Cut the write-ahead log of a ledger anywhere, as if the power had failed; return how often.

    What is left is the ledger as it was after one of its commits, and the rest can be sent again.
    """
    chance = random.Random(seed)
    scene = next(each for each in _scenes() if each.name == "ingest more")
    _, expected = stage.expected(scene)
    origin = stage.copied(stage.begin(scene.begins))
    ended, _ = stage.expected(scene)
    stop = Stop("commit", ended.points["commit"], after=True)
    stage.run(origin, tuple(scene.argv), stop=stop, settings=dict(scene.settings))
    size = (origin / f"{LEDGER}-wal").stat().st_size
    assert size > 0
    for _ in range(times):
        place = stage.copied(origin)
        (place / f"{LEDGER}-shm").unlink()
        wal = place / f"{LEDGER}-wal"
        with wal.open("rb+") as file:
            file.truncate(cut := chance.randrange(size))
            if chance.random() < 0.5:  # blocks that were never written hold anything
                file.seek(max(0, cut - 3_000))
                file.write(chance.randbytes(5_000))
        aftermath.assert_sound(stage.url(place))
        again = stage.run(place, tuple(scene.argv))
        assert again.exit in scene.exits, again.err
        aftermath.assert_sound(stage.url(place))
        aftermath.assert_same(stage.content(scene, place), expected)
        stage.remove(place)
    stage.remove(origin)
    return times


def _scenes() -> tuple[Scene, ...]:
    from scenes import SCENES

    return SCENES


def fill_up(stage: Stage, scene: Scene, disk: Path, room: int) -> int:
    """Play a scene on a disk that has little room, make more, and do it again; return the exit."""
    _, expected = stage.expected(scene)
    place = stage.copied(stage.begin(scene.begins))
    full = disk / f"place-{room}"
    shutil.copytree(place, full)
    stage.remove(place)
    ballast = full / "ballast"
    free = shutil.disk_usage(disk).free
    ballast.write_bytes(bytes(max(0, free - room)))
    ended = stage.run(full, tuple(scene.argv), settings=dict(scene.settings))
    assert ended.exit in scene.exits | {5}, (ended.exit, ended.err)
    assert "Traceback" not in ended.err, ended.err
    ballast.unlink()
    if stage.is_there(full):
        aftermath.assert_sound(stage.url(full))
    again = stage.run(full, tuple(scene.argv), settings=dict(scene.settings))
    assert again.exit in scene.exits | scene.again, again.err
    aftermath.assert_sound(stage.url(full))
    aftermath.assert_same(stage.content(scene, full), expected)
    shutil.rmtree(full)
    return ended.exit


def _with_large(stage: Stage, seed: int, size: int) -> tuple[Path, list[bytes]]:
    place = stage.copied(stage.begin("key"))
    stage.run(place, ("init",))
    sent = lines.large(seed, size)
    (place / "large.jsonl").write_bytes(b"\n".join(sent) + b"\n")
    return place, sent


def _start(stage: Stage, place: Path, **order: object) -> Running:
    words = [word.format(place=place) for word in LARGE]
    return stage.children.start(
        place,
        ("--ledger", stage.url(place), *words),
        postgres=stage.backend == "postgres",
        **order,
    )


def _await(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, "the moment does not come"
        time.sleep(0.01)


def _assert_as_if_sent_at_once(stage: Stage, place: Path) -> None:
    alone = stage.copied(stage.begin("key"))
    shutil.copy(place / "large.jsonl", alone / "lines.jsonl")
    ended = stage.run(alone, ("ingest", "--init", "{place}/lines.jsonl"))
    assert ended.exit == 0, ended.err
    aftermath.assert_same(aftermath.content(stage.url(place)), aftermath.content(stage.url(alone)))
    stage.remove(alone)


def mounted(folder: Path, size: int) -> Path | None:
    """Return a small disk of its own, None where none can be mounted."""
    disk = folder / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    done = os.geteuid() == 0 and subprocess.run(words, check=False, capture_output=True)
    return disk if done and done.returncode == 0 else None


def unmount(disk: Path) -> None:
    """Take a disk away again."""
    subprocess.run(["umount", str(disk)], check=True)
