"""`cpod key`: the key that seals are signed with."""

import secrets
from typing import Any

from cli.command import Command, CommandGroup
from cli.files import write_secret
from cli.language.wording import N_, _
from cli.options.parameters import DOING, Option, PlainText
from cli.options.shared import LANGUAGE
from cli.output import put, tell


def _new(output: str, origin: str | None, **_given: Any) -> None:
    from ledger.errors import UsageError
    from ledger.proof.forms import new_key

    try:
        key = new_key(origin or f"cpod-{secrets.token_hex(8)}", secrets.token_bytes(32))
    except ValueError as wrong:
        raise UsageError("--name: {wrong}", wrong=wrong) from None
    try:
        write_secret(output, f"{key.secret}\n".encode())
    except FileExistsError:
        raise UsageError(
            _("{file} is there already, and a key is never overwritten: name another file").format(
                file=output
            )
        ) from None
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise UsageError(
            _("{file} cannot be written: {reason}").format(file=output, reason=error.strerror)
        ) from None
    tell(
        _("The signing key is in {file}: keep it secret, and apart from the ledger.").format(
            file=output
        )
    )
    tell(_("Give this verifier key to whoever is to check what you seal:"))
    put(f"{key.verifier}\n")


command = CommandGroup(
    name="key",
    examples=("cpod key new --output seal.key --name ledger.contoso.example > contoso.vkey",),
    help=N_("Make the key that seals are signed with."),
    commands=(
        Command(
            name="new",
            callback=_new,
            examples=(
                "cpod key new --output seal.key --name ledger.contoso.example > contoso.vkey",
            ),
            help=N_(
                "Make a new signing key. It is written to a file that only you may read; nothing is"
                " overwritten. The last line printed is the verifier key, for those who check."
            ),
            params=[
                Option(
                    "--output",
                    "-o",
                    metavar="FILE",
                    type=PlainText(),
                    required=True,
                    heading=DOING,
                    help=N_("Where the signing key goes."),
                ),
                Option(
                    "--name",
                    "origin",
                    metavar="ORIGIN",
                    type=PlainText(),
                    heading=DOING,
                    help=N_(
                        "The name of the log that it signs for, best an address of yours without"
                        " https://; a ledger keeps one name. Default: a name made at random."
                    ),
                ),
                LANGUAGE,
            ],
        ),
    ),
    params=[LANGUAGE],
)
