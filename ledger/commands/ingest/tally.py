"""The tally of a run: outcomes in, once their transaction is committed, and a receipt at the end.

A refusal may yet change in the same run, so lines that wait are counted when it is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ledger.commands.ingest.receipt import (
    AllAppended,
    Decision,
    Outcome,
    Receipt,
    Refused,
    Verdict,
    by_code,
)
from ledger.commands.sources.lines import Line
from ledger.domain.refusals import Refusal

_FINAL: Final = frozenset(
    {"bad-json", "line-too-long", "not-a-cloudevent", "unknown-type", "invalid-data", "conflict"}
)
"""Refusals of a line that nothing in the same run can undo; of the others, each line is watched."""


@dataclass(slots=True)
class _Open:
    """Lines of this run with the same bytes, refused by a decision that may yet change."""

    waited: bool
    refusal: Refusal
    file: str
    line: int
    lines: int = 0
    verdicts: list[int] = field(default_factory=list)


class Tally:
    """Counts outcomes, once their transaction is committed."""

    def __init__(self, *, keep_verdicts: bool = False) -> None:
        """Start at nothing; `keep_verdicts` keeps one of every line."""
        self._keep = keep_verdicts
        self._verdicts: list[Verdict] = []
        self._final: dict[str, Refused] = {}
        self._open: dict[int, _Open] = {}
        self._first: int | None = None
        self._last: int | None = None
        self.read = 0
        self._appended = 0
        self._released = 0
        self._duplicates = 0

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count lines that this run has read."""
        if isinstance(outcomes, AllAppended) and outcomes and not self._keep:
            self.read += len(outcomes)
            self._appended += len(outcomes) - 1
            self._append(outcomes.first)
            self._last = max(self._last or 0, outcomes.first + len(outcomes) - 1)
            return
        for outcome in outcomes:
            self.read += 1
            if outcome.refusal is not None:
                self._refuse(outcome, outcome.refusal)
                continue
            if outcome.decision == "appended":
                self._append(outcome.position)
            else:
                self._duplicates += 1
            if outcome.number is not None:  # its bytes were refused before: those are duplicates
                self._settle(outcome.number, "duplicate")
            self._tell(outcome.line, outcome.decision)

    def retry(self, outcomes: Iterable[Outcome]) -> None:
        """Count lines that waited, and were tried again."""
        for outcome in outcomes:
            assert outcome.number is not None, "what was tried again had a number"
            known = self._open.get(outcome.number)
            if outcome.refusal is not None:
                if known is not None:
                    known.refusal = outcome.refusal
                continue
            if outcome.decision == "duplicate":
                self._settle(outcome.number, "duplicate")
                continue
            self._append(outcome.position)
            if known is None or known.waited:
                self._released += 1
                self._settle(outcome.number, "duplicate")
            else:
                self._settle(outcome.number, "appended")

    @property
    def appended(self) -> int:
        """Return how many events were appended so far."""
        return self._appended

    @property
    def last_position(self) -> int | None:
        """Return the last position that was given so far."""
        return self._last

    def receipt(self, seconds: float, problem: str | None = None) -> Receipt:
        """Return the receipt of what was counted so far."""
        refusals = self._refusals()
        return Receipt(
            read=self.read,
            appended=self._appended,
            released=self._released,
            duplicates=self._duplicates,
            refused=sum(group.lines for group in refusals),
            first_position=self._first,
            last_position=self._last,
            seconds=seconds,
            refusals=refusals,
            verdicts=self._told(),
            problem=problem,
        )

    def _append(self, position: int | None) -> None:
        assert position is not None, "what is appended has a position"
        self._appended += 1
        self._first = position if self._first is None else min(self._first, position)
        self._last = position if self._last is None else max(self._last, position)

    def _refuse(self, outcome: Outcome, refusal: Refusal) -> None:
        line, number = outcome.line, outcome.number
        assert number is not None, "what is refused waits in the quarantine"
        if number not in self._open and refusal.code in _FINAL:
            group = self._final.get(refusal.code)
            self._final[refusal.code] = (
                Refused(refusal.code, 1, line.file, line.number, refusal.reason)
                if group is None
                else group._replace(lines=group.lines + 1)
            )
            self._tell(line, "refused", refusal)
            return
        waiting = self._open.setdefault(
            number, _Open(outcome.waited, refusal, line.file, line.number)
        )
        waiting.lines += 1
        waiting.refusal = refusal
        if self._keep:
            waiting.verdicts.append(len(self._verdicts))
        self._tell(line, "refused", refusal)

    def _settle(self, number: int, first: Decision) -> None:
        """Count the lines of this run that waited under a number: the first so, others twice."""
        settled = self._open.pop(number, None)
        if settled is None:
            return
        self._duplicates += settled.lines - (first == "appended")
        for place, index in enumerate(settled.verdicts):
            told = self._verdicts[index]
            decision: Decision = first if place == 0 else "duplicate"
            self._verdicts[index] = Verdict(told.file, told.line, decision)

    def _tell(self, line: Line, decision: Decision, refusal: Refusal | None = None) -> None:
        if self._keep:
            code, reason = (refusal.code, refusal.reason) if refusal else (None, None)
            self._verdicts.append(Verdict(line.file, line.number, decision, code, reason))

    def _told(self) -> tuple[Verdict, ...]:
        """Return the verdicts, those of what still waits with the reason of the last trial."""
        told = list(self._verdicts)
        for waiting in self._open.values():
            for index in waiting.verdicts:
                told[index] = told[index]._replace(
                    code=waiting.refusal.code, reason=waiting.refusal.reason
                )
        return tuple(told)

    def _refusals(self) -> tuple[Refused, ...]:
        groups = dict(self._final)
        for waiting in self._open.values():
            code = waiting.refusal.code
            own = Refused(code, waiting.lines, waiting.file, waiting.line, waiting.refusal.reason)
            group = groups.get(code)
            groups[code] = own if group is None else group._replace(lines=group.lines + own.lines)
        return by_code(groups.values())
