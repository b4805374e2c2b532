"""Writing what others verify: signing keys, checkpoints that are signed with them, proofs.

A signing key is kept in the form of Go's note package, `PRIVATE+KEY+name+hash+base64`, which other
tools for transparency logs read too.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.messages import Words
from ledger.proof.verifier import ED25519, PROOF_HEADER, VerifierKey

_PREFIX: Final = "PRIVATE+KEY+"
_SEED_BYTES: Final = 32
_NAME: Final = re.compile(r"[^\s+\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key (32 secret bytes) and the name of the log that it signs for."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def verifier(self) -> VerifierKey:
        """The key that others verify with."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return VerifierKey(self.name, public.public_bytes_raw())

    @property
    def secret(self) -> str:
        """The private key as it is kept."""
        encoded = b64encode(ED25519 + self.seed).decode()
        return f"{_PREFIX}{self.name}+{self.verifier.id.hex()}+{encoded}"

    def sign(self, text: str) -> str:
        """Return a text, which ends with its line, as a signed note."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        encoded = b64encode(self.verifier.id + signature).decode()
        return f"{text}\n\u2014 {self.name} {encoded}\n"


def new_key(name: str, seed: bytes) -> SigningKey:
    """Return a key of 32 random bytes. Raises ValueError when no log can have that name."""
    if not _NAME.fullmatch(name):
        raise ValueError("a log's name is not empty, and has neither spaces nor a plus")
    if len(seed) != _SEED_BYTES:
        raise ValueError(Words("a key is made of {count} bytes", count=_SEED_BYTES))
    return SigningKey(name, seed)


def read_signing_key(text: str) -> SigningKey:
    """Return the private key that was kept. Raises ValueError when the text is none."""
    parts = text.strip().removeprefix(_PREFIX).split("+", 2)
    if not text.startswith(_PREFIX) or len(parts) != 3:  # noqa: PLR2004 - name, hash and key
        raise ValueError("it is no signing key: `cpod key new` makes one")
    name, identifier, encoded = parts
    try:
        content = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        raise ValueError("it is no signing key: its last part is not base64") from None
    if content[:1] != ED25519:
        raise ValueError("only Ed25519 keys are known here")
    key = new_key(name, content[1:])
    if key.verifier.id.hex() != identifier:
        raise ValueError("its hash is not that of its name and key: it was copied wrongly")
    return key


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """Return what a checkpoint says, to be signed."""
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n"


def proof_file(index: int, path: Sequence[bytes], checkpoint: bytes) -> bytes:
    """Return a proof of inclusion as a file, with the checkpoint that it is for as it came."""
    lines = [PROOF_HEADER, f"index {index}", *_base64_lines(path)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + checkpoint


def consistency_file(path: Sequence[bytes]) -> bytes:
    """Return a proof of consistency as a file: its hashes, one a line."""
    return "".join(f"{line}\n" for line in _base64_lines(path)).encode()


def _base64_lines(hashes: Sequence[bytes]) -> list[str]:
    return [b64encode(one).decode() for one in hashes]
