"""`cpod access`: what a user may see and why, who may see a case, and roles granted or revoked."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from cli.command import Command, CommandGroup
from cli.language.wording import N_, _
from cli.opening import opened, operator_only
from cli.options.completion import KnownId
from cli.options.parameters import DOING, Identifier, Option, PlainText
from cli.options.shared import AS_OF, FORMAT, KNOWN_AT, VIEWER, WHERE
from cli.render.cells import clean
from cli.render.layout import Answer, Cell, Column, Kind, Layout, Row, Section
from cli.render.show import show_done
from cli.render.words import word, worded
from cli.view_command import question

if TYPE_CHECKING:
    from ledger.ledger import Ledger

_ROLES: Final = (
    *("customer_admin", "workspace_admin", "customer_activity", "view_all_requests"),
    "learning_manager",
)


def _page(user: Row) -> Cell:
    """Return the roles that open the page."""
    page = user.get("page")
    held = page if isinstance(page, list) else []
    return Cell(", ".join(dict.fromkeys(word("rule", role.get("role")) for role in held)))


def _reasons(user: Row) -> Iterator[Row]:
    """Yield a row of csv for each reason."""
    because = user.get("because")
    for reason in because if isinstance(because, list) else []:
        if isinstance(reason, Mapping):
            yield {"user": user.get("user"), **reason}


_WHO: Final = (
    Column("user", N_("User")),
    Column("rules", N_("Through"), Kind.IDS, worded("rule", "rules")),
    Column("page", N_("Opens the page as"), Kind.TEXT, _page),
)
_REASON_FIELDS: Final = ("user", "rule", "through", "scope", "position")

SHOW: Final = Layout(
    title=N_("What {user} may see"),
    main="roles",
    sections=(
        Section(
            name="roles",
            heading=N_("Roles"),
            columns=(
                Column("role", N_("Role"), cell=worded("rule", "role")),
                Column("scope", N_("On")),
                Column("through", N_("As")),
                Column("since", N_("Since")),
                Column("granted_by", N_("Granted by"), quiet=True, detail=True),
                Column("position", N_("Position"), Kind.NUMBER, detail=True),
            ),
            fields=("role", "scope", "through", "since", "granted_by", "position", "source", "id"),
            empty=N_("No roles are held."),
        ),
        Section(
            name="workspaces",
            heading=N_("Workspaces"),
            columns=(
                Column("workspace", N_("Workspace")),
                Column("page", N_("Page")),
                Column("cases", N_("Cases"), cell=worded("rows_seen", "cases")),
                Column("learners", N_("Learners"), cell=worded("rows_seen", "learners")),
                Column("customer", N_("Customer"), detail=True),
                Column("because", N_("Because"), Kind.IDS, detail=True),
            ),
            fields=(
                *("workspace", "customer", "name", "page", "administrator", "cases"),
                *("learners", "because"),
            ),
        ),
    ),
)

WHO: Final = Layout(
    title=N_("Who may see case {case}"),
    main="users",
    sections=(
        Section(
            name="users",
            heading="",
            columns=_WHO,
            fields=_REASON_FIELDS,
            empty=N_("Nobody but the operator of the ledger."),
            spread=_reasons,
        ),
        Section(
            name="without_page",
            heading=N_("They would, if they could open the page of its workspace"),
            columns=_WHO[:2],
            fields=_REASON_FIELDS,
            spread=_reasons,
        ),
    ),
)


def _show(ledger: "Ledger", asked: Mapping[str, Any]) -> Answer:
    return ledger.ask("access_show", **asked)


def _who(ledger: "Ledger", asked: Mapping[str, Any]) -> Answer:
    return ledger.ask("access_who", **asked)


def _change(
    change: Literal["granted", "revoked"],
    principal: str,
    role: str,
    scope: str,
    dry_run: bool,
    viewer: str | None,
    **given: Any,
) -> None:
    from ledger.commands.access import RoleChange

    operator_only(viewer)
    granted_by, time, event = (given.get(key) for key in ("granted_by", "time", "event_id"))
    wanted = RoleChange(change, principal, role, scope, granted_by, time, event)
    with opened() as ledger:
        changed = ledger.change_role(wanted, dry_run=dry_run)
    if changed.decision == "duplicate":
        sentence = _("It was recorded before; nothing has changed.")
    elif dry_run:
        sentence = _("Dry run, nothing was written: {role} of {principal} on {scope}.")
    elif change == "granted":
        sentence = _("Granted: {role} of {principal} on {scope}; position {position}.")
    else:
        sentence = _("Revoked: {role} of {principal} on {scope}; position {position}.")
    said = {"role": word("rule", role), "principal": clean(principal), "scope": clean(scope)}
    show_done(
        changed.answer(),
        sentence.format(position=changed.position, **said),
        str(given["format"]),
    )


def _grant(**given: Any) -> None:
    _change("granted", **given)


def _revoke(**given: Any) -> None:
    _change("revoked", **given)


_CHANGE_PARAMETERS: Final[list[click.Parameter]] = [
    click.Argument(["principal"], type=PlainText(), metavar="user:ID|group:ID"),
    click.Argument(["role"], type=click.Choice(_ROLES), metavar="ROLE"),
    click.Argument(["scope"], type=PlainText(), metavar="workspace:ID|customer:ID"),
    Option(
        "--granted-by",
        metavar="USER",
        type=PlainText(),
        heading=DOING,
        help=N_("Who does it: an administrator of that scope."),
    ),
    Option(
        "--time",
        metavar="INSTANT",
        type=PlainText(),
        heading=DOING,
        help=N_("When it takes effect. Default: now."),
    ),
    Option(
        "--id",
        "event_id",
        metavar="ID",
        type=Identifier(),
        heading=DOING,
        help=N_("The id of the event; sent again under it, it is a duplicate."),
    ),
    Option("--dry-run", is_flag=True, heading=DOING, help=N_("Judge it and write nothing.")),
    VIEWER,
    FORMAT,
    *WHERE,
]

command = CommandGroup(
    name="access",
    examples=(
        "cpod access show ana",
        "cpod access who 2500017 --known-at 2025-09-30",
        "cpod access grant user:ana customer_activity workspace:contoso-paris",
        "cpod access revoke group:ops view_all_requests customer:contoso",
    ),
    help=N_(
        "Say who may see what, and why; grant and revoke roles. Who may see something is judged at"
        " the moment of asking; with --known-at at that moment, by what was recorded then."
    ),
    commands=(
        question(
            "access_show",
            name="show",
            about=N_("Show the roles and groups of a user, and what they open in each workspace."),
            examples=("cpod access show ana", "cpod access show ana --known-at 2025-09-30"),
            layout=SHOW,
            filters=(click.Argument(["user"], type=Identifier(), metavar="USER"),),
            when=(KNOWN_AT, VIEWER),
            asks=_show,
        ),
        question(
            "access_who",
            name="who",
            about=N_(
                "Show who may see a case, and through which rule. One rule is enough, together with"
                " the page of the workspace in which the case is."
            ),
            examples=("cpod access who 2500017", "cpod access who 2500017 --known-at 42"),
            layout=WHO,
            filters=(click.Argument(["case"], type=KnownId("case"), metavar="CASE"),),
            when=(AS_OF, KNOWN_AT, VIEWER),
            asks=_who,
        ),
        Command(
            name="grant",
            callback=_grant,
            examples=(
                "cpod access grant user:ana customer_activity workspace:contoso-paris",
                "cpod access grant group:ops workspace_admin customer:contoso --dry-run",
            ),
            help=N_("Grant a role to a user or a group, on a workspace or all of a customer."),
            params=_CHANGE_PARAMETERS,
        ),
        Command(
            name="revoke",
            callback=_revoke,
            examples=("cpod access revoke user:ana customer_activity workspace:contoso-paris",),
            help=N_("Revoke a role, as it was granted: from the same holder, on the same scope."),
            params=_CHANGE_PARAMETERS,
        ),
    ),
)
