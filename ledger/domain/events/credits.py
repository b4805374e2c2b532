"""Credits: the prepaid currency of proactive services."""

from typing import ClassVar

from ledger.domain.events.fields import Fact, Identifier, NotNegative, Positive, Text


class CreditFact(Fact):
    """A movement of credits on an entitlement."""

    package: Identifier
    entitlement: Identifier
    workspace: Identifier
    credits: Positive


class CreditConsumed(CreditFact):
    """Credits were spent on a service."""

    type_name: ClassVar[str] = "credit.consumed"

    service: Text
    quantity: NotNegative | None = None
    unit_price: NotNegative | None = None
    price_list: Text | None = None
    engagement: Identifier | None = None
    hours: NotNegative | None = None


class CreditRefunded(CreditFact):
    """Credits went back to the customer."""

    type_name: ClassVar[str] = "credit.refunded"

    reason: Text
