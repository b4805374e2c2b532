"""On-demand assessments: what is configured, run and removed."""

from typing import ClassVar

from ledger.domain.events.fields import Count, Fact, Identifier, Quantity


class AssessmentFact(Fact):
    """A fact about one technology in one environment."""

    workspace: Identifier
    technology: Identifier
    environment: Identifier
    package: Identifier | None = None
    entitlement: Identifier | None = None
    quality_index: Quantity | None = None
    findings: Count | None = None


class AssessmentConfigured(AssessmentFact):
    """An assessment was set up: the first set-up consumes."""

    type_name: ClassVar[str] = "assessment.configured"


class AssessmentRun(AssessmentFact):
    """An assessment ran; runs do not consume."""

    type_name: ClassVar[str] = "assessment.run"


class AssessmentRemoved(AssessmentFact):
    """An assessment was taken away; nothing comes back."""

    type_name: ClassVar[str] = "assessment.removed"
