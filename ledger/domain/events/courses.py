"""On-demand education: what learners start and complete."""

from typing import ClassVar

from ledger.domain.events.fields import Fact, Identifier, PersonId, Quantity, Text


class CourseFact(Fact):
    """A fact about one learner and one item."""

    workspace: Identifier
    learner: PersonId
    item: Identifier
    title: Text | None = None
    item_type: Text | None = None
    product: Text | None = None
    level: Text | None = None
    language: Text | None = None
    package: Identifier | None = None
    entitlement: Identifier | None = None
    score: Quantity | None = None


class CourseStarted(CourseFact):
    """A learner started an item: the first start consumes an activity."""

    type_name: ClassVar[str] = "course.started"


class CourseCompleted(CourseFact):
    """A learner completed an item."""

    type_name: ClassVar[str] = "course.completed"
