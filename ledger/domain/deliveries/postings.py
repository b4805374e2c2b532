"""Postings: what a subject moves, measured every way that an entitlement may count it.

A posting does not know the terms: the same case posts one case and its minutes, and the unit of
the entitlement that it is placed on picks what counts. So a fold needs only the subject's own
events, and a posting never changes when terms do.
"""

from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from ledger.domain.deliveries.rows import AssessmentRow, ContactRow, CourseRow, EngagementRow

Measure = Literal[
    "case",  # 1 for a case
    "labour",  # one entry of work on a case, in hours
    "hours",  # hours delivered by an engagement
    "quantity",  # quantity delivered by an engagement
    "credit",  # credits spent
    "activity",  # 1 for a learner's first start of an item
    "assessment",  # 1 for a first set-up
    "seat",  # 1 for a contact that is present
    "reserved_hours",  # what an engagement holds back, in hours
    "reserved_quantity",  # what an engagement holds back, in its quantity
    "delivered",  # hours delivered by an engagement, beside whatever is consumed
    "credit_hours",  # hours delivered with credits spent, beside them
]

CONSUMES: Final[dict[str, tuple[Measure, ...]]] = {
    "case": ("case",),
    "hour": ("labour", "hours"),
    "engagement": ("quantity",),
    "credit": ("quantity", "credit"),
    "each": ("quantity",),
    "activity": ("activity",),
    "assessment": ("assessment",),
    "seat": ("seat",),
}
"""Which measures an entitlement of each unit counts."""

RESERVES: Final[dict[str, tuple[Measure, ...]]] = {
    "hour": ("reserved_hours",),
    "engagement": ("reserved_quantity",),
    "credit": ("reserved_quantity",),
    "each": ("reserved_quantity",),
}
"""Which measures an entitlement of each unit holds back; others hold nothing back."""

DELIVERS: Final[dict[str, tuple[Measure, ...]]] = {
    "hour": ("delivered",),
    "engagement": ("delivered",),
    "credit": ("delivered", "credit_hours"),
    "each": ("delivered",),
}
"""Which measures are the hours delivered on an entitlement of each unit; others have none."""

DeliveryKind = Literal["case", "engagement", "credit", "activity", "assessment", "seat"]

FITS: Final[dict[DeliveryKind, frozenset[str]]] = {
    "case": frozenset({"case", "hour"}),
    "engagement": frozenset({"hour", "engagement", "credit", "each"}),
    "credit": frozenset({"credit"}),
    "activity": frozenset({"activity"}),
    "assessment": frozenset({"assessment"}),
    "seat": frozenset({"seat"}),
}
"""On which units a delivery of each kind can be counted."""


class Posting(NamedTuple):
    """A signed exact amount on one entitlement, at an instant, caused by an event."""

    effective_at: int
    position: int
    """The event that caused it."""
    package: str
    entitlement: str
    measure: Measure
    workspace: str | None
    amount: int
    """More than zero is consumed (or reserved, or delivered); less goes back."""
    turn: int | None = None
    """The event right after which it counts, where that is not its own: a case's opening."""


class EngagementStep(NamedTuple):
    """What one event does to an engagement, and where that is by then."""

    effective_at: int
    position: int
    package: str | None
    entitlement: str | None
    workspace: str | None
    kind: Literal["scheduled", "delivered", "cancelled"]
    quantity: int | None
    """What is planned, delivered or charged; None for a delivery that leaves it to the default."""
    hours: int
    """What is delivered, or charged, where it counts by hours."""
    final: bool
    """Whether nothing more is to come."""

    @property
    def place(self) -> tuple[str, str] | None:
        """The entitlement that it is on, where it names one."""
        if self.package is None or self.entitlement is None:
            return None
        return (self.package, self.entitlement)

    @property
    def delivers(self) -> bool:
        """Whether something of it should count somewhere."""
        return self.kind == "delivered" or (self.kind == "cancelled" and bool(self.quantity))


class Placed(NamedTuple):
    """A delivery that should count somewhere, while it should: `effective_at` to `until`."""

    effective_at: int
    until: int
    """The first instant at which it no longer should (exclusive)."""
    position: int
    kind: DeliveryKind | Literal["unopened"]
    """What it is; `unopened` for all that belongs to a case never opened."""
    package: str | None
    entitlement: str | None
    workspace: str | None
    opening_contract: str | None = None
    """For a case: the contract named at its opening, whose zone is the case's."""
    opening_workspace: str | None = None
    """For a case: its first workspace, whose zone it has where that contract is unknown."""


class CaseRow(NamedTuple):
    """What a case looks like from `from_at` until `until` (exclusive)."""

    from_at: int
    until: int
    case: str
    contract: str | None
    package: str | None
    entitlement: str | None
    workspace: str | None
    service_code: str | None
    support_type: str
    status: str
    severity: str | None
    product: str | None
    title: str
    primary_contact: str | None
    opening_contact: str | None
    opening_contract: str | None
    opening_workspace: str
    opened_at: int
    closed_at: int | None
    source_status: str | None

    @property
    def kind(self) -> "CaseKind":
        """All that its list depends on, but for when it was opened."""
        return CaseKind._make(self[3:10])


class CaseKind(NamedTuple):
    """What cases share of which many are alike: where they are placed, and what they are."""

    contract: str | None
    package: str | None
    entitlement: str | None
    workspace: str | None
    service_code: str | None
    support_type: str
    status: str


class Labour(NamedTuple):
    """An entry of work on a case, which counts from `from_at`."""

    from_at: int
    minutes: int


class Share(NamedTuple):
    """A user or group that may see a case, from `from_at` until `until` (exclusive)."""

    from_at: int
    until: int
    case: str
    kind: Literal["user", "group"]
    who: str


class Presence(NamedTuple):
    """A contact in a workspace, or a user in a group, from `from_at` until `until` (exclusive)."""

    from_at: int
    until: int
    place: str
    """The entitlement (`package`, separator, `entitlement`) or the group."""
    who: str
    workspace: str


@dataclass(slots=True)
class Derived:
    """What one subject's events come to."""

    postings: list[Posting] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    cases: list[CaseRow] = field(default_factory=list)
    labour: list[Labour] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    engagements: list[EngagementRow] = field(default_factory=list)
    engagement_steps: list[EngagementStep] = field(default_factory=list)
    """Those of an engagement whose postings depend on the terms, in the place of postings."""
    courses: list[CourseRow] = field(default_factory=list)
    contacts: list[ContactRow] = field(default_factory=list)
    assessments: list[AssessmentRow] = field(default_factory=list)
