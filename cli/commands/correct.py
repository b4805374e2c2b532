"""`cpod correct`: reverse, adjust, transfer and amend, each an event like any that is sent."""

from typing import Any, Final

import click

from cli.command import Command, CommandGroup
from cli.language.wording import N_, _
from cli.options.completion import KnownId
from cli.options.correction import BY, COMMON, REASON, correct
from cli.options.parameters import DOING, Identifier, Option, PlainText


def _reverse(source: str, identifier: str, reason: str, by: str, **given: Any) -> None:
    data = {
        "reverses": {"source": source, "id": identifier},
        "reason": reason,
        "authorised_by": by,
    }
    correct("event.reversed", data, given)


def _adjust(
    package: str, entitlement: str, quantity: str, reason: str, by: str, **given: Any
) -> None:
    data = {
        "package": package,
        "entitlement": entitlement,
        "quantity": quantity,
        "reason": reason,
        "approved_by": by,
    }
    correct("entitlement.adjusted", data, given)


def _transfer(reason: str, by: str, rate: str | None, **given: Any) -> None:
    data: dict[str, object] = {
        "from": {"package": given["from_package"], "entitlement": given["from_entitlement"]},
        "to": {"package": given["to_package"], "entitlement": given["to_entitlement"]},
        "quantity": given["quantity"],
        "authorised_by": by,
        "reason": reason,
    }
    if rate is not None:
        data["rate"] = rate
    correct("entitlement.transferred", data, given)


def _amend(
    package: str | None, contract: str | None, reason: str, open_ended: bool, **given: Any
) -> None:
    if (package is None) == (contract is None):
        raise click.UsageError(_("Name a package, or a contract with --contract."))
    names = ("name", "plan", "starts_on", "ends_on")
    changes: dict[str, object] = {key: given[key] for key in names if given[key] is not None}
    if package is not None and (open_ended or "plan" in changes):
        raise click.UsageError(_("--plan and --open-ended are for contracts."))
    if open_ended and "ends_on" in changes:
        raise click.UsageError(_("--ends-on and --open-ended contradict each other."))
    if open_ended:
        changes["ends_on"] = None
    if not changes:
        raise click.UsageError(_("Say what changes: --name, --starts-on or --ends-on."))
    kind, name = ("package", package) if package is not None else ("contract", contract)
    correct(f"{kind}.amended", {kind: name, **changes, "reason": reason}, given)


def _argument(name: str, metavar: str, **settings: Any) -> click.Argument:
    kind = KnownId("package") if "PACKAGE" in metavar else Identifier()
    return click.Argument([name], type=kind, metavar=metavar, **settings)


_QUANTITY: Final = click.Argument(["quantity"], type=PlainText(), metavar="QUANTITY")

_REVERSE: Final = Command(
    name="reverse",
    callback=_reverse,
    examples=(
        "cpod correct reverse urn:contoso:erp 0012 --reason 'counted twice' --by ada --dry-run",
    ),
    help=N_("Reverse an event. A fact, an adjustment or a grant that was wrong counts no more."),
    params=[_argument("source", "SOURCE"), _argument("identifier", "ID"), REASON, BY, *COMMON],
)
_ADJUST: Final = Command(
    name="adjust",
    callback=_adjust,
    context_settings={"ignore_unknown_options": True},
    examples=(
        "cpod correct adjust BASE-17 CREDITS 5 --reason 'agreed on the phone' --by ada",
        "cpod correct adjust BASE-17 CREDITS -2.5 --reason 'miscounted' --by ada --dry-run",
    ),
    help=N_("Adjust what was granted. Up or down by a quantity, at a time."),
    params=[
        _argument("package", "PACKAGE"),
        _argument("entitlement", "ENTITLEMENT"),
        _QUANTITY,
        REASON,
        BY,
        *COMMON,
    ],
)
_TRANSFER: Final = Command(
    name="transfer",
    callback=_transfer,
    examples=(
        "cpod correct transfer BASE-17 CREDITS ADDON-17 CREDITS 10 --reason need --by ada",
        "cpod correct transfer BASE-17 CREDITS BASE-17 HOURS 4 --rate 2 --reason need --by ada",
    ),
    help=N_("Transfer a quantity. It leaves one entitlement and arrives, at a rate, on another."),
    params=[
        _argument("from_package", "FROM_PACKAGE"),
        _argument("from_entitlement", "FROM_ENTITLEMENT"),
        _argument("to_package", "TO_PACKAGE"),
        _argument("to_entitlement", "TO_ENTITLEMENT"),
        _QUANTITY,
        Option(
            "--rate",
            metavar="NUMBER",
            type=PlainText(),
            heading=DOING,
            help=N_("Units that arrive for one that leaves. Default: 1."),
        ),
        REASON,
        BY,
        *COMMON,
    ],
)


def _text(name: str, metavar: str, about: str) -> Option:
    return Option(name, metavar=metavar, type=PlainText(), heading=DOING, help=about)


_AMEND: Final = Command(
    name="amend",
    callback=_amend,
    examples=(
        "cpod correct amend BASE-17 --ends-on 2026-03-31 --reason 'extended' --dry-run",
        "cpod correct amend --contract C-2025-17 --open-ended --reason 'rider 2'",
    ),
    help=N_("Amend a package or a contract. Its name or its dates; lots that follow them move."),
    params=[
        _argument("package", "[PACKAGE]", required=False),
        Option(
            "--contract",
            metavar="ID",
            type=KnownId("contract"),
            heading=DOING,
            help=N_("Amend this contract, not a package."),
        ),
        _text("--name", "TEXT", N_("Its new name.")),
        _text("--plan", "TEXT", N_("The new plan of a contract.")),
        _text("--starts-on", "DATE", N_("Its new first day.")),
        _text("--ends-on", "DATE", N_("Its new last day.")),
        Option(
            "--open-ended", is_flag=True, heading=DOING, help=N_("The contract has no last day.")
        ),
        REASON,
        *COMMON,
    ],
)

command = CommandGroup(
    name="correct",
    examples=(
        "cpod correct reverse urn:contoso:erp 0012 --reason 'counted twice' --by ada --dry-run",
        "cpod correct adjust BASE-17 CREDITS -2.5 --reason 'miscounted' --by ada",
    ),
    help=N_(
        "Put something right. Nothing is changed or removed: a correction is an event of its own,"
        " judged like any other; --dry-run shows the balances before and after."
    ),
    commands=(_REVERSE, _ADJUST, _TRANSFER, _AMEND),
)
