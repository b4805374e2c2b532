"""The vault within one transaction: whose the texts of its lines are, and what is kept anew.

Persons are looked up in the transaction and never remembered from one before, for another process
may have erased somebody meanwhile. New persons are made in the order in which events are accepted.
"""

from collections.abc import Collection, Sequence

from ledger.storage.vault.commitments import Held, commit, compared, fill
from ledger.storage.vault.rows import Person, SealedText, VaultWriter
from ledger.storage.vault.vault import SECRET_BYTES, digest_of, is_erased, seal


class Persons:
    """The persons whom the lines of one transaction name; `flush` writes what is new."""

    def __init__(self, writer: VaultWriter, kept: set[bytes]) -> None:
        """Take the transaction, and commitments that are known to be kept: it adds to them."""
        self._writer = writer
        self._kept = kept
        self._known: dict[str, Person | None] = {}
        self._last: int | None = None
        self._new: list[Person] = []
        self._texts: list[SealedText] = []

    def look_up(self, names: Collection[str]) -> None:
        """Ask at once for the persons of these ids."""
        ledger_id = self._writer.ledger_id
        unknown = {digest_of(ledger_id, name): name for name in names if name not in self._known}
        if unknown:
            found = self._writer.persons(unknown)
            self._known.update({name: found.get(digest) for digest, name in unknown.items()})

    def is_same(self, state: bytes, held: Sequence[Held], stored: bytes) -> bool:
        """Return whether an event that is sent again is the one that was stored.

        What was said of persons who are erased since is nobody's: there, it is the same, unless
        the person was there already when the erased one came.
        """
        commitments = compared(state, stored)
        if commitments is None:
            return False
        self.look_up({name for name, _ in held})
        return all(map(self._is_committed, held, commitments))

    def _is_committed(self, held: Held, commitment: bytes) -> bool:
        name, text = held
        person = self._known[name]
        if person is not None and commit(person.salt, text) == commitment:
            return True
        kept = self._writer.kept([commitment]).get(commitment)
        if kept is None or not is_erased(kept.person):
            return False
        return person is None or person.number > kept.person.number

    def accept(self, state: bytes, held: Sequence[Held]) -> bytes:
        """Return the bytes to be stored of an event that is accepted; keep what it says."""
        commitments = []
        for name, text in held:
            if name not in self._known:
                self.look_up([name])
            person = self._known[name] or self._make(name)
            commitment = commit(person.salt, text)
            commitments.append(commitment)
            if commitment not in self._kept:
                self._kept.add(commitment)
                sealed = seal(person.key, commitment, text)
                self._texts.append(SealedText(commitment, person.number, sealed))
        return fill(state, commitments)

    def flush(self) -> None:
        """Write the persons and the texts that are new."""
        if self._texts or self._new:
            self._writer.keep(self._new, self._texts)
            self._new, self._texts = [], []

    def _make(self, name: str) -> Person:
        if self._last is None:
            self._last = self._writer.last_person()
        self._last += 1
        person = Person(
            self._last,
            digest_of(self._writer.ledger_id, name),
            self._writer.random(SECRET_BYTES),
            self._writer.random(SECRET_BYTES),
        )
        self._known[name] = person
        self._new.append(person)
        return person
