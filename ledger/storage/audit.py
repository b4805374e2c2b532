"""What an audit reads of a ledger: every stored column as it is, of one moment, and with no trust.

Texts come as their bytes, gaps are no errors, and nothing that could be computed is left out: what
is right and wrong is for `ledger.audit.check.check` to say.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from ledger.storage.log import Head, HeldLine, Intake, Seal
from ledger.storage.vault.rows import Person, SealedText

FIRST: Final = -(2**63)
"""Before every position that could be stored."""

LAST: Final = 2**63 - 1
"""The largest position that could be stored."""


class AuditRow(NamedTuple):
    """One event with all its columns; what is damaged may be of any type."""

    position: int
    stream: bytes
    version: int
    topic: bytes
    state: bytes
    recorded_at: int
    key: bytes
    is_term: int


class Entry(NamedTuple):
    """One entry of the register with all its columns; `detail` is its JSON as it is stored."""

    number: int
    recorded_at: int
    what: str
    detail: str


class Audit(Protocol):
    """A ledger as it is stored, at one moment.

    Each method raises Damaged for what cannot be read.
    """

    def head(self) -> Head:
        """Return what the counter says of the last position."""

    def events(self, after: int, limit: int) -> list[AuditRow]:
        """Return up to `limit` events with position > after, by position."""

    def nodes(self, after: int, until: int) -> list[tuple[int, bytes]]:
        """Return the rows of nodes with after < position <= until, by position."""

    def nodes_at(self, positions: Sequence[int]) -> list[bytes]:
        """Return the rows of nodes at these positions, in the order asked; empty where none is."""

    def homes(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every subject with the stream that it lives in."""

    def seals(self) -> list[Seal]:
        """Return every seal, by number."""

    def intakes(self) -> list[Intake]:
        """Return how far each file is that is under way."""

    def held(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield the number, the digest (SHA-256) and the bytes of every line in the quarantine."""

    def quarantine(self) -> Iterator[HeldLine]:
        """Yield every line in the quarantine, with all that is said of it, by number."""

    def last_held(self) -> int:
        """Return the last number that a line in the quarantine was given."""

    def entries(self) -> list[Entry]:
        """Return every entry of the register, with all its columns, by number."""

    def register(self) -> list[tuple[str, str]]:
        """Return what every entry of the register is about, and its details (JSON), by number."""

    def ledger_id(self) -> str:
        """Return what names the ledger."""

    def persons(self) -> Iterator[Person]:
        """Yield every person in the vault, by number."""

    def texts(self) -> Iterator[SealedText]:
        """Yield every sealed text in the vault."""

    def complaints(self) -> list[str]:
        """Return what the database itself finds wrong with its file, tables and guards."""

    def close(self) -> None:
        """Let go of it."""
