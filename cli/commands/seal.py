"""`cpod seal`: sign how many events there are, and the root over them."""

from typing import Any

from cli.command import Command
from cli.files import write_whole
from cli.keys import signing_key
from cli.opening import opened, operator_only
from cli.options import VIEWER, WHERE
from cli.output import put_bytes
from cli.parameters import DOING, Option, PlainText
from cli.progress import HASHES, bar
from cli.wording import N_


def _seal(key: str, output: str | None, viewer: str | None, **_given: Any) -> None:
    operator_only(viewer)
    signing = signing_key(key)
    with opened() as ledger, bar(HASHES, total=ledger.position) as progress:
        seal = ledger.seal(signing, on_progress=lambda position: progress(position, position))
    write_whole((output, seal.checkpoint))
    put_bytes(seal.checkpoint)


command = Command(
    name="seal",
    callback=_seal,
    examples=(
        "cpod seal --key seal.key --output 2025-09-30.checkpoint",
        "CPOD_SIGNING_KEY=$(cat seal.key) cpod seal --key env",
    ),
    help=N_(
        "Sign what the ledger holds now. A seal is a checkpoint: how many events there are and one"
        " hash over all of them. What came since the last seal is hashed again first. The"
        " checkpoint is kept in the ledger and printed; keep it elsewhere too, with somebody who"
        " cannot change the ledger: then nobody can change what is under it unnoticed."
    ),
    params=[
        Option(
            "--key",
            metavar="FILE|env",
            type=PlainText(),
            required=True,
            heading=DOING,
            help=N_("The file of the signing key; env: it is in CPOD_SIGNING_KEY."),
        ),
        Option(
            "--output",
            "-o",
            metavar="FILE",
            type=PlainText(),
            heading=DOING,
            help=N_("Write the checkpoint to this file, too."),
        ),
        VIEWER,
        *WHERE,
    ],
)
