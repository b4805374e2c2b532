"""`make fuzz`: bytes are changed wherever that leads to code that no bytes before have come to.

    python tests/fuzz/fuzz.py TARGET [OPTION OF LIBFUZZER...]

What it finds is left as a file, and is to become an `@example` of a test. It needs atheris, which
is there for Linux on x86-64 alone.
"""

import io
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ledger"]):
    from ledger.commands.ingest.parse import prepare
    from ledger.commands.sources.inputs import Source
    from ledger.commands.sources.json_batch import spans
    from ledger.commands.sources.lines import Line
    from ledger.errors import CpodError
    from ledger.proof import forms, leaf, verifier
    from ledger.storage.codec import Codec

from sending import (
    FOUNDATION,
    Desk,
    counts,
    grant,
    labour,
    opening,
    reversal,
    transfer,
    workspace,
)

SENT = (*FOUNDATION, grant(), opening(), labour(), reversal("labour"), transfer())
CODEC = Codec()


def line(content: bytes) -> None:
    """A line has a key or a refusal, whatever it is."""
    prepared = prepare(CODEC, Line("f", 1, content))
    assert prepared.refusal is not None or prepared.key is not None


def lines(content: bytes) -> None:
    """Every line of an input is counted, and the ledger is sound and answers afterwards."""
    try:
        sent = list(Source(["-"], io.BytesIO(content)))
    except CpodError:
        return
    desk = Desk()
    try:
        assert counts(desk.send(lines=sent, batch_size=3))[0] == len(sent)
        desk.ledger.ask("packages", as_of="2025-06-01")
        assert desk.ledger.check()["ok"]
    finally:
        desk.ledger.close()


def proof(content: bytes) -> None:
    """What is no proof, seal, leaf, key or batch raises ValueError, and nothing else."""
    reads = (
        verifier.read_proof,
        verifier.read_checkpoint,
        verifier.read_consistency,
        leaf.read_leaf,
    )
    for read in reads:
        with suppress(ValueError):
            read(content)
    text = content.decode(errors="replace")
    for read in (verifier.read_key, forms.read_signing_key, spans):
        with suppress(ValueError):
            read(text)


def _proofs() -> list[bytes]:
    key = forms.new_key("log", bytes(32))
    checkpoint = forms.checkpoint_text("log", 3, bytes(32)).encode()
    return [
        forms.proof_file(1, [bytes(32)], checkpoint),
        forms.consistency_file([bytes(32)]),
        str(key.verifier).encode(),
        str(key.secret).encode(),
        b'[{"a": "\\""}, [1.5]]',
    ]


TARGETS: dict[str, tuple[Callable[[bytes], None], list[bytes]]] = {
    "line": (line, list(SENT)),
    "lines": (lines, [b"\n".join(SENT), b"[" + b",".join([*SENT, workspace("V")]) + b"]"]),
    "proof": (proof, _proofs()),
}


def main() -> None:
    """Fuzz one target, until libFuzzer's options say that it is enough."""
    target, seeds = TARGETS[sys.argv.pop(1)]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            Path(corpus, str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, "-max_len=4000", "-timeout=10", "-verbosity=0", corpus], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
