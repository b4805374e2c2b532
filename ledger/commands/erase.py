"""Erasing a person: the key and the salt are destroyed, and the register says that it was done.

What events say of the person can then be read by nobody, and nothing tells whose it was; every
event, hash, proof and balance stays as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ledger.commands.leftovers import Leftover, Standing, states
from ledger.commands.rehearsal import transaction
from ledger.domain.persons import marks_erased, person_of
from ledger.errors import NotFound, UsageError
from ledger.messages import Words
from ledger.storage.log import Log, Rows
from ledger.storage.vault.commitments import commitments_in
from ledger.storage.vault.rows import ERASED, Person
from ledger.storage.vault.vault import digest_of, unseal

_EVERY: Final = 10_000
"""Events between two words on how far it has come."""


@dataclass(slots=True)
class Erasure:
    """What was erased, or would be, and where the person is still named."""

    person: int
    """The number that is left."""
    texts: int
    """How many different texts events said of the person."""
    events: int
    """How many events said them."""
    still: list[Leftover]
    still_count: int
    """In how many places; not all of them may be listed."""
    dry_run: bool
    log_scrubbed: bool = True
    """Whether nothing of before is left in the files of the log."""
    books_scrubbed: bool = True
    """Whether nothing of before is left in the books."""

    def answer(self) -> dict[str, object]:
        """Return what is printed, in its order."""
        return {
            "dry_run": self.dry_run,
            "person": self.person,
            "texts": self.texts,
            "events": self.events,
            "scrubbed": self.log_scrubbed and self.books_scrubbed,
            "still_stands": self.still_count,
            "rows": [place.answer() for place in self.still],
        }


class _Search:
    """Goes through the events once: first outside, and what has come since within the lock."""

    def __init__(self, log: Log, person: Person, on_progress: Callable[[int], None] | None) -> None:
        self._commitments: set[bytes] = set()
        self._on_progress = on_progress
        self._after = 0
        self.events = 0
        texts = self.take_texts(log, person)
        self.standing = Standing(texts)

    def take_texts(self, rows: Rows, person: Person) -> list[str]:
        """Return what is known of the person, and know from now on under which commitments."""
        sealed = rows.texts_of(person.number)
        self._commitments = {each.commitment for each in sealed}
        opened = (unseal(person.key, each.commitment, each.sealed) for each in sealed)
        return [text for text in opened if text is not None]

    def read_on(self, rows: Rows, until: int) -> None:
        """Read the events up to a position that were not read yet."""
        for position, state in states(rows, self._after, until):
            if not self._commitments.isdisjoint(commitments_in(state)):
                self.events += 1
            self.standing.state(position, state)
            if self._on_progress is not None and position % _EVERY == 0:
                self._on_progress(position)
        self._after = until

    @property
    def texts(self) -> int:
        return len(self._commitments)


def erase(
    log: Log,
    name: str,
    reason: str | None,
    *,
    dry_run: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> Erasure:
    """Erase the person of an id (`ID` or `user:ID`), and return what that came to.

    A dry run is rolled back, and needs no reason. Raises NotFound where no event names such a
    person, or none does any more; UsageError where the reason names the person.
    """
    if marks_erased(name):
        raise NotFound(
            "{name} marks a person who is erased: it names nobody; give the id of a person",
            name=name,
        )
    name = person_of(name)
    known = _find(log, log.ledger_id, name)
    if known is None:
        raise _nobody(log, name)
    search = _Search(log, known, on_progress)
    if reason is not None and search.standing.names(reason):
        raise UsageError(
            "the reason names the person, and stays in the register for ever: give another one"
        )
    search.read_on(log, log.head().position)
    with transaction(log, dry_run=dry_run) as writer:
        person = _find(writer, log.ledger_id, name)
        if person is None:
            raise NotFound("{name} was erased by somebody else just now", name=name)
        search.take_texts(writer, person)
        search.read_on(writer, writer.head.position)
        if not dry_run:  # it rewrites tables, which is much to do for nothing
            writer.erase(person)
        detail: dict[str, object] = {"person": person.number, "texts": search.texts}
        writer.register(ERASED, {**detail, "events": search.events, "reason": reason})
    standing = search.standing
    standing.beside(log)
    return Erasure(
        person=person.number,
        texts=search.texts,
        events=search.events,
        still=standing.places,
        still_count=standing.count,
        dry_run=dry_run,
    )


def _find(rows: Rows, ledger_id: str, name: str) -> Person | None:
    digest = digest_of(ledger_id, name)
    return rows.persons([digest]).get(digest)


def _nobody(log: Log, name: str) -> NotFound:
    """Return what to say of somebody whom no event names, and where senders wrote the name."""
    standing = Standing([name])
    for position, state in states(log, 0, log.head().position):
        standing.state(position, state)
    standing.beside(log)
    count = log.erasures()
    said = Words("give the id as events have it")
    if count:
        said = Words(
            "either none ever did, or the person is erased "
            "(persons erased: {count}; nothing tells who they were)",
            count=count,
        )
    if standing.count:
        first = standing.places[0]
        said = Words(
            "{reason}. A sender or an operator wrote it in places: {count}, "
            "the first is {where} {number}, {field}",
            reason=said,
            count=standing.count,
            **first._asdict(),
        )
    return NotFound("no event names {name} as a person: {reason}", name=name, reason=said)
