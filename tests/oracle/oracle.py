"""The oracle: every view, answered for the operator by replaying all the accepted events."""

from fractions import Fraction

from . import engagements, summary, terms
from .accounts import account
from .candidates import additional_row, candidates, case_row, in_scope
from .civil import instant_text
from .postings import postings_on
from .quantities import text
from .question import Question
from .unplaced import unplaced_facts

FIGURES = (
    "granted",
    "consumed",
    "expired",
    "reserved",
    "remaining",
    "available",
    "overage",
    "delivered_hours",
)
SUPPORT_TYPES = {"advisory": "advisory", "problem_resolution": "reactive"}


class Oracle:
    """Answers over accepted records in the order of their positions."""

    def __init__(self, records):
        self.records = list(records)

    def question(self, as_of, known_at):
        """A question over all the records."""
        return Question(self.records, as_of, known_at)

    def packages(
        self,
        as_of,
        known_at=None,
        kind="addon",
        state="active",
        contract=None,
        package=None,
        workspaces=None,
    ):
        """The packages with their consumables and benefits."""
        question = self.question(as_of, known_at)
        rows = []
        for terms_ in question.all_packages():
            row = package_row(question, terms_)
            if (
                kind in ("all", row["kind"])
                and state in ("all", row["state"])
                and contract in (None, row["contract"])
                and package in (None, row["package"])
                and (
                    workspaces is None
                    or question.mapped_workspaces(row["contract"]) & set(workspaces)
                )
            ):
                rows.append(row)
        return question.header() | {"packages": rows}

    def summary(self, as_of, known_at=None, workspaces=None, contracts=None):
        """The active contracts in scope and the lines of their enterprise packages."""
        question = self.question(as_of, known_at)
        active = summary.active_contracts(question, workspaces, contracts)
        return question.header() | {
            "contracts": [
                summary.summary_contract(contract, inside) for contract, inside in active
            ],
            "lines": summary.summary_lines(
                question, [contract for contract, _ in active], workspaces
            ),
        }

    def additional(self, as_of, known_at=None, workspaces=None, expiry_basis="as-of"):
        """The additional cases with their reasons, and how many there are of each service."""
        question = self.question(as_of, known_at)
        rows = [
            additional_row(case, why)
            for case, why in candidates(question, workspaces, expiry_basis)
            if why
        ]
        services = [
            {"service": service, "cases": sum(row["support_type"] == support_type for row in rows)}
            for service, support_type in SUPPORT_TYPES.items()
        ]
        return question.header() | {"services": services, "cases": rows}

    def cases(self, as_of, known_at=None, workspaces=None, which="main", expiry_basis="as-of"):
        """The rows of the main list, of the additional list, or of all the opened cases."""
        question = self.question(as_of, known_at)
        if which == "all":
            chosen = [case for case in question.opened_cases() if in_scope(case, workspaces)]
        else:
            sorted_out = candidates(question, workspaces, expiry_basis)
            chosen = [case for case, why in sorted_out if bool(why) == (which == "additional")]
        return question.header() | {"rows": [case_row(question, case) for case in chosen]}

    def engagements(self, as_of, known_at=None):
        """What of each engagement is in the balance of each entitlement; a row where anything is.

        Each balance is asked by itself, for one engagement after the other.
        """
        question = self.question(as_of, known_at)
        found = {}
        for package in question.all_packages():
            zone = question.knowledge.package_zone(package["package"])
            for line in question.entitlements(package["package"]):
                if line["consumable"]:
                    place = (package["package"], line)
                    found |= engagements_on(question, question.events_in(zone), *place)
        return found

    def unplaced(self, as_of, known_at=None, all=False):  # noqa: A002 - as the option
        """The facts that should consume and cannot."""
        question = self.question(as_of, known_at)
        rows = unplaced_facts(question)
        if not all:
            rows = [row for row in rows if row["reason"] not in ("no_place", "not_opened")]
        return question.header() | {"facts": rows}

    def statement(self, package, entitlement, as_of, known_at=None):
        """The lines of one consumable, in order; none where it is no consumable that counts."""
        question = self.question(as_of, known_at)
        line = question.entitlement(package, entitlement)
        if line is None or not line["consumable"]:
            return question.header() | {"lines": []}
        lines = account(question, package, line)["lines"]
        return question.header() | {"lines": [statement_line(told) for told in lines]}


def engagements_on(question, events, package, line):
    """The figures of each engagement on one entitlement, by its id and the place."""
    found, in_a_balance = {}, question.holds_engagements
    for engagement, own_events in engagements.engagement_events(events).items():
        posted = postings_on(own_events, package, line, in_a_balance)
        figures = {
            "consumed": sum((posting["amount"] for posting in posted), Fraction(0)),
            "reserved": engagements.reserved(
                own_events, package, line["entitlement"], line["unit"], in_a_balance
            ),
            "delivered_hours": sum((posting["delivered_hours"] for posting in posted), Fraction(0)),
        }
        if any(figures.values()):
            place = (engagement, package, line["entitlement"])
            found[place] = {name: text(figure) for name, figure in figures.items()}
    return found


def package_row(question, package):
    """A package as the answer shows it."""
    contract = question.contract(package["contract"])
    today = question.today(question.knowledge.package_zone(package["package"]))
    reason = terms.inactive_reason(package, contract, today)
    last = package["ends_on"]
    if contract is not None and contract["end"] is not None:
        last = min(last, contract["end"])
    lines = question.entitlements(package["package"])
    return {
        "contract": package["contract"],
        "package": package["package"],
        "kind": package["kind"],
        "name": package["name"],
        "state": "active" if reason is None else "inactive",
        "reason": reason,
        "starts_on": package["starts_on"].isoformat(),
        "ends_on": package["ends_on"].isoformat(),
        "days_left": (last - today).days if reason is None else None,
        "consumables": [
            consumable_row(question, package, line) for line in lines if line["consumable"]
        ],
        "benefits": [
            {field: line[field] for field in ("entitlement", "name", "description")}
            for line in lines
            if not line["consumable"]
        ],
    }


def consumable_row(question, package, line):
    """A consumable with its figures."""
    figures = account(question, package["package"], line)
    described = {field: line[field] for field in ("entitlement", "name", "service", "unit")}
    return described | {name: text(figures[name]) for name in FIGURES}


def statement_line(told):
    """A line of a statement: an expiry has no event."""
    event = told["event"]
    return {
        "position": event and event.position,
        "source": event and event.source,
        "id": event and event.id,
        "type": event and event.type,
        "effective_at": instant_text(told["at"]),
        "change": text(told["change"]),
        "balance": text(told["balance"]),
    }
