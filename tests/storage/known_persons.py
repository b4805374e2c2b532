"""A vault for tests: persons with salts and keys that anyone can make anew, and their texts."""

from hashlib import sha256

from ledger.storage.codec import Typed
from ledger.storage.vault.commitments import commit, fill, revealed
from ledger.storage.vault.rows import Kept, Person
from ledger.storage.vault.vault import digest_of, erased, seal


def person(name: str, number: int = 1) -> Person:
    """A person whose salt and key are made of the id."""
    salt, key = (sha256(f"{what} of {name}".encode()).digest() for what in ("salt", "key"))
    return Person(number, digest_of("ledger", name), salt, key)


def stored(typed: Typed) -> bytes:
    """What is stored of an event, by those salts."""
    return fill(typed.state, [commit(person(name).salt, text) for name, text in typed.held])


def in_clear(typed: Typed) -> bytes:
    """An event as it was sent, in canonical JSON."""
    texts = {commit(person(name).salt, text): text for name, text in typed.held}
    return revealed(stored(typed), texts.__getitem__)


class Texts:
    """Rows of a vault that holds what some events say."""

    def __init__(self, *events: Typed) -> None:
        self.rows: dict[bytes, Kept] = {}
        for event in events:
            for name, text in event.held:
                of = person(name)
                commitment = commit(of.salt, text)
                self.rows[commitment] = Kept(of, seal(of.key, commitment, text))

    def erase(self) -> None:
        self.rows = {
            commitment: kept._replace(person=erased(kept.person.number))
            for commitment, kept in self.rows.items()
        }

    def kept(self, commitments):
        return {each: self.rows[each] for each in commitments if each in self.rows}
