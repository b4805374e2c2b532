"""`cpod seal`: sign how many events there are, and the root over them."""

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.atomic import assert_writable
from cli.command import Command
from cli.files import write_whole
from cli.language.wording import N_, _
from cli.last_signed import last_signed
from cli.opening import opened, operator_only
from cli.options.keys import signing_key
from cli.options.parameters import DOING, Option, PlainText
from cli.options.shared import VIEWER, WHERE
from cli.output import put_bytes
from cli.render.show import show_done
from cli.run.progress import HASHES, bar

if TYPE_CHECKING:
    from ledger.proof.verifier import Checkpoint


def _seal(
    key: str,
    after: str | None,
    output: str | None,
    dry_run: bool,
    viewer: str | None,
    **_given: Any,
) -> None:
    operator_only(viewer)
    signing = signing_key(key)
    if output is not None:
        assert_writable(Path(output))
    with (
        opened() as ledger,
        last_signed(signing, key, after) as last,
        bar(HASHES, total=ledger.position) as progress,
    ):

        def hashed(position: int) -> None:
            progress(position, position)

        if dry_run:
            claimed = ledger.to_be_sealed(signing, after=last.after, on_progress=hashed)
            show_done({}, _dry(claimed), "table")
            return
        seal = ledger.seal(signing, after=last.after, signed=last.remember, on_progress=hashed)
    write_whole((output, seal.checkpoint))
    put_bytes(seal.checkpoint)


def _dry(claimed: "Checkpoint") -> str:
    """Return what would be signed."""
    sentence = _("Dry run, nothing was signed: {size} events of {origin}, root {root}.")
    root = b64encode(claimed.root).decode()
    return sentence.format(size=claimed.size, origin=claimed.origin, root=root)


command = Command(
    name="seal",
    callback=_seal,
    examples=(
        "cpod seal --key seal.key --output 2025-09-30.checkpoint",
        "CPOD_SIGNING_KEY=$(cat seal.key) cpod seal --key env --after 2025-06-30.checkpoint",
    ),
    help=N_(
        "Sign what the ledger holds now. A seal is a checkpoint: how many events there are and one"
        " hash over all of them. What came since the last seal is hashed again first. The"
        " checkpoint is kept in the ledger and printed; keep it elsewhere too, with somebody who"
        " cannot change the ledger: then nobody can change what is under it unnoticed. Nothing is"
        " signed where the ledger does not go on from the last checkpoint that the key signed; that"
        " is kept beside the file of the key."
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
            "--after",
            metavar="FILE",
            type=PlainText(),
            heading=DOING,
            help=N_("A checkpoint that this key signed and that was kept elsewhere."),
        ),
        Option(
            "--output",
            "-o",
            metavar="FILE",
            type=PlainText(),
            heading=DOING,
            help=N_("Write the checkpoint to this file, too."),
        ),
        Option(
            "--dry-run",
            is_flag=True,
            heading=DOING,
            help=N_("Say what would be signed, or why it would not, and sign nothing."),
        ),
        VIEWER,
        *WHERE,
    ],
)
