"""The conversion: row after row through the rules, and what came of them is counted."""

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from ledger.commands.sources.lines import EVENT_LIMIT
from ledger.convert.problems import BAD_ROW, NO_RULE, RowProblemError
from ledger.convert.profile import Profile
from ledger.convert.rules import Making, Occurrence, condition, making, text_of, watched
from ledger.convert.sorting import by_time
from ledger.convert.table import Table, TableRow, check_width
from ledger.convert.values import Cells, Item, as_text, makers_of, remember
from ledger.domain.events import BY_NAME
from ledger.domain.refusals import SEPARATOR, Refusal, shown
from ledger.errors import UsageError
from ledger.messages import Words
from ledger.storage.codec import Codec

ConversionProgress = Callable[[int, int], None]
"""Is told how many rows are done, and how many bytes of the table were read."""

_EVERY: Final = 1_000
_NOTHING: Final[Mapping[str, Item]] = {}


class Misfit(NamedTuple):
    """A cause for which rows do not fit, and the first of them."""

    code: str
    rows: int
    line: int
    reason: str


class Made(NamedTuple):
    """One event: its time in nanoseconds since 1970, and its bytes; `mark` is set if made once."""

    time: int
    raw: bytes
    mark: str | None


class _Before(NamedTuple):
    """The last row of a group: what it was, where it stood, and what is watched in it."""

    digest: bytes
    place: Occurrence
    watched: Mapping[str, Item]


class Conversion:
    """One table on its way through one profile.

    A row gives all of its events, or none and a reason. The counts are of the rows done so far.
    """

    def __init__(self, profile: Profile, table: Table, *, max_errors: int | None = None) -> None:
        """Make the rules ready. Raises UsageError, naming the key of the profile."""
        self._table = table
        self._profile = profile
        self._max_errors = max_errors
        self._makers = makers_of(profile, table.header)
        known = frozenset(self._makers)
        self._rules = [
            making(rule, number, profile.source, profile.group, known)
            for number, rule in enumerate(profile.events, start=1)
        ]
        for rule in self._rules:
            if rule.type not in BY_NAME:
                raise UsageError(
                    "{key}.type: there is no event type {type}", key=rule.key, type=shown(rule.type)
                )
        self._skips = [
            (condition(skip, f"skip[{number}]", profile.group, known), skip.because)
            for number, skip in enumerate(profile.skip, start=1)
        ]
        self._watched = watched([*profile.events, *profile.skip])
        self._asks_for_last = any(asked.row == "last" for asked in [*profile.events, *profile.skip])
        self._by = profile.group.by if profile.group is not None else []
        for name in self._by:
            if name not in known:
                raise UsageError("group.by: there is no column or value {name}", name=name)
        for name in self._watched:
            if name not in known:
                raise UsageError("there is no column or value {name}", name=name)
        self._codec = Codec()
        self._groups: dict[str, _Before | None] = {}
        self._group: str | None = None
        self._marks: set[str] = set()
        self._misfits: dict[tuple[str, str], Misfit] = {}
        self.rows = 0
        self.events = 0
        self.misfit_rows = 0
        self.left_out: dict[str, int] = {}
        self.stopped = False
        """Whether it ended early, since too many rows did not fit."""

    @property
    def misfits(self) -> list[Misfit]:
        """Return why rows did not fit, by cause."""
        return list(self._misfits.values())

    def run(self, on_progress: ConversionProgress | None = None) -> Iterator[bytes]:
        """Yield the events, each in one line without its end, in the order of the profile."""
        made = self._made(on_progress)
        if self._profile.order == "time":
            return by_time((event.time, event.raw) for event in made)
        return (event.raw for event in made)

    def _made(self, on_progress: ConversionProgress | None) -> Iterator[Made]:
        for row, key, last in self._placed():
            self.rows += 1
            if on_progress is not None and self.rows % _EVERY == 0:
                on_progress(self.rows, self._table.bytes_read)
            try:
                if row.problem is not None:
                    raise row.problem
                events = self._events_of(row, key, last=last)
            except RowProblemError as problem:
                self._note(row.line, problem)
                if self.stopped:
                    return
                continue
            self.events += len(events)
            yield from events

    def _placed(self) -> Iterator[tuple[TableRow, str | None, bool]]:
        """Yield each row with the key of its group, and whether it is the last of it.

        Where a rule asks for the last, one row is held back until the next one is known: a row
        is the last of its group when the next is of another.
        """
        held: tuple[TableRow, str | None] | None = None
        for row in self._table:
            problem = check_width(row, self._table.header)
            if problem is not None:
                yield row._replace(problem=problem), None, False
                continue
            try:
                key = self._key(row)
            except RowProblemError as wrong:
                yield row._replace(problem=wrong), None, False
                continue
            if not self._asks_for_last:
                yield row, key, False
                continue
            if held is not None:
                yield *held, held[1] != key
            held = (row, key)
        if held is not None:
            yield *held, True

    def _key(self, row: TableRow) -> str | None:
        if not self._by:
            return None
        cells = Cells(row.line, row.values, self._makers)
        texts = [as_text(cells[name]) for name in self._by]
        if None in texts:
            missing = self._by[texts.index(None)]
            raise RowProblemError(
                BAD_ROW, Words("{missing} is null: the row belongs to no group", missing=missing)
            )
        return SEPARATOR.join(filter(None, texts))

    def _events_of(self, row: TableRow, key: str | None, *, last: bool) -> list[Made]:
        """Return the events of one row. Raises RowProblemError."""
        cells = Cells(row.line, row.values, self._makers)
        place = self._place(row, key, last=last)
        now: dict[str, Item] = {}
        try:
            for name in self._watched:
                now[name] = cells[name]
            made = self._by_rules(cells, place)
        finally:
            if key is not None:
                self._groups[key] = _Before(_digest(row), place, now or _NOTHING)
        self._marks.update(event.mark for event in made if event.mark is not None)
        return made

    def _place(self, row: TableRow, key: str | None, *, last: bool) -> Occurrence:
        """Return where a row stands. The same row again stands where it stood: a duplicate."""
        before = self._before(key)
        if before is None:
            return Occurrence(first=True, last=last, before=_NOTHING)
        if before.digest == _digest(row):
            return before.place._replace(last=last)
        return Occurrence(first=False, last=last, before=before.watched)

    def _before(self, key: str | None) -> _Before | None:
        """Return the row before in the group, None where this is the first."""
        if key is None:
            return None
        known = key in self._groups
        assert self._profile.group is not None
        if self._profile.group.together and key != self._group:
            if known:
                raise RowProblemError(
                    BAD_ROW,
                    Words(
                        "the group {group} was over: sort the table, or say group.together = false",
                        group=", ".join(map(shown, key.split(SEPARATOR))),
                    ),
                )
            if self._group is not None:
                self._groups[self._group] = None
        self._group = key
        if not known:
            remember(len(self._groups), "group")
        return self._groups.get(key)

    def _by_rules(self, cells: Cells, place: Occurrence) -> list[Made]:
        for skipped, because in self._skips:
            if skipped(cells, place):
                self.left_out[because] = self.left_out.get(because, 0) + 1
                return []
        made: list[Made] = []
        fits = False
        for rule in self._rules:
            if not rule.fits(cells, place):
                continue
            mark = rule.once(cells) if rule.once is not None else None
            if mark is None:
                fits = True
            elif mark in self._marks:
                continue
            else:
                remember(len(self._marks), rule.key)
            made.append(self._event(rule, cells, mark))
        if not fits and any(rule.once is None for rule in self._rules):
            raise RowProblemError(NO_RULE, "no rule is for this row: add an event, or skip it")
        return made

    def _event(self, rule: Making, cells: Cells, mark: str | None) -> Made:
        """Return the event that a rule makes of a row. Raises RowProblemError."""
        event = {
            "specversion": "1.0",
            "id": text_of(rule.id(cells), "id"),
            "source": text_of(rule.source(cells), "source"),
            "type": rule.type,
            "time": text_of(rule.time(cells), "time"),
            "data": rule.data(cells),
        }
        raw = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        place = f"{rule.key} {rule.type}"
        if len(raw) > EVENT_LIMIT:
            raise RowProblemError(
                "line-too-long", Words("{count:,} bytes are no event", count=len(raw)), place
            )
        envelope = self._codec.receive(raw)
        if isinstance(envelope, Refusal):
            raise RowProblemError(envelope.code, envelope.reason, place)
        found = self._codec.typed(envelope)
        typed = found if isinstance(found, Refusal) else found.refusal
        if typed is not None:
            raise RowProblemError(typed.code, typed.reason, place)
        return Made(envelope.time, raw, mark)

    def _note(self, line: int, problem: RowProblemError) -> None:
        self.misfit_rows += 1
        cause = (problem.code, problem.place)
        first = self._misfits.get(cause)
        self._misfits[cause] = (
            Misfit(problem.code, 1, line, problem.reason)
            if first is None
            else first._replace(rows=first.rows + 1)
        )
        if self._max_errors is not None and self.misfit_rows >= self._max_errors:
            self.stopped = True


def _digest(row: TableRow) -> bytes:
    """Return what tells a row from others, in few bytes: each group keeps it."""
    return sha256(SEPARATOR.join(row.values).encode()).digest()[:16]
