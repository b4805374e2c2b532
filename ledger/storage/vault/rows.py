"""What a backend keeps of persons: its rows, and what is read and written of them."""

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

ERASED: Final = "erased"
"""What the register says of a person who was erased."""


class Person(NamedTuple):
    """A person in the vault (`ledger.storage.vault`); every part but the number is of 32 bytes."""

    number: int
    """1, 2, 3... in the order in which their first events were accepted."""
    digest: bytes
    """By what the person is found: `ledger.storage.vault.digest_of`."""
    salt: bytes
    key: bytes


LAST_ERASED: Final = bytes(24) + b"\xff" * 8
"""The largest digest of a person who is erased (`ledger.storage.vault.vault.erased`)."""


def erased_among(digests: Iterable[bytes]) -> bytes:
    """Return what tells persons who are erased from any others, by what is left of them, rising."""
    left = b"".join(digests)
    return sha256(left).digest() if left else left


class SealedText(NamedTuple):
    """A text that events say of a person, sealed under the person's key."""

    commitment: bytes
    """Of 32 bytes: what stands in the events in the place of the text."""
    person: int
    """The number of the person."""
    sealed: bytes


class Kept(NamedTuple):
    """What is kept under a commitment: whose it is, and the sealed text."""

    person: Person
    sealed: bytes


class VaultRows(Protocol):
    """What can be read of the vault of a log, both from outside and within a transaction."""

    def erasures(self) -> int:
        """Return how many entries of the register say that a person was erased (`ERASED`)."""

    def erased(self) -> bytes:
        """Return what tells the erased from all others: empty where nobody is erased.

        As many may be erased in two copies of a ledger, and not the same.
        """

    def kept(self, commitments: Collection[bytes]) -> dict[bytes, Kept]:
        """Return what is kept of persons under each commitment; unknown ones are absent."""

    def persons(self, digests: Collection[bytes]) -> dict[bytes, Person]:
        """Return the person of each digest; unknown ones are absent."""

    def texts_of(self, person: int) -> list[SealedText]:
        """Return all that is kept of the person of that number; it may read the whole vault."""


class VaultWriter(VaultRows, Protocol):
    """What a transaction writes of the vault."""

    @property
    def ledger_id(self) -> str:
        """Return what names this ledger, and no other, for ever."""

    def random(self, size: int) -> bytes:
        """Return that many random bytes, of the `Randomness` that the log was opened with."""

    def last_person(self) -> int:
        """Return the number of the last person in the vault, 0 where there is none."""

    def keep(self, persons: Sequence[Person], texts: Sequence[SealedText]) -> None:
        """Put new persons and sealed texts into the vault; a text that is there stays as it is."""

    def erase(self, person: Person) -> None:
        """Overwrite the row of a person with what is left of one (`ledger.storage.vault.erased`).

        The caller puts `ERASED` into the register in the same transaction. No copy of what the row
        held, or of a line that left the quarantine, may stay where the backend can reach it.
        """
