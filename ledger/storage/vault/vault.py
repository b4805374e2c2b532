"""The vault: who the persons are whose names are not in the events, each under a key of their own.

It stands beside the events, in the same transactions. A person is a row with a salt and a key; what
events say of the person is kept once for each text, sealed under the key (ChaCha20-Poly1305, with
the first 12 bytes of the commitment as nonce, and all of it as what the seal is bound to). To erase
a person is to overwrite the salt, the key and the digest of the id, in their place. What is left is
noise, and nothing tells whose it was.
"""

import re
from collections.abc import Collection, Iterable
from functools import partial
from hmac import digest as hmac_digest
from typing import TYPE_CHECKING, Final, Protocol

from ledger.domain.persons import ERASED_MARK
from ledger.storage.vault.commitments import all_commitments, erased_text, revealed, sent_text
from ledger.storage.vault.rows import Person, VaultRows

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SECRET_BYTES: Final = 32
"""The length of a salt, of a key, and of the digest of an id."""

_NONCE_BYTES: Final = 12
_NUMBER_BYTES: Final = 8
_NOTHING: Final = bytes(SECRET_BYTES)
_UNSAID: Final = re.compile(rb'"granted_by":"(?:user:)?\(erased:[0-9a-f]{16}\)",')
"""Who granted a role and is erased. Within a text, the quotation marks would be escaped."""

_NO_MARK: Final = "\ufdd1"
"""Is read where a sender wrote what begins a mark, before such texts were refused."""

_MOST_KNOWN: Final = 100_000
"""Texts that are kept in memory; beyond, all are asked for again."""


def digest_of(ledger_id: str, person: str) -> bytes:
    """Return by what a person is found: HMAC-SHA256 of the id, keyed by that of the ledger."""
    return hmac_digest(ledger_id.encode(), person.encode(), "sha256")


def erased(number: int) -> Person:
    """Return what is left of a person."""
    nobody = bytes(SECRET_BYTES - _NUMBER_BYTES) + number.to_bytes(_NUMBER_BYTES, "big")
    return Person(number, nobody, _NOTHING, _NOTHING)


def is_erased(person: Person) -> bool:
    """Return whether nothing is left of a person."""
    return person == erased(person.number)


def seal(key: bytes, commitment: bytes, text: str) -> bytes:
    """Return a text, sealed under the key of a person."""
    return _cipher(key).encrypt(commitment[:_NONCE_BYTES], text.encode(), commitment)


def unseal(key: bytes, commitment: bytes, sealed: bytes) -> str | None:
    """Return the text that was sealed; None where the key or the bytes are not what they were."""
    from cryptography.exceptions import InvalidTag

    try:
        return _cipher(key).decrypt(commitment[:_NONCE_BYTES], sealed, commitment).decode()
    except (InvalidTag, ValueError):
        return None


def _cipher(key: bytes) -> "ChaCha20Poly1305":
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(key)


class _Gone(Protocol):
    def __call__(self, commitment: bytes, /) -> str: ...


class Vault:
    """Reveals what events say of persons, and remembers it as long as nobody is erased.

    Without rows, as where a proof is verified, everybody is as good as erased.
    """

    def __init__(self, rows: VaultRows | None = None) -> None:
        """Take the log whose vault it is."""
        self._rows = rows
        self._writer: VaultRows | None = None
        self._erased = b""
        self._known: dict[bytes, str | None] = {}

    def enter(self, writer: VaultRows) -> None:
        """Ask the transaction that is open, too, until `leave`."""
        self._writer = writer

    def leave(self) -> None:
        """Ask the log alone: the transaction is over."""
        self._writer = None

    def forget(self, erased: bytes) -> None:
        """Forget what was revealed when others were erased (`VaultRows.erased`)."""
        if erased != self._erased:
            self._known.clear()
            self._erased = erased

    def reveal(self, state: bytes) -> bytes:
        """Return stored bytes with every text in its place, and a mark where it is erased.

        A text that was sent as such a mark is read as another one: it may not pass for it. Raises
        ValueError where a text is gone, or cannot be opened.
        """
        return revealed(state, partial(self._text, gone=erased_text, mark=_NO_MARK))

    def sent(self, state: bytes) -> bytes:
        """Return stored bytes as they were sent; `(erased:...)` stands for what is erased.

        Who granted a role is left out there: nobody can answer for it any more.
        """
        return _UNSAID.sub(b"", revealed(state, partial(self._text, gone=sent_text)))

    def look_up(self, states: Collection[bytes]) -> None:
        """Ask at once for all that revealing these stored bytes needs."""
        wanted = all_commitments(states)
        if len(self._known) + len(wanted) > _MOST_KNOWN:
            self._known.clear()
        self._ask(wanted - self._known.keys())

    def _text(self, commitment: bytes, gone: "_Gone", mark: str = ERASED_MARK) -> str:
        if commitment not in self._known:
            if self._rows is None and self._writer is None:
                return gone(commitment)
            self._ask([commitment])
            if commitment not in self._known:
                raise ValueError("what it says of a person is not in the vault, or damaged there")
        text = self._known[commitment]
        return gone(commitment) if text is None else text.replace(ERASED_MARK, mark)

    def _ask(self, commitments: Iterable[bytes]) -> None:
        missing = list(commitments)
        for rows in (self._rows, self._writer):
            if missing and rows is not None:
                found = rows.kept(missing)
                for commitment, kept in found.items():
                    gone = is_erased(kept.person)
                    text = None if gone else unseal(kept.person.key, commitment, kept.sealed)
                    if gone or text is not None:
                        self._known[commitment] = text
                missing = [each for each in missing if each not in found]
