"""The receipt of a run: what became of every line, counted so that nothing is left over.

read + released = appended + duplicates + refused. What a run reads, and what it releases of the
lines that an earlier run had left waiting, is in the end appended, a duplicate, or refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, overload

from ledger.commands.sources import Line
from ledger.domain.refusals import CODES, Refusal

Decision = Literal["appended", "duplicate", "refused"]

_FINAL: Final = frozenset(
    {"bad-json", "line-too-long", "not-a-cloudevent", "unknown-type", "invalid-data", "conflict"}
)
"""Refusals of a line that nothing in the same run can undo; of the others, each line is watched."""


class Outcome(NamedTuple):
    """What became of one line, whose transaction is still open."""

    line: Line
    decision: Decision
    refusal: Refusal | None = None
    position: int | None = None
    number: int | None = None
    """Where its bytes wait, or waited, in the quarantine."""
    waited: bool = False
    """Whether its bytes had waited there before it came."""


class AllAppended(Sequence[Outcome]):
    """Lines that were all appended, one after the other: outcomes that are made when asked for."""

    def __init__(self, lines: Sequence[Line], first: int) -> None:
        """Take the lines, and the position of the first."""
        self.lines = lines
        self.first = first

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Outcome]:
        for position, line in enumerate(self.lines, self.first):
            yield Outcome(line, "appended", None, position)

    @overload
    def __getitem__(self, index: int) -> Outcome: ...

    @overload
    def __getitem__(self, index: slice) -> list[Outcome]: ...

    def __getitem__(self, index: int | slice) -> Outcome | list[Outcome]:
        if isinstance(index, slice):
            return list(map(self.__getitem__, range(len(self))[index]))
        line = self.lines[index]
        return Outcome(line, "appended", None, self.first + index % len(self))


class Verdict(NamedTuple):
    """What became of one line, as it is told to its sender."""

    file: str
    line: int
    verdict: Decision
    code: str | None = None
    reason: str | None = None


class Refused(NamedTuple):
    """The lines that are still refused with one code, and the first of them."""

    code: str
    lines: int
    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a run did."""

    read: int
    appended: int
    released: int
    duplicates: int
    refused: int
    first_position: int | None
    last_position: int | None
    seconds: float
    refusals: tuple[Refused, ...] = ()
    """What is still refused, by code in the order of `CODES`."""
    verdicts: tuple[Verdict, ...] = ()
    """In the order of the lines; only a dry run keeps them."""
    problem: str | None = None
    """Why the input ended early, if it did, in one sentence."""
    taken_over: int = 0
    """Lines that were not read, for a run that was stopped had recorded them."""
    refused_before: int = 0
    """Of the lines taken over, those that wait in the quarantine."""
    stopped: bool = False
    """Whether it ended before all was read, for too many lines were refused."""

    @property
    def is_clean(self) -> bool:
        """Return whether all of the input was read, by this run or before, and none of it waits."""
        return not self.refused and not self.refused_before and self.problem is None

    def answer(self) -> dict[str, object]:
        """Return what is printed, in its order."""
        return {
            "read": self.read,
            "appended": self.appended,
            "released": self.released,
            "duplicates": self.duplicates,
            "refused": self.refused,
            "first_position": self.first_position,
            "last_position": self.last_position,
            "seconds": round(self.seconds, 3),
            "taken_over": self.taken_over,
            "refused_before": self.refused_before,
        }


def combined(one: Receipt, other: Receipt) -> Receipt:
    """Return the receipt of two runs, one after the other; what it says last is that of the other.

    A line that the first left waiting and the second released counts as each of them counted it.
    """
    groups = {group.code: group for group in one.refusals}
    for group in other.refusals:
        first = groups.get(group.code, group._replace(lines=0))
        groups[group.code] = first._replace(lines=first.lines + group.lines)
    return Receipt(
        read=one.read + other.read,
        appended=one.appended + other.appended,
        released=one.released + other.released,
        duplicates=one.duplicates + other.duplicates,
        refused=one.refused + other.refused,
        first_position=min(filter(None, (one.first_position, other.first_position)), default=None),
        last_position=max(filter(None, (one.last_position, other.last_position)), default=None),
        seconds=one.seconds + other.seconds,
        refusals=tuple(sorted(groups.values(), key=lambda group: CODES.index(group.code))),
        verdicts=one.verdicts + other.verdicts,
        problem=other.problem or one.problem,
        taken_over=one.taken_over + other.taken_over,
        refused_before=one.refused_before + other.refused_before,
        stopped=other.stopped,
    )


NOTHING: Final = Receipt(0, 0, 0, 0, 0, None, None, 0.0)
"""The receipt of a run that has done nothing."""


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
        return tuple(sorted(groups.values(), key=lambda group: CODES.index(group.code)))
