"""Codes in words: what the ledger says as a code, people read as a word."""

from collections.abc import Callable
from typing import Final

from cli.language.wording import N_, _
from cli.render.cells import clean, written
from cli.render.layout import Cell, Row, Style

WORDS: Final[dict[str, dict[str, str]]] = {
    "group": {
        "built_in_proactive": N_("Built-in proactive services"),
        "as_needed_support": N_("As-needed support (reactive and advisory)"),
        "on_demand_education": N_("On-demand education"),
        "support_contacts": N_("Support contacts"),
        "on_demand_assessments": N_("On-demand assessments"),
        "other": N_("Other services"),
    },
    "service": {
        "problem_resolution": N_("Problem resolution"),
        "advisory": N_("Advisory"),
        "support_assistance": N_("Support assistance (SU)"),
        "development_support": N_("Development support (DSA)"),
        "technology_advisor": N_("Technology advisor (X85)"),
        "workshop": N_("Workshops"),
        "proactive_service": N_("Proactive services"),
        "dse": N_("Designated engineering (DSE)"),
        "proactive_credits": N_("Proactive credits"),
        "on_demand_education": N_("On-demand education"),
        "support_contacts": N_("Support contacts"),
        "on_demand_assessment": N_("On-demand assessments"),
        "assessment_setup": N_("Assessment setup"),
        "other": N_("Other"),
    },
    "unit": {
        "case": N_("cases"),
        "hour": N_("hours"),
        "credit": N_("credits"),
        "engagement": N_("engagements"),
        "activity": N_("activities"),
        "seat": N_("seats"),
        "assessment": N_("assessments"),
        "each": N_("pieces"),
    },
    "state": {
        "future": N_("not begun"),
        "active": N_("active"),
        "inactive": N_("inactive"),
        "expired": N_("expired"),
        "terminated": N_("terminated"),
    },
    "reason": {
        "future": N_("it has not begun"),
        "expired": N_("it has expired"),
        "contract_ended": N_("its contract has ended"),
        "deactivated": N_("it was deactivated"),
    },
    "explained": {
        "lot_started": N_("granted"),
        "lot_expired": N_("expired"),
        "refund_expired": N_("returned too late, expired"),
        "consumed": N_("consumed"),
        "returned": N_("returned"),
        "overage_covered": N_("overage covered"),
        "adjusted": N_("adjusted"),
        "transferred_in": N_("transferred in"),
        "transferred_out": N_("transferred out"),
        "used_elsewhere": N_("used elsewhere"),
        "used_by_others": N_("used by others"),
    },
    "figure": {
        "granted": N_("granted"),
        "consumed": N_("consumed"),
        "expired": N_("expired"),
        "reserved": N_("reserved"),
        "remaining": N_("remaining"),
    },
    "stride": {
        "later_knowledge": N_("later knowledge"),
        "new_business": N_("new business"),
    },
    "kind": {"enterprise": N_("enterprise-wide"), "addon": N_("add-on")},
    "support_type": {
        "reactive": N_("reactive"),
        "advisory": N_("advisory"),
        "other": N_("other"),
    },
    "status": {"open": N_("open"), "closed": N_("closed"), "cancelled": N_("cancelled")},
    "additional": {
        "missing_contract": N_("no contract"),
        "missing_package": N_("no package"),
        "missing_service": N_("no service"),
        "contract_expired": N_("contract expired"),
        "contract_not_mapped": N_("contract not mapped here"),
        "service_code": N_("service code"),
    },
    "what": {
        "lot_started": N_("granted"),
        "lot_expired": N_("expired"),
        "refund_expired": N_("returned too late, expired"),
        "consumed": N_("consumed"),
        "returned": N_("returned"),
        "adjusted": N_("adjusted"),
        "transferred_in": N_("transferred in"),
        "transferred_out": N_("transferred out"),
        "brought_forward": N_("brought forward"),
        "used_elsewhere": N_("used elsewhere"),
        "used_by_others": N_("used by others"),
    },
    "engagement": {
        "workshop": N_("workshop"),
        "dse": N_("designated engineering"),
        "proactive_service": N_("proactive service"),
    },
    "engagement_state": {
        "scheduled": N_("scheduled"),
        "in_delivery": N_("in delivery"),
        "delivered": N_("delivered"),
        "cancelled": N_("cancelled"),
        "cancelled_charged": N_("cancelled, charged"),
    },
    "mode": {"remote": N_("remote"), "onsite": N_("on site")},
    "assessment_state": {"configured": N_("configured"), "removed": N_("removed")},
    "rows_seen": {"all": N_("all"), "own": N_("one's own"), "none": N_("none")},
    "rule": {
        "customer_admin": N_("customer administrator"),
        "workspace_admin": N_("workspace administrator"),
        "customer_activity": N_("Customer Activity"),
        "view_all_requests": N_("views all requests"),
        "learning_manager": N_("learning manager"),
        "group": N_("its group"),
        "shared": N_("shared with them"),
        "primary_contact": N_("primary contact at opening"),
    },
    "chart": {"actual": N_("actual"), "forecast": N_("forecast")},
    "unplaced": {
        "unknown_package": N_("no such package"),
        "unknown_entitlement": N_("no such entitlement"),
        "not_consumable": N_("a benefit is not consumed"),
        "wrong_unit": N_("its unit does not fit"),
        "no_place": N_("names no place"),
        "not_opened": N_("its case was never opened"),
    },
}
"""For each kind of code its words; a code that is not here is shown as it is."""


def word(kind: str, code: object) -> str:
    """Return the word for a code, in the language that is spoken."""
    known = WORDS[kind].get(code) if isinstance(code, str) else None
    return _(known) if known is not None else written(code)


def worded(kind: str, key: str | None = None) -> Callable[[Row], Cell]:
    """Return the maker of a cell that shows a code in words; lists are joined."""
    field = key or kind

    def cell(row: Row) -> Cell:
        codes = row.get(field)
        if isinstance(codes, list | tuple):
            return Cell(", ".join(word(kind, code) for code in codes))
        return Cell(word(kind, codes))

    return cell


def state(row: Row) -> Cell:
    """Return a state in words; what is not active is faint."""
    style = Style.PLAIN if row.get("state") == "active" else Style.FAINT
    return Cell(clean(word("state", row.get("state"))), style)
