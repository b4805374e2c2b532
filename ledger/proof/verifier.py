"""The verifier: all that one needs to trust in order to check a seal or a proof of this ledger.

It reads three public forms and follows them to the letter:

    a signed note       c2sp.org/signed-note      a text, and who signed it (Ed25519)
    a checkpoint        c2sp.org/tlog-checkpoint  a note that names a log, its size and its root
    a proof             c2sp.org/tlog-proof@v1    an index, hashes, and a checkpoint

and does what RFC 9162 says to do with hashes (2.1.3.2 inclusion, 2.1.4.2 consistency). It needs no
ledger, no network and no other file of this program: SHA-256 from Python, Ed25519 from the package
`cryptography`. Every function either returns what holds or raises DoesNotHold with the reason.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PROOF_HEADER: Final = "c2sp.org/tlog-proof@v1"
ED25519: Final = b"\x01"
"""The signature type of a plain Ed25519 key."""

MOST_SIGNATURES: Final = 100
"""Lines of signatures that are read; a note with more is not a seal."""

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE: Final = re.compile("\u2014 ([^\\s+]+) ([A-Za-z0-9+/]+=*)")
_KEY: Final = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)")


class DoesNotHold(ValueError):
    """What was to be verified is not so; the message says why."""

    def __init__(self, text: str, /, **values: object) -> None:
        """Take a text and what fills its places, so that it can be said in another language."""
        super().__init__(text)
        self.text = text
        self.values = values

    def __str__(self) -> str:
        """Return the text, filled."""
        return self.text.format(**self.values) if self.values else self.text


# --- keys and notes -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name that it signs under: `name+hash+base64`, as one is given it."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the four bytes that point from a signature to this key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """Return the key as it is given to others."""
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.public).decode()}"


def read_key(text: str) -> VerifierKey:
    """Return a verifier key. Raises ValueError when the text is none."""
    found = _KEY.fullmatch(text)
    if found is None:
        raise ValueError("a verifier key has the form name+hash+base64")
    encoded = _from_base64(found[3])
    if encoded[:1] != ED25519 or len(encoded) != 33:  # noqa: PLR2004 - the type, and 32 bytes
        raise ValueError("only Ed25519 keys are known here")
    key = VerifierKey(found[1], encoded[1:])
    if key.id.hex() != found[2]:
        raise ValueError("its hash is not that of its name and key: it was copied wrongly")
    return key


def open_note(note: bytes, keys: Sequence[VerifierKey]) -> tuple[str, VerifierKey]:
    """Return the text of a signed note, and the first of our keys that signed it.

    Signatures of other keys are passed over. One that claims to be of a key of ours and is not
    makes the whole note worthless.
    """
    text, signatures = _split_note(note)
    by_id = {(key.name, key.id): key for key in keys}
    signers: list[VerifierKey] = []
    for name, signature in signatures:
        key = by_id.get((name, signature[:4]))
        if key is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature[4:], text.encode())
        except (InvalidSignature, ValueError):
            raise DoesNotHold("the signature of {name} is not that of its key", name=name) from None
        signers.append(key)
    if not signers:
        raise DoesNotHold("none of the keys given has signed it")
    return text, signers[0]


def _split_note(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the text of a note, and its signatures with their names."""
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise DoesNotHold("it is no signed note: it is not UTF-8") from None
    if any(character < " " and character != "\n" for character in whole):
        raise DoesNotHold("it is no signed note: a control character stands in it")
    text, blank, block = whole.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise DoesNotHold("it is no signed note: text, an empty line, and signatures are expected")
    lines = block[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise DoesNotHold("it has more than {limit} signatures", limit=MOST_SIGNATURES)
    signatures = []
    for line in lines:
        found = _SIGNATURE.fullmatch(line)
        signature = b"" if found is None else _from_base64(found[2])
        if found is None or len(signature) <= 4:  # noqa: PLR2004 - four bytes name the key
            raise DoesNotHold("it is no signed note: a line of its signatures is malformed")
        signatures.append((found[1], signature))
    return f"{text}\n", signatures


# --- checkpoints ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log claims of itself: so many leaves, and this root over them."""

    origin: str
    size: int
    root: bytes


def read_checkpoint(note: bytes) -> Checkpoint:
    """Return what a checkpoint claims; whether it is signed is not looked at."""
    return _checkpoint(_split_note(note)[0])


def verify_checkpoint(note: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Return what a checkpoint claims, once one of our keys has signed it as the log that it is."""
    text, signer = open_note(note, keys)
    checkpoint = _checkpoint(text)
    if checkpoint.origin != signer.name:
        raise DoesNotHold(
            "{name} has signed it as the log {origin}", name=signer.name, origin=checkpoint.origin
        )
    return checkpoint


def _checkpoint(text: str) -> Checkpoint:
    origin, *rest = text[:-1].split("\n")
    if len(rest) < 2 or not origin or "" in rest or not _NUMBER.fullmatch(rest[0]):  # noqa: PLR2004
        raise DoesNotHold("it is no checkpoint: an origin, a size and a root are expected")
    size, root = int(rest[0]), read_hash(rest[1])
    if size == 0 and root != sha256(b"").digest():
        raise DoesNotHold("an empty log has another root")
    return Checkpoint(origin, size, root)


# --- inclusion: this leaf is in that tree ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proof:
    """A claim that a leaf stands at an index of the log of a checkpoint."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes


def read_proof(content: bytes) -> Proof:
    """Return a proof from its file. What its `extra` line says is not authenticated: not used."""
    head, blank, checkpoint = content.partition(b"\n\n")
    try:
        header, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        header, lines = "", []
    if not blank or header != PROOF_HEADER:
        raise DoesNotHold("it is no proof: its first line is not {header}", header=PROOF_HEADER)
    if lines and lines[0].startswith("extra "):
        _from_base64(lines.pop(0).removeprefix("extra "))
    word, _, number = (lines.pop(0) if lines else "").partition(" ")
    if word != "index" or not _NUMBER.fullmatch(number):
        raise DoesNotHold("it is no proof: no index is named")
    return Proof(int(number), tuple(map(read_hash, lines)), checkpoint)


def verify_proof(
    content: bytes, leaf: bytes, keys: Sequence[VerifierKey]
) -> tuple[Proof, Checkpoint]:
    """Return a proof and its checkpoint, once a leaf is shown to be in the log that is signed."""
    proof = read_proof(content)
    checkpoint = verify_checkpoint(proof.checkpoint, keys)
    verify_inclusion(leaf, proof.index, proof.path, checkpoint)
    return proof, checkpoint


def verify_inclusion(
    leaf: bytes, index: int, path: Sequence[bytes], checkpoint: Checkpoint
) -> None:
    """Raise DoesNotHold unless the leaf stands at the index in the tree (RFC 9162, 2.1.3.2)."""
    if index >= checkpoint.size:
        raise DoesNotHold(
            "index {index} is not among the {size} leaves sealed", index=index, size=checkpoint.size
        )
    node, last = index, checkpoint.size - 1
    found = sha256(b"\x00" + leaf).digest()
    for sibling in path:
        if last == 0:
            raise DoesNotHold("the proof has too many hashes for its index and size")
        if node % 2 == 1 or node == last:
            found = _parent(sibling, found)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            found = _parent(found, sibling)
        node, last = node // 2, last // 2
    if last != 0:
        raise DoesNotHold("the proof has too few hashes for its index and size")
    if found != checkpoint.root:
        raise DoesNotHold("the leaf and the hashes do not lead to the root that is sealed")


# --- consistency: nothing that was sealed before has been changed ---------------------------------


def read_consistency(content: bytes) -> tuple[bytes, ...]:
    """Return the hashes of a consistency proof: base64, one a line."""
    try:
        lines = content.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise DoesNotHold("it is no consistency proof: hashes in base64 are expected") from None
    if lines.pop() != "":
        raise DoesNotHold("it is no consistency proof: its last line has no end")
    return tuple(map(read_hash, lines))


def verify_consistency(old: Checkpoint, new: Checkpoint, path: Sequence[bytes]) -> None:
    """Raise DoesNotHold unless the new tree begins with the old one (RFC 9162, 2.1.4.2)."""
    if old.origin != new.origin:
        raise DoesNotHold("they are of two logs: {old} and {new}", old=old.origin, new=new.origin)
    if old.size > new.size:
        raise DoesNotHold(
            "the newer checkpoint is of {new} leaves, the older of {old}",
            new=new.size,
            old=old.size,
        )
    if old.size in {0, new.size}:
        if path:
            raise DoesNotHold("the proof has hashes where none are needed")
        if old.size == new.size and old.root != new.root:
            raise DoesNotHold("two checkpoints of one size have two roots")
        return
    starts_with_old = old.size & (old.size - 1) == 0
    before, after = _roots(old.size, new.size, [old.root, *path] if starts_with_old else path)
    if before != old.root:
        raise DoesNotHold("the hashes do not lead to the older root: what was sealed has changed")
    if after != new.root:
        raise DoesNotHold("the hashes do not lead to the newer root: what was sealed has changed")


def _roots(old: int, new: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the two roots to which the hashes between an old and a new size lead."""
    node, last = old - 1, new - 1
    while node % 2 == 1:
        node, last = node // 2, last // 2
    if not hashes:
        raise DoesNotHold("the proof has too few hashes for its sizes")
    before = after = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise DoesNotHold("the proof has too many hashes for its sizes")
        if node % 2 == 1 or node == last:
            before, after = _parent(sibling, before), _parent(sibling, after)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            after = _parent(after, sibling)
        node, last = node // 2, last // 2
    if last != 0:
        raise DoesNotHold("the proof has too few hashes for its sizes")
    return before, after


def _parent(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def read_hash(text: str) -> bytes:
    """Return the hash that a line of base64 is."""
    found = _from_base64(text)
    if len(found) != 32:  # noqa: PLR2004 - SHA-256
        raise DoesNotHold("a hash does not have 32 bytes")
    return found


def _from_base64(text: str) -> bytes:
    try:
        found = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise DoesNotHold("a line that should be base64 is not") from None
    if b64encode(found).decode() != text:
        raise DoesNotHold("a line of base64 is not in its one form")
    return found
