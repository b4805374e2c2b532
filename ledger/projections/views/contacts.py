"""The grid of support contacts: the named people who occupy seats, and how many seats there are."""

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from ledger.domain.deliveries.rows import ContactRow
from ledger.projections.drill_down import asked_entitlement, consumables, rows_in_scope
from ledger.projections.filters import Answer
from ledger.projections.grid.columns import Column, Grid
from ledger.projections.grid.grid import grid
from ledger.projections.question import Question, quantity


class _Contact(NamedTuple):
    """A contact on one entitlement, in one workspace of the scope or more."""

    contact: str
    name: str | None
    email: str | None
    workspaces: tuple[str, ...]
    since: int
    package: str
    entitlement: str


def answer(question: Question) -> Answer:
    """Return the seats of each entitlement, and every contact who is present in the scope."""
    page = grid(question, _shape(question), _contacts(rows_in_scope(question, ContactRow)))
    return question.answered(**asked_entitlement(question), seats=_seats(question), **page)


def _seats(question: Question) -> list[dict[str, object]]:
    """Return how many seats are taken, by contacts of all workspaces, and how many there are."""
    found: list[dict[str, object]] = []
    for package, line in consumables(question, "seat"):
        account = question.account(package, line)
        found.append(
            {
                "package": package.package,
                "entitlement": line.entitlement.entitlement,
                "name": line.entitlement.name,
                "used": quantity(account.consumed),
                "used_in_scope": quantity(account.consumed_in_scope),
                "used_elsewhere": quantity(account.used_elsewhere),
                "allowed": quantity(account.granted),
            }
        )
    return found


def _contacts(rows: Iterable[ContactRow]) -> list[_Contact]:
    """Return one row for each contact of an entitlement; what was said last of it is right."""
    by_contact: dict[tuple[str, str, str], list[ContactRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.from_at, row.workspace)):
        by_contact[row.package, row.entitlement, row.contact].append(row)
    return [
        _Contact(
            contact=contact,
            name=next((row.name for row in reversed(present) if row.name is not None), None),
            email=next((row.email for row in reversed(present) if row.email is not None), None),
            workspaces=tuple(sorted(row.workspace for row in present)),
            since=min(row.since for row in present),
            package=package,
            entitlement=entitlement,
        )
        for (package, entitlement, contact), present in by_contact.items()
    ]


def _shape(question: Question) -> Grid[_Contact]:
    contract: Column[_Contact] = Column(
        "contract", "text", lambda row: question.contract_of(row.package)
    )
    return Grid(
        columns=(
            *(_plain(name) for name in ("contact", "name", "email")),
            Column("workspaces", "texts", attrgetter("workspaces")),
            Column("since", "instant", attrgetter("since")),
            contract,
            _plain("package"),
            _plain("entitlement"),
        ),
        identity=_identity,
        order=_identity,
        date=attrgetter("since"),
        zone=lambda row: question.terms.package_zone(row.package, row.workspaces[0]),
        choices={"contact": attrgetter("contact")},
        places=lambda row: (question.contract_of(row.package), row.package, row.entitlement),
    )


def _plain(name: str) -> Column[_Contact]:
    return Column(name, "text", attrgetter(name))


def _identity(row: _Contact) -> list[str]:
    return [row.package, row.entitlement, row.contact]
