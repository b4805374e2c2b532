"""The fold of one contact on one entitlement: a level of 0 or 1, in however many workspaces."""

from collections.abc import Sequence

from ledger.domain.deliveries.counted import place, post
from ledger.domain.deliveries.postings import Derived, Presence
from ledger.domain.deliveries.rows import FOREVER, ContactRow, end, note
from ledger.domain.deliveries.singles import SEPARATOR
from ledger.domain.events.contacts import ContactAdded, ContactFact
from ledger.domain.recorded import Recorded
from ledger.domain.values.quantities import SCALE


def fold_contact(events: Sequence[Recorded]) -> Derived:
    """Return what the events of one contact on one entitlement come to."""
    derived = Derived()
    present: dict[str, Recorded] = {}
    rows: dict[str, list[ContactRow]] = {}
    taken_by: Recorded | None = None
    for recorded in events:
        event = recorded.event
        assert isinstance(event, ContactFact)
        before = bool(present)
        here = rows.setdefault(event.workspace, [])
        if isinstance(event, ContactAdded):
            present.setdefault(event.workspace, recorded)
            note(here, _now(recorded, event, here[-1] if here else None))
        else:
            _leave(derived, present.pop(event.workspace, None), recorded.effective_at)
            if here and here[-1].until == FOREVER:
                end(here, recorded.effective_at)
        if bool(present) != before:
            _free(derived, taken_by, recorded.effective_at)
            taken_by = recorded if present else None
            post(derived, recorded, event, "seat", SCALE if present else -SCALE)
    for since in present.values():
        _leave(derived, since, FOREVER)
    _free(derived, taken_by, FOREVER)
    derived.contacts = [row for here in rows.values() for row in here]
    return derived


def _now(recorded: Recorded, event: ContactAdded, before: ContactRow | None) -> ContactRow:
    """Return what a contact looks like in a workspace once it was added there."""
    stays = before is not None and before.until == FOREVER
    return ContactRow(
        from_at=recorded.effective_at,
        until=FOREVER,
        zone_package=event.package,
        zone_workspace=event.workspace,
        contact=event.contact,
        name=event.name or (before.name if before else None),
        email=event.email or (before.email if before else None),
        workspace=event.workspace,
        package=event.package,
        entitlement=event.entitlement,
        since=before.since if before is not None and stays else recorded.effective_at,
    )


def _free(derived: Derived, taken_by: Recorded | None, until: int) -> None:
    """Keep that a seat was taken, by an event, until an instant."""
    if taken_by is not None and taken_by.effective_at < until:
        assert isinstance(taken_by.event, ContactFact)
        place(derived, taken_by, taken_by.event, "seat", until)


def _leave(derived: Derived, since: Recorded | None, until: int) -> None:
    """Keep that a contact was present in a workspace from `since` to `until`."""
    if since is None or since.effective_at == until:
        return
    event = since.event
    assert isinstance(event, ContactFact)
    where = SEPARATOR.join((event.package, event.entitlement))
    derived.presences.append(
        Presence(since.effective_at, until, where, event.contact, event.workspace)
    )
