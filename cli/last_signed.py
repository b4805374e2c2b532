"""What a key signed last: its checkpoint in a file beside the key's, which has the key's mode."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from cli.files import read_whole, write_like
from cli.language.wording import _

if TYPE_CHECKING:
    from ledger.proof.forms import SigningKey
    from ledger.proof.verifier import Checkpoint

_ENDING: Final = ".checkpoint"
_NO_FILES: Final = ("env", "-")
"""How a key is named that is in the environment, or comes from standard input."""


class LastSigned(NamedTuple):
    """The checkpoints that a seal has to go on from, and what remembers the one that it signs."""

    after: "list[Checkpoint]"
    remember: Callable[[bytes], None]


@contextmanager
def last_signed(key: "SigningKey", file: str, elsewhere: str | None) -> Iterator[LastSigned]:
    """Read what a key signed last, and keep others from signing with it until this seal is done.

    `file` is that of the key: where it is none that has a place, nothing is remembered.
    `elsewhere` is a file with a checkpoint of the key. Raises UsageError, OSError, and
    ProofFailed for what the key has not signed.
    """
    named = [] if elsewhere is None else [_signed(key, elsewhere)]
    path = Path(os.path.realpath(file))
    if file in _NO_FILES or not path.is_file():
        yield LastSigned(named, _forget)
        return
    beside = path.with_name(f"{path.name}{_ENDING}")
    with path.open("rb") as locked:
        with suppress(OSError):  # a disk that knows no locks
            fcntl.flock(locked, fcntl.LOCK_EX)
        kept = [_signed(key, str(beside))] if _is_there(beside) else []
        like = os.fstat(locked.fileno())
        yield LastSigned([*kept, *named], lambda note: _keep(beside, note, like, named))


def _signed(key: "SigningKey", file: str) -> "Checkpoint":
    """Return the checkpoint in a file, once the key is shown to have signed it."""
    from ledger.errors import ProofFailed
    from ledger.proof.verifier import DoesNotHold, verify_checkpoint

    try:
        return verify_checkpoint(read_whole(file), [key.verifier])
    except DoesNotHold as wrong:
        raise ProofFailed(
            "{file} is no checkpoint that this key signed ({wrong}): put the last one there that it"
            " did sign",
            file=file,
            wrong=wrong,
        ) from None


def _is_there(beside: Path) -> bool:
    """Return whether a key has a checkpoint. Raises OSError for a link that leads to none."""
    if not os.path.lexists(beside):
        return False
    beside.stat()
    return True


def _forget(note: bytes) -> None:
    """Remember nothing: the key is in no file of its own."""


def _keep(beside: Path, note: bytes, like: os.stat_result, named: "list[Checkpoint]") -> None:
    """Keep a checkpoint beside its key. Raises OSError where nothing else remembers it."""
    try:
        write_like(beside, note, like)
    except OSError as error:
        if not named:
            said = _(
                "{reason}; nothing was signed: let it be written, or name the last checkpoint of"
                " this key with --after"
            ).format(reason=error.strerror)
            raise OSError(error.errno, said, str(beside)) from None
