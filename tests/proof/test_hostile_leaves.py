"""Leaves that whoever signs has made up: no event of a ledger, and no reason to stumble."""

import re
from contextlib import suppress

import pytest

from ledger.audit.verify import Evidence, verify
from ledger.errors import ProofFailed
from ledger.proof.forms import checkpoint_text, new_key, proof_file
from ledger.proof.leaf import leaf_bytes
from ledger.proof.merkle import leaf_hash

KEY = new_key("ledger.example/contoso", bytes(32))
DIGITS = (18, 19, 30, 5_000)
NUMBERS = (b"0", b"-1", b"00", *(sign + b"9" * digits for sign in (b"", b"-") for digits in DIGITS))


@pytest.mark.parametrize("name", ["position", "recorded_at", "stream", "version", "topic", "state"])
@pytest.mark.parametrize(
    "number", NUMBERS, ids=lambda number: f"{number[:2].decode()}_{len(number)}"
)
def test_a_leaf_that_was_signed_may_say_any_number(name, number):
    """Whoever signs can seal what no ledger wrote: it is no event, or none at that place."""
    leaf = leaf_bytes(1, 1, b"contract:K", 1, b"t", b"{}")
    leaf = re.sub(rf"\n{name} -?[0-9]+".encode(), b"\n" + name.encode() + b" " + number, leaf)
    note = KEY.sign(checkpoint_text(KEY.name, 1, leaf_hash(leaf))).encode()
    with suppress(ProofFailed):
        holds = verify(Evidence(proof_file(0, [], note), [KEY.verifier], leaf))
        assert holds["event"] is None or name not in {"stream", "topic", "state"}
