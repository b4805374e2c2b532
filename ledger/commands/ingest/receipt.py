"""The receipt of a run: what became of every line, counted so that nothing is left over.

read + released = appended + duplicates + refused. What a run reads, and what it releases of the
lines that an earlier run had left waiting, is in the end appended, a duplicate, or refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, overload

from ledger.commands.sources.lines import Line
from ledger.domain.refusals import CODES, Refusal

Decision = Literal["appended", "duplicate", "refused"]


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


def by_code(groups: Iterable[Refused]) -> tuple[Refused, ...]:
    """Return groups of refused lines in the order of `CODES`."""
    return tuple(sorted(groups, key=lambda group: CODES.index(group.code)))


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
        refusals=by_code(groups.values()),
        verdicts=one.verdicts + other.verdicts,
        problem=other.problem or one.problem,
        taken_over=one.taken_over + other.taken_over,
        refused_before=one.refused_before + other.refused_before,
        stopped=other.stopped,
    )


NOTHING: Final = Receipt(0, 0, 0, 0, 0, None, None, 0.0)
"""The receipt of a run that has done nothing."""
