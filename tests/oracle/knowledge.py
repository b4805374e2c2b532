"""What is known at a position: the events recorded and not reversed, and the zones of things."""

from .records import in_order, read


class Knowledge:
    """The ledger as it was known when its last position was `known_at`."""

    def __init__(self, records, known_at=None):
        self.recorded = [
            read(record) for record in records if known_at is None or record.position <= known_at
        ]
        taken_back = {
            (event.data["reverses"]["source"], event.data["reverses"]["id"])
            for event in self.recorded
            if event.type == "event.reversed"
        }
        self.events = in_order(
            event for event in self.recorded if (event.source, event.id) not in taken_back
        )

    def until(self, cut):
        """The events that are known and effective by an instant, in the order of application."""
        return [event for event in self.events if event.effective_at <= cut]

    def stands(self, package, entitlement, position):
        """Whether what was recorded on an entitlement at a position was not withdrawn later."""
        return not any(
            event.type == "entitlement.withdrawn"
            and event.position > position
            and event.data["package"] == package
            and event.data["entitlement"] == entitlement
            for event in self.recorded
        )

    def creation(self, type_, field, id_):
        """The event that created a thing, whatever its time, or None."""
        for event in self.recorded:
            if event.type == type_ and event.data[field] == id_:
                return event
        return None

    def contract_zone(self, contract):
        """The zone of a contract that is recorded, else None."""
        signed = self.creation("contract.signed", "contract", contract)
        return signed and (signed.data.get("timezone") or "UTC")

    def workspace_zone(self, workspace):
        """The zone of a workspace that is recorded, else None."""
        created = self.creation("workspace.created", "workspace", workspace)
        return created and (created.data.get("timezone") or "UTC")

    def package_zone(self, package):
        """The zone of the contract of a package that is recorded, else None."""
        purchased = self.creation("package.purchased", "package", package)
        return purchased and self.contract_zone(purchased.data["contract"])

    def fact_zone(self, package, workspace):
        """The zone in which a fact that is no case is dated."""
        return self.package_zone(package) or self.workspace_zone(workspace) or "UTC"

    def opening(self, case):
        """The first opening of a case, or None."""
        for event in self.events:
            if event.type == "case.opened" and event.data["case"] == case:
                return event
        return None

    def case_zone(self, case):
        """The zone of the contract named at the opening, else of the first workspace, else UTC."""
        opening = self.opening(case)
        if opening is None:
            return None
        contract, workspace = opening.data.get("contract"), opening.data["workspace"]
        return self.contract_zone(contract) or self.workspace_zone(workspace) or "UTC"
