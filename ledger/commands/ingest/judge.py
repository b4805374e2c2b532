"""Judging: each line gets its own verdict, in the order of the lines, within one transaction.

A line is judged by its JSON and envelope, its key (duplicate or conflict), its type, its data, and,
if it is a term, by what is recorded. What does not depend on the log is found out beforehand.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import repeat
from typing import cast

from ledger.commands.ingest.decision_state import Knowledge
from ledger.commands.ingest.parse import Columns, Prepared, columns_of
from ledger.commands.ingest.receipt import AllAppended, Outcome
from ledger.domain.aggregates.decisions import Lookups
from ledger.domain.events.fields import Event
from ledger.domain.events.reversals import EventReversed
from ledger.domain.recorded import Recorded, event_key
from ledger.domain.refusals import SEPARATOR, Refusal
from ledger.storage.log import NewEvent, Writer, new_events
from ledger.storage.vault.writing import Persons

Decide = Callable[[Event, int, Lookups], Refusal | None]
"""`ledger.domain.aggregates.decisions.decide`."""

UNATTRIBUTED = "unattributed"
"""The stream of what names neither package, contract nor workspace, and has no home."""


class Judge:
    """Judges the lines of one transaction, one after the other; `close` appends what is left."""

    def __init__(self, writer: Writer, knowledge: Knowledge, decide: Decide) -> None:
        """Judge by what the writer sees."""
        self._writer = writer
        self._knowledge = knowledge
        self._decide = decide
        self._states: dict[str, bytes] = {}
        self._held: dict[bytes, int] = {}
        self._waited: set[int] = set()
        self._new: list[NewEvent] = []
        self._settled: dict[str, str] = {}
        self._position = writer.tail.position
        knowledge.begin(writer, self.flush)
        self._persons = Persons(writer, knowledge.kept)

    def look_up(self, lines: Collection[Prepared]) -> None:
        """Ask the log at once for what judging these lines needs, so that each needs no asking."""
        if lines:
            self._look_up(columns_of(lines))

    def _look_up(self, batch: Columns) -> None:
        keys = {key for key in batch.key if key is not None} - self._states.keys()
        found = self._writer.find(keys)
        self._states.update({key: row.state for key, row in found.items()})
        held = self._writer.held(line.raw for line in batch.line)
        self._held.update(held)
        self._waited.update(held.values())
        self._look_up_homes(batch.subject)
        homes = self._knowledge.homes
        places = zip(batch.named, batch.subject, batch.workspace, strict=True)
        self._look_up_versions(
            {
                named or (subject and homes.get(subject)) or workspace or UNATTRIBUTED
                for named, subject, workspace in places
            }
        )
        if any(batch.held):
            self._persons.look_up({person for held in batch.held for person, _ in held})

    def _look_up_homes(self, subjects: Iterable[str | None]) -> None:
        homes = self._knowledge.homes
        # One by one: what is left of a set without keys is found by walking through all the keys
        unknown = {subject for subject in subjects if subject not in homes and subject is not None}
        if unknown:
            found = self._writer.homes(unknown)
            homes.update({subject: found.get(subject) for subject in unknown})

    def _look_up_versions(self, streams: Collection[str]) -> None:
        versions = self._knowledge.versions
        unknown = {stream for stream in streams if stream not in versions}
        if unknown:
            versions.update(self._writer.versions(unknown))

    def judge_all(self, lines: Sequence[Prepared]) -> Sequence[Outcome]:
        """Return the outcomes of lines, looked up at once and judged in their order."""
        if not lines:
            return []
        batch = columns_of(lines)
        self._look_up(batch)
        if self._are_new_facts(batch):
            return self._accept_all(batch)
        return [self.judge(line) for line in lines]

    def _are_new_facts(self, batch: Columns) -> bool:
        """Return whether all lines are facts that nobody has sent before: all are accepted."""
        if any(batch.refusal) or any(batch.term) or self._held:
            return False
        keys = set(batch.key)
        return len(keys) == len(batch.key) and keys.isdisjoint(self._states)

    def _accept_all(self, batch: Columns) -> AllAppended:
        """Take in new facts as `judge` takes in each of them, only quicker."""
        homes, versions = self._knowledge.homes, self._knowledge.versions
        streams: list[str] = []
        places: list[int] = []
        for subject, named, workspace in zip(
            batch.subject, batch.named, batch.workspace, strict=True
        ):
            home = homes[subject] if subject is not None else None
            stream = named or home or workspace or UNATTRIBUTED
            if subject is not None and (home is None or (named is not None and named != home)):
                homes[subject] = self._settled[subject] = stream
            if stream not in versions:
                self._look_up_versions([stream])
            version = versions[stream] = versions[stream] + 1
            streams.append(stream)
            places.append(version)
        keys, given = cast("list[str]", batch.key), cast("list[bytes]", batch.state)
        states = [
            self._persons.accept(state, held) if held else state
            for state, held in zip(given, batch.held, strict=True)
        ]
        self._new += new_events(zip(streams, places, batch.topic, states, keys, repeat(None)))
        self._states.update(zip(keys, states, strict=True))
        first = self._position + 1
        self._position += len(states)
        return AllAppended(batch.line, first)

    def judge(self, prepared: Prepared) -> Outcome:
        """Return the outcome of one line that was looked up; a refused one is held."""
        if prepared.key is None:
            return self._refuse(prepared)
        state = self._states.get(prepared.key)
        if state is not None:
            if prepared.state == state or self._is_same(prepared, state):
                return self._done(Outcome(prepared.line, "duplicate"))
            return self._refuse(prepared, _conflict(prepared.key))
        if prepared.refusal is not None:
            return self._refuse(prepared)
        term = prepared.term
        if term is not None:
            refusal = self._decide(term.event, term.envelope.time, self._knowledge)
            if refusal is not None:
                return self._refuse(prepared, refusal)
        state = prepared.state
        assert state is not None, "a line without stored bytes has a refusal"
        if prepared.held:
            state = self._persons.accept(state, prepared.held)
        self._accept(prepared, prepared.key, state)
        return self._done(Outcome(prepared.line, "appended", position=self._position))

    def _is_same(self, prepared: Prepared, stored: bytes) -> bool:
        """Return whether an event that names persons is the one that was stored."""
        if prepared.state is None or not prepared.held:
            return False
        self._persons.flush()
        return self._persons.is_same(prepared.state, prepared.held, stored)

    def exists(self, name: str) -> bool:
        """Return whether what a refused line waits for is recorded, or accepted by now."""
        return self._knowledge.exists(name)

    def waits(self, raw: bytes) -> bool:
        """Return whether a line that was looked up is in the quarantine."""
        return raw in self._held

    def flush(self) -> None:
        """Append what was accepted so far."""
        self._persons.flush()
        if self._new:
            self._writer.append(self._new)
            self._new = []
            self._knowledge.appended()
        if self._settled:
            self._writer.settle(self._settled)
            self._settled = {}

    def _accept(self, prepared: Prepared, key: str, state: bytes) -> None:
        """Take in an event, to be appended at the next position."""
        stream = self._stream(prepared)
        versions = self._knowledge.versions
        if stream not in versions:
            self._look_up_versions([stream])
        version = versions[stream] = versions[stream] + 1
        if prepared.subject is not None:
            self._settle(prepared.subject, stream, moves=prepared.named is not None)
        self._position += 1
        self._states[key] = state
        self._new.append(NewEvent(stream, version, prepared.topic, state, key))
        if prepared.term is not None:
            # Its stamp is known once it is appended, and no decision asks for it.
            stamp = self._writer.head.recorded_at or 0
            envelope, event = prepared.term[:2]
            self._knowledge.accept(
                Recorded(
                    self._position,
                    stamp,
                    envelope.time,
                    stream,
                    version,
                    envelope.source,
                    envelope.id,
                    event,
                )
            )

    def _stream(self, prepared: Prepared) -> str:
        """Return the stream of an event: a reversal stands with what it reverses."""
        if prepared.named is not None:
            return prepared.named
        if prepared.subject is not None:
            home = self._knowledge.homes.get(prepared.subject)
            if home is not None:
                return home
        if prepared.workspace is not None:
            return prepared.workspace
        event = prepared.term.event if prepared.term is not None else None
        if isinstance(event, EventReversed):
            target = self._knowledge.event(event_key(event.reverses.source, event.reverses.id))
            return target.stream if target is not None else UNATTRIBUTED
        return UNATTRIBUTED

    def _settle(self, subject: str, stream: str, *, moves: bool) -> None:
        """Let a subject live where its first event went, or the last that named a place."""
        homes = self._knowledge.homes
        if homes.get(subject) is None or (moves and homes[subject] != stream):
            homes[subject] = self._settled[subject] = stream

    def _refuse(self, prepared: Prepared, refusal: Refusal | None = None) -> Outcome:
        refusal = refusal or prepared.refusal
        assert refusal is not None, "a line without a type has a refusal"
        line = prepared.line
        number = self._writer.hold(
            refusal.code, line.file, line.number, refusal.reason, line.raw, refusal.waits_for
        )
        self._held[line.raw] = number
        return Outcome(line, "refused", refusal, number=number, waited=number in self._waited)

    def _done(self, outcome: Outcome) -> Outcome:
        """Take a line that is in the log out of the quarantine, where its bytes wait."""
        number = self._held.pop(outcome.line.raw, None) if self._held else None
        if number is None:
            return outcome
        self._writer.release(number)
        return outcome._replace(number=number, waited=number in self._waited)


def judged(
    judge: Judge, lines: Sequence[Prepared], only: Callable[[Prepared], bool] | None = None
) -> Sequence[Outcome]:
    """Return the outcomes of lines, looked up at once and judged in their order."""
    if only is None:
        return judge.judge_all(lines)
    judge.look_up(lines)
    return [judge.judge(line) for line in lines if only(line)]


def _conflict(key: str) -> Refusal:
    source, _, identifier = key.partition(SEPARATOR)
    return Refusal(
        "conflict", f"event {identifier} of {source} is recorded already, with other content"
    )
