"""A crowd: processes that write, read, ask and tidy up at once, and what has to come of it."""

import random
from pathlib import Path
from typing import Any, NamedTuple

import aftermath
import lines
from children import Ended, Running
from stages import Stage
from together import STOP

from ledger import Ledger

BATCHES = (7, 20, 50)
KINDS = ("tail", "ask", "rebuild", "retry", "seal", "check")


class Wait(NamedTuple):
    """How long one writer's transactions have waited for their turn, in seconds."""

    transactions: int
    median: float
    longest: float


class Came(NamedTuple):
    """What a crowd came to."""

    position: int
    waits: list[Wait]
    others: dict[str, list[dict[str, Any]]]


def crowd(stage: Stage, seed: int, size: int, writers: int, others: dict[str, int]) -> Came:
    """Let writers send overlapping parts of the same lines at once, while others do their things.

    Every line is sent by two writers or more. Nothing is lost or doubled, whoever wins.
    """
    chance = random.Random(seed)
    sent = lines.large(seed, size)
    place = stage.copied(stage.begin("key"))
    stage.run(place, ("init",))
    url = stage.url(place)
    started = []
    parts = _parts(chance, sent, writers)
    for number, part in enumerate(parts):
        path = place / f"part-{number}.jsonl"
        path.write_bytes(b"\n".join(part) + b"\n")
        given = [url, str(path), chance.choice(BATCHES)]
        started.append(stage.children.start(place, call="together:send", given=given))
    watching = {
        kind: [
            stage.children.start(
                place, call=f"together:{kind}", given=[url, str(place), seed + number]
            )
            for number in range(count)
        ]
        for kind, count in others.items()
    }
    receipts = [_answer(running) for running in started]
    (place / STOP).touch()
    came = {kind: [_answer(each) for each in some] for kind, some in watching.items()}
    position = aftermath.assert_sound(url)
    _assert_nothing_lost(stage, place, sent, receipts, came)
    return Came(position, [_wait_of(receipt["waits"]) for receipt in receipts], came)


def _parts(chance: random.Random, sent: list[bytes], writers: int) -> list[list[bytes]]:
    """Return what each writer sends: a stretch of the lines, twice as long as its share."""
    share = -(-len(sent) // writers)
    parts = []
    for number in range(writers):
        part = [*sent, *sent][number * share : (number + 2) * share]
        parts.append(chance.sample(part, len(part)))
    return parts


def _answer(running: Running) -> dict[str, Any]:
    ended: Ended = running.wait()
    assert ended.exit == 0, ended.err
    return dict(ended.answer)


def _wait_of(waits: list[float]) -> Wait:
    return Wait(len(waits), sorted(waits)[len(waits) // 2], max(waits))


def _assert_nothing_lost(
    stage: Stage,
    place: Path,
    sent: list[bytes],
    receipts: list[dict[str, Any]],
    came: dict[str, list[dict[str, Any]]],
) -> None:
    """Every event is there once, as the receipts say; the answers are those of an only writer."""
    with Ledger.open(stage.url(place)) as ledger:
        rows = ledger.log.read(0, limit=10**6)
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))
        assert len(ledger.quarantine_list()["rows"]) == 0
    appended = sum(receipt["appended"] for receipt in receipts)
    appended += sum(each["appended"] for each in came.get("retry", ()))
    assert appended == len(rows) == len(sent)
    alone = stage.copied(stage.begin("key"))
    (alone / "lines.jsonl").write_bytes(b"\n".join(sent) + b"\n")
    stage.run(alone, ("ingest", "--init", "{place}/lines.jsonl"))
    aftermath.assert_same(aftermath.content(stage.url(place)), aftermath.content(stage.url(alone)))
    stage.remove(alone)
    stage.remove(place)
