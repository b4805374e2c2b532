"""Keys on the command line: those that verify, as text or in a file; the one that signs."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cli.files import read_whole
from cli.language.wording import N_, _
from cli.options.parameters import DOING, Option, PlainText

if TYPE_CHECKING:
    from ledger.proof.forms import SigningKey
    from ledger.proof.verifier import VerifierKey

VARIABLE: Final = "CPOD_SIGNING_KEY"
"""Where the environment holds the signing key, where `env` is given for its file."""

VERIFIER_KEY: Final = Option(
    "--key",
    "keys",
    metavar="VKEY|FILE",
    type=PlainText(),
    multiple=True,
    heading=DOING,
    help=N_("The verifier key of who sealed, or a file with it; give it again for several."),
)


def verifier_keys(given: Sequence[str]) -> "list[VerifierKey]":
    """Return verifier keys: `name+hash+base64`, or a file that holds it. Raises UsageError."""
    from ledger.errors import UsageError
    from ledger.proof.verifier import read_key

    keys = []
    for one in given:
        text = one if "+" in one else _text(one)
        try:
            keys.append(read_key(text.strip()))
        except ValueError as wrong:
            raise UsageError("--key {name}: {wrong}", name=one, wrong=wrong) from None
    return keys


def signing_key(given: str) -> "SigningKey":
    """Return the key in a file, or in the environment where `env` is given. Raises UsageError."""
    from ledger.errors import UsageError
    from ledger.proof.forms import read_signing_key

    where = VARIABLE if given == "env" else given
    text = os.environ.get(VARIABLE) if given == "env" else _text(given)
    if text is None:
        raise UsageError(_("{name} is not set: put the signing key there").format(name=VARIABLE))
    try:
        return read_signing_key(text)
    except ValueError as wrong:
        raise UsageError("--key {name}: {wrong}", name=where, wrong=wrong) from None


def _text(path: str) -> str:
    """Return the text in a file; what is no UTF-8 appears as signs that no key has."""
    return read_whole(path).decode(errors="replace")
