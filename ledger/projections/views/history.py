"""The history of a contract, package or case: its events as they were recorded, in that order."""

from collections.abc import Sequence

from ledger.domain.aggregates.contract import UTC
from ledger.domain.recorded import Recorded
from ledger.domain.values.instants import format_instant
from ledger.errors import NotFound, UsageError
from ledger.projections.filters import Answer
from ledger.projections.question import Question


def answer(question: Question) -> Answer:
    """Return every event known of the one thing asked for, with both its dates."""
    question.operator_only("history")
    reversed_by: dict[int, int] = dict(
        question.books.rows("SELECT position, by_position FROM reversals")
    )
    positions = positions_of(question)
    events = question.events(positions)
    cut = question.as_of.cut(zone_of(question))
    rows = [
        _row(events[position], reversed_by.get(position))
        for position in sorted(positions)
        if events[position].effective_at <= cut
    ]
    return question.answered(events=rows)


def zone_of(question: Question) -> str:
    """Return the zone in which a date ends: that of the contract, or UTC for a case."""
    filters = question.filters
    if filters.packages:
        return question.terms.package_zone(filters.packages[0])
    return question.terms.zones.get(filters.contracts[0], UTC) if filters.contracts else UTC


def positions_of(question: Question) -> set[int]:
    """Return the positions of the events of what is asked for, and of what reverses them."""
    filters = question.filters
    asked = [len(filters.contracts), len(filters.packages), int(filters.case is not None)]
    if filters.everything and not any(asked):
        return set(range(1, question.position + 1))
    if sum(asked) != 1 or filters.everything:
        raise UsageError("name one of --contract, --package and --case, or ask for --all")
    found = _named(question)
    reversals = question.books.rows("SELECT position, by_position FROM reversals")
    return found | {by for position, by in reversals if position in found}


def _named(question: Question) -> set[int]:
    filters = question.filters
    if filters.case is not None:
        return _of_case(question, filters.case)
    if filters.packages:
        question.package_ids()
        return _of_packages(question, filters.packages[:1])
    question.contracts()
    contract = filters.contracts[0]
    packages = [
        package for package, under in question.terms.contract_of.items() if under == contract
    ]
    return _of_streams(question, [f"contract:{contract}"]) | _of_packages(question, packages)


def _of_packages(question: Question, packages: Sequence[str]) -> set[int]:
    """Return the events of packages: those of their streams, and the transfers to them."""
    terms = {term.position for name in packages for term in question.terms.about_package(name)}
    return terms | _of_streams(question, [f"package:{name}" for name in packages])


def _of_case(question: Question, case: str) -> set[int]:
    rows = question.books.rows(
        "SELECT e.position FROM subject_events e JOIN subjects s ON s.number = e.subject"
        " WHERE s.name = ?",
        (f"case:{case}",),
    )
    if not rows:
        raise NotFound("there is no case {case}", case=case)
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
