"""Release: lines that were refused are tried again, in the order in which they came to wait."""

import heapq
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from ledger.commands.ingest.decision_state import brings
from ledger.commands.ingest.judge import Judge
from ledger.commands.ingest.parse import Prepared
from ledger.commands.ingest.receipt import Outcome
from ledger.commands.ingest.tally import Tally
from ledger.commands.ingest.unit_of_work import Engine
from ledger.commands.sources.lines import EVENT_LIMIT, Line
from ledger.domain.refusals import Refusal
from ledger.storage.log import HeldLine, Writer

BATCH_SIZE: Final = 1_000
"""Lines that are tried in one transaction."""


def release(engine: Engine, tally: Tally, batch_size: int = BATCH_SIZE) -> None:
    """Try what waits for something that is recorded by now, until nothing moves."""
    while not engine.nothing_waits and _Pass(engine, tally, batch_size).run():
        pass


def retry_line(held: HeldLine) -> Line:
    """Return a line of the quarantine as if it came again; what is too long stays refused."""
    too_long = len(held.raw) > EVENT_LIMIT
    refused = Refusal(held.code, held.reason) if too_long else None
    return Line(held.file, held.line, held.raw, refused)


class _Pass:
    """One pass over what waits, by number; what it lets in may free later numbers of the pass."""

    def __init__(self, engine: Engine, tally: Tally, batch_size: int) -> None:
        self._engine = engine
        self._tally = tally
        self._batch_size = batch_size
        self._awaited: set[str] | None = None
        self._rows: list[tuple[int, HeldLine]] = []
        self._moved = False

    def run(self) -> bool:
        """Return whether anything left the quarantine."""
        while self._awaited is None or self._rows:
            self._engine.transact(self._some, self._count)
        return self._moved

    def _count(self, outcomes: Sequence[Outcome]) -> None:
        self._tally.retry(outcomes)
        self._moved = self._moved or any(outcome.refusal is None for outcome in outcomes)

    def _some(self, writer: Writer, judge: Judge) -> list[Outcome]:
        """Return the outcomes of the next lines, as many as one transaction takes."""
        if self._awaited is None:
            self._awaited = set(writer.awaited())
            self._free(writer, [name for name in self._awaited if judge.exists(name)])
        size = min(self._batch_size, len(self._rows))
        upcoming = [heapq.heappop(self._rows) for _ in range(size)]
        for row in upcoming:
            heapq.heappush(self._rows, row)  # what is freed meanwhile may come between them
        known = {number: self._engine.prepare(retry_line(held)) for number, held in upcoming}
        judge.look_up(known.values())
        outcomes: list[Outcome] = []
        while self._rows and len(outcomes) < self._batch_size:
            number, held = heapq.heappop(self._rows)
            prepared = known.get(number)
            if prepared is None:
                prepared = self._engine.prepare(retry_line(held))
                judge.look_up([prepared])
            if not judge.waits(held.raw):
                continue  # somebody else has taken it out since
            outcome = judge.judge(prepared)
            outcomes.append(outcome)
            if outcome.decision == "appended":
                self._free(writer, self._freed(prepared), after=number)
        return outcomes

    def _freed(self, prepared: Prepared) -> set[str]:
        assert prepared.key is not None
        assert self._awaited is not None
        return self._awaited.intersection(
            brings(prepared.key, prepared.term.event if prepared.term else None)
        )

    def _free(self, writer: Writer, names: Collection[str], after: int = 0) -> None:
        """Take up the lines behind this number that wait for one of these names."""
        if not names:
            return
        assert self._awaited is not None
        self._awaited.difference_update(names)
        for held in writer.waiting(names):
            if held.number > after:
                heapq.heappush(self._rows, (held.number, held))


def retry(engine: Engine, rows: Iterable[HeldLine], batch_size: int = BATCH_SIZE) -> list[Outcome]:
    """Try these lines again, whatever they were refused for, until nothing moves.

    Returns the last outcome of each.
    """
    last: dict[int, Outcome] = {}
    left = sorted(rows)
    moved = True
    while moved and left:
        outcomes: list[Outcome] = []
        for start in range(0, len(left), batch_size):
            lines = [engine.prepare(retry_line(held)) for held in left[start : start + batch_size]]
            engine.judge_again(lines, outcomes.extend)
        last.update({outcome.number: outcome for outcome in outcomes if outcome.number is not None})
        refused = {outcome.number for outcome in outcomes if outcome.refusal is not None}
        moved = len(refused) < len(outcomes)
        left = [held for held in left if held.number in refused]
    return [last[number] for number in sorted(last)]
