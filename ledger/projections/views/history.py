"""The history of a contract, package or case: its events as they were recorded, in that order."""

from ledger.domain.contracts import UTC
from ledger.domain.instants import format_instant
from ledger.domain.recorded import Recorded
from ledger.errors import NotFound, UsageError
from ledger.projections.question import Answer, Question


def answer(question: Question) -> Answer:
    """Return every event known of the one thing asked for, with both its dates."""
    question.operator_only("history")
    positions = positions_of(question)
    reversed_by: dict[int, int] = dict(
        question.books.rows("SELECT position, by_position FROM reversals")
    )
    positions |= {reversed_by[position] for position in positions if position in reversed_by}
    events = question.events(positions)
    cut = question.as_of.cut(_zone(question))
    rows = [
        _row(events[position], reversed_by.get(position))
        for position in sorted(positions)
        if events[position].effective_at <= cut
    ]
    return question.answered(events=rows)


def _zone(question: Question) -> str:
    """Return the zone in which a date ends: that of the contract, or UTC for a case."""
    filters = question.filters
    if filters.packages:
        return question.terms.package_zone(filters.packages[0])
    return question.terms.zones.get(filters.contracts[0], UTC) if filters.contracts else UTC


def positions_of(question: Question) -> set[int]:
    """Return the positions of the events of the one thing that the filters name."""
    filters = question.filters
    asked = [len(filters.contracts), len(filters.packages), int(filters.case is not None)]
    if sum(asked) != 1:
        raise UsageError("name one of --contract, --package and --case")
    if filters.case is not None:
        return _of_case(question, filters.case)
    if filters.packages:
        question.package_ids()
        return _of_streams(question, [f"package:{filters.packages[0]}"])
    question.contracts()
    contract = filters.contracts[0]
    packages = [
        f"package:{package}"
        for package, under in question.terms.contract_of.items()
        if under == contract
    ]
    return _of_streams(question, [f"contract:{contract}", *packages])


def _of_case(question: Question, case: str) -> set[int]:
    rows = question.books.rows(
        "SELECT e.position FROM subject_events e JOIN subjects s ON s.number = e.subject"
        " WHERE s.name = ?",
        (f"case:{case}",),
    )
    if not rows:
        raise NotFound(f"there is no case {case}")
    return {position for (position,) in rows}


def _of_streams(question: Question, streams: list[str]) -> set[int]:
    return {
        position
        for stream in streams
        for position in question.stream(stream)
        if position <= question.position
    }


def _row(recorded: Recorded, reversed_by: int | None) -> dict[str, object]:
    event = recorded.event
    return {
        "position": recorded.position,
        "effective_at": format_instant(recorded.effective_at),
        "recorded_at": format_instant(recorded.recorded_at),
        "type": event.type_name,
        "source": recorded.source,
        "id": recorded.id,
        "stream": recorded.stream,
        "version": recorded.version,
        "reversed_by": reversed_by,
        "data": event.model_dump(mode="json", by_alias=True, exclude_none=True),
    }
