"""The judge of terms and corrections: the code with which the ledger refuses one, or None."""

from . import admins, terms
from .accounts import account
from .knowledge import Knowledge
from .quantities import exact
from .question import Question
from .records import Record, in_order, read

FACTS = (
    "case",
    "workshop",
    "dse",
    "proactive_service",
    "credit",
    "course",
    "contact",
    "assessment",
    "group",
)
REVERSIBLE_TERMS = ("entitlement.adjusted", "entitlement.granted")
WAITING = (
    "unknown-contract",
    "unknown-package",
    "unknown-entitlement",
    "unknown-event",
    "unknown-workspace",
)


def is_fact(type_):
    """Whether an event happened, so that nothing recorded can contradict it."""
    return type_.split(".")[0] in FACTS


class Verdicts:
    """Judges well-formed events against the records accepted so far."""

    @staticmethod
    def judge(records, event):
        """The first code, in the order of the contract, that refuses an event, or None."""
        return None if is_fact(event["type"]) else Case(records, event).code()

    @staticmethod
    def ingest(events, first_recorded_at=1_800_000_000 * 10**9):
        """The accepted records of events of distinct keys, and the (event, code) that stay refused.

        What waits for something unknown is tried again at the end, until nothing moves.
        """
        records, refused = [], []

        def attempt(event):
            code = Verdicts.judge(records, event)
            if code is None:
                records.append(Record(len(records) + 1, first_recorded_at + len(records), event))
            return code

        for event in events:
            code = attempt(event)
            if code is not None:
                refused.append((event, code))
        moved = True
        while moved:
            tried = [
                (event, attempt(event) if code in WAITING else code) for event, code in refused
            ]
            refused = [(event, code) for event, code in tried if code is not None]
            moved = len(refused) < len(tried)
        return records, refused


class Case:
    """One term before the judge, with all that is recorded."""

    def __init__(self, records, event):
        self.records = records
        self.type, self.data, self.time = event["type"], event["data"], event["time"]
        self.knowledge = Knowledge(records)
        own = Record(len(records) + 1, 0, event)
        self.with_own = in_order([*self.knowledge.events, read(own)])
        self.own = read(own)

    def code(self):
        """The checks in their order, each of which knows the types that it concerns."""
        for code, refuses in (
            ("unknown-contract", self.contract_is_unknown),
            ("unknown-package", self.package_is_unknown),
            ("unknown-entitlement", self.entitlement_is_unknown),
            ("unknown-event", self.event_is_unknown),
            ("unknown-workspace", self.workspace_is_unknown),
            ("already-exists", self.exists_already),
            ("already-reversed", self.is_reversed_already),
            ("not-reversible", self.is_not_reversible),
            ("insufficient-balance", self.has_too_little),
            ("not-limited", self.is_not_limited),
            ("other-customer", self.is_of_another_customer),
            ("bad-period", self.has_a_bad_period),
            ("not-allowed", self.is_not_allowed),
        ):
            if refuses():
                return code
        return None

    # what it names

    def contract_is_unknown(self):
        named = []
        if self.type in (
            "contract.amended",
            "contract.terminated",
            "contract.mapped",
            "contract.unmapped",
        ):
            named = [self.data["contract"]]
        elif self.type == "contract.renewed":
            named = [self.data["contract"], self.data["successor"]]
        elif self.type == "package.purchased":
            named = [self.data["contract"]]
        return any(
            not self.knowledge.creation("contract.signed", "contract", contract)
            for contract in named
        )

    def places(self):
        """The (package, entitlement) that it names, entitlement None where none has to exist."""
        if self.type == "entitlement.transferred":
            return [
                (self.data[leg]["package"], self.data[leg]["entitlement"]) for leg in ("from", "to")
            ]
        if self.type in (
            "package.amended",
            "package.deactivated",
            "package.reactivated",
            "entitlement.added",
        ):
            return [(self.data["package"], None)]
        if self.type in ("entitlement.withdrawn", "entitlement.granted", "entitlement.adjusted"):
            return [(self.data["package"], self.data["entitlement"])]
        return []

    def package_is_unknown(self):
        return any(not self.purchase(package) for package, _ in self.places())

    def entitlement_is_unknown(self):
        return any(
            entitlement and not self.line(package, entitlement)
            for package, entitlement in self.places()
        )

    def event_is_unknown(self):
        return self.type == "event.reversed" and self.reversed_event() is None

    def workspace_is_unknown(self):
        named = None
        if self.type in ("contract.mapped", "contract.unmapped"):
            named = self.data["workspace"]
        elif self.type in ("role.granted", "role.revoked"):
            kind, _, id_ = self.data["scope"].partition(":")
            named = id_ if kind == "workspace" else None
        return named is not None and not self.workspace(named)

    # what it would do twice

    def exists_already(self):
        match self.type:
            case "workspace.created":
                return bool(self.workspace(self.data["workspace"]))
            case "contract.signed":
                return bool(
                    self.knowledge.creation("contract.signed", "contract", self.data["contract"])
                )
            case "package.purchased":
                return bool(self.purchase(self.data["package"]))
            case "entitlement.added":
                return bool(self.line(self.data["package"], self.data["entitlement"]))
        return False

    def is_reversed_already(self):
        return self.type == "event.reversed" and any(
            event.type == "event.reversed" and event.data["reverses"] == self.data["reverses"]
            for event in self.knowledge.recorded
        )

    def is_not_reversible(self):
        if self.type != "event.reversed":
            return False
        type_ = self.reversed_event().type
        return not is_fact(type_) and type_ not in REVERSIBLE_TERMS

    # what it would do to a balance

    def has_too_little(self):
        if self.type != "entitlement.transferred":
            return False
        package, entitlement = self.places()[0]
        if not is_limited(self.line(package, entitlement)):
            return False
        at_its_time = Question(self.records, self.time)
        line = at_its_time.entitlement(package, entitlement)
        available = account(at_its_time, package, line)["available"] if line else 0
        return exact(self.data["quantity"]) > available

    def is_not_limited(self):
        if self.type not in (
            "entitlement.granted",
            "entitlement.adjusted",
            "entitlement.transferred",
        ):
            return False
        return any(
            not is_limited(self.line(package, entitlement))
            for package, entitlement in self.places()
        )

    # whose it is, when, and by whom

    def is_of_another_customer(self):
        if self.type == "contract.mapped":
            workspace = self.workspace(self.data["workspace"])
            return self.customer_of(self.data["contract"]) != workspace.data["customer"]
        if self.type == "entitlement.transferred":
            contracts = [self.purchase(package).data["contract"] for package, _ in self.places()]
            return self.customer_of(contracts[0]) != self.customer_of(contracts[1])
        return False

    def has_a_bad_period(self):
        if self.type in ("contract.signed", "contract.amended", "contract.terminated"):
            contract = terms.contract(self.with_own, self.data["contract"])
            return contract["end"] is not None and contract["end"] < contract["starts_on"]
        if self.type in ("package.purchased", "package.amended"):
            package = terms.package(self.with_own, self.data["package"])
            return package["ends_on"] < package["starts_on"]
        if self.type == "entitlement.granted":
            package = terms.package(self.with_own, self.data["package"])
            first = terms.day(self.data.get("starts_on")) or package["starts_on"]
            return (terms.day(self.data.get("expires_on")) or package["ends_on"]) < first
        return False

    def is_not_allowed(self):
        if self.type not in ("role.granted", "role.revoked") or self.data.get("granted_by") is None:
            return False
        user = self.data["granted_by"].removeprefix("user:")
        return not admins.is_admin(self.knowledge, user, self.data["scope"], self.own.effective_at)

    # what is recorded

    def purchase(self, package):
        return self.knowledge.creation("package.purchased", "package", package)

    def workspace(self, workspace):
        return self.knowledge.creation("workspace.created", "workspace", workspace)

    def line(self, package, entitlement):
        return terms.entitlement(self.knowledge, self.knowledge.events, package, entitlement)

    def customer_of(self, contract):
        return self.knowledge.creation("contract.signed", "contract", contract).data["customer"]

    def reversed_event(self):
        """The recorded event that it reverses, reversed or not, or None."""
        key = (self.data["reverses"]["source"], self.data["reverses"]["id"])
        return next(
            (event for event in self.knowledge.recorded if (event.source, event.id) == key), None
        )


def is_limited(line):
    """Whether an entitlement is tracked, and not as needed."""
    return line["consumable"] and not line["as_needed"]
