"""Every event that the ledger accepts: a new type is one small file, and one line here."""

from typing import Final

from ledger.domain.events.assessments import AssessmentConfigured, AssessmentRemoved, AssessmentRun
from ledger.domain.events.cases import (
    CaseCancelled,
    CaseChargeRestored,
    CaseChargeWaived,
    CaseClosed,
    CaseLabourRecorded,
    CaseOpened,
    CaseReassigned,
    CaseReclassified,
    CaseReopened,
    CaseShared,
    CaseUnshared,
    CaseUpdated,
)
from ledger.domain.events.contacts import ContactAdded, ContactRemoved
from ledger.domain.events.contracts import (
    ContractAmended,
    ContractMapped,
    ContractRenewed,
    ContractSigned,
    ContractTerminated,
    ContractUnmapped,
)
from ledger.domain.events.courses import CourseCompleted, CourseStarted
from ledger.domain.events.credits import CreditConsumed, CreditRefunded
from ledger.domain.events.engagements import (
    DesignatedEngineerCancelled,
    DesignatedEngineerDelivered,
    DesignatedEngineerScheduled,
    ProactiveServiceCancelled,
    ProactiveServiceDelivered,
    ProactiveServiceScheduled,
    WorkshopCancelled,
    WorkshopDelivered,
    WorkshopScheduled,
)
from ledger.domain.events.entitlements import (
    EntitlementAdded,
    EntitlementAdjusted,
    EntitlementGranted,
    EntitlementTransferred,
    EntitlementWithdrawn,
)
from ledger.domain.events.fields import Event
from ledger.domain.events.groups import GroupMemberAdded, GroupMemberRemoved
from ledger.domain.events.packages import (
    PackageAmended,
    PackageDeactivated,
    PackagePurchased,
    PackageReactivated,
)
from ledger.domain.events.reversals import EventReversed
from ledger.domain.events.roles import RoleGranted, RoleRevoked
from ledger.domain.events.workspaces import WorkspaceCreated

EVENTS: Final[tuple[type[Event], ...]] = (
    WorkspaceCreated,
    RoleGranted,
    RoleRevoked,
    GroupMemberAdded,
    GroupMemberRemoved,
    ContractSigned,
    ContractAmended,
    ContractTerminated,
    ContractRenewed,
    ContractMapped,
    ContractUnmapped,
    PackagePurchased,
    PackageAmended,
    PackageDeactivated,
    PackageReactivated,
    EntitlementAdded,
    EntitlementWithdrawn,
    EntitlementGranted,
    EntitlementAdjusted,
    EntitlementTransferred,
    CaseOpened,
    CaseUpdated,
    CaseLabourRecorded,
    CaseReassigned,
    CaseReclassified,
    CaseShared,
    CaseUnshared,
    CaseClosed,
    CaseReopened,
    CaseCancelled,
    CaseChargeWaived,
    CaseChargeRestored,
    WorkshopScheduled,
    WorkshopDelivered,
    WorkshopCancelled,
    DesignatedEngineerScheduled,
    DesignatedEngineerDelivered,
    DesignatedEngineerCancelled,
    ProactiveServiceScheduled,
    ProactiveServiceDelivered,
    ProactiveServiceCancelled,
    CreditConsumed,
    CreditRefunded,
    CourseStarted,
    CourseCompleted,
    ContactAdded,
    ContactRemoved,
    AssessmentConfigured,
    AssessmentRun,
    AssessmentRemoved,
    EventReversed,
)

BY_NAME: Final[dict[str, type[Event]]] = {event.type_name: event for event in EVENTS}
