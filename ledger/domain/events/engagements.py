"""Engagements: workshops, designated engineers and proactive services, which share one life."""

from typing import ClassVar, Literal

from ledger.domain.events.fields import Fact, Flag, Identifier, Instant, NotNegative, Text


class EngagementFact(Fact):
    """A fact about one engagement; ids are one name space for all kinds."""

    engagement: Identifier

    def subject(self) -> str:
        """Return the engagement."""
        return f"engagement:{self.engagement}"


class EngagementScheduled(EngagementFact):
    """An engagement is planned, and its quantity reserved."""

    workspace: Identifier
    package: Identifier
    entitlement: Identifier
    title: Text
    quantity: NotNegative
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    mode: Literal["remote", "onsite"] | None = None


class EngagementDelivered(EngagementFact):
    """An engagement, or a part of it, was delivered."""

    hours: NotNegative
    quantity: NotNegative | None = None
    final: Flag | None = None
    workspace: Identifier | None = None
    package: Identifier | None = None
    entitlement: Identifier | None = None
    title: Text | None = None


class EngagementCancelled(EngagementFact):
    """An engagement will not take place; a charge is consumed."""

    charge: NotNegative | None = None
    reason: Text | None = None


class WorkshopScheduled(EngagementScheduled):
    """A workshop is planned."""

    type_name: ClassVar[str] = "workshop.scheduled"


class WorkshopDelivered(EngagementDelivered):
    """A workshop was delivered."""

    type_name: ClassVar[str] = "workshop.delivered"


class WorkshopCancelled(EngagementCancelled):
    """A workshop was cancelled."""

    type_name: ClassVar[str] = "workshop.cancelled"


class DesignatedEngineerScheduled(EngagementScheduled):
    """Time of a designated engineer is planned."""

    type_name: ClassVar[str] = "dse.scheduled"


class DesignatedEngineerDelivered(EngagementDelivered):
    """A designated engineer worked."""

    type_name: ClassVar[str] = "dse.delivered"


class DesignatedEngineerCancelled(EngagementCancelled):
    """Time of a designated engineer was cancelled."""

    type_name: ClassVar[str] = "dse.cancelled"


class ProactiveServiceScheduled(EngagementScheduled):
    """A proactive service is planned."""

    type_name: ClassVar[str] = "proactive_service.scheduled"


class ProactiveServiceDelivered(EngagementDelivered):
    """A proactive service was delivered."""

    type_name: ClassVar[str] = "proactive_service.delivered"


class ProactiveServiceCancelled(EngagementCancelled):
    """A proactive service was cancelled."""

    type_name: ClassVar[str] = "proactive_service.cancelled"
