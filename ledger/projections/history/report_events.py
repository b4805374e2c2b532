"""Resting: the events that a report of a contract rests on, and those that have to go with them.

They are the streams of the contract and of its packages, whole; and from anywhere else every event

- of each case and engagement that these streams hold a fact of, that ever moved a balance of these
  packages, or that is in a list of the report;
- that reverses one of them, or is reversed by one;
- of the terms by which these cases are judged: that other contracts are signed, what is in other
  packages, and in which zone a workspace is.

Whatever else is delivered on a package names it, and so stands in its stream. That a learner has
begun the same item, or that the same technology was configured, on the package of somebody else
moves nothing here, and is nobody's business.

What they come to rests on them alone, so that the same question asked of nothing but them gives
the same answer, and rests on the same events again.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from ledger.domain.events.contracts import ContractSigned
from ledger.domain.events.entitlements import EntitlementAdded, EntitlementWithdrawn
from ledger.domain.events.packages import PackagePurchased
from ledger.domain.recorded import Recorded
from ledger.projections.filters import Answer
from ledger.projections.question import Question

_PARAMETERS: Final = 500
"""Parameters of one query."""

_WANDERING: Final = ("case:", "engagement:")
"""How the names of subjects begin whose events stand in more than one stream."""

_LINES: Final = (PackagePurchased, EntitlementAdded, EntitlementWithdrawn)
"""The terms that say what is in a package."""


def streams_of(question: Question, contract: str) -> list[str]:
    """Return the streams of a contract and of its packages, sorted: a report carries them whole."""
    return sorted(
        [f"contract:{contract}", *(f"package:{name}" for name in _held(question, contract))]
    )


def rests_on(question: Question, report: Answer) -> list[int]:
    """Return the positions of the events that a report of the operator's rests on, rising."""
    found: Any = report
    contract = found["contract"]["contract"]
    resting = _Resting(question)
    for stream in streams_of(question, contract):
        resting.add(question.stream(stream))
    for package in _held(question, contract):
        resting.add(_positions(question.terms.about_package(package)))
        for table in ("postings", "placed", "engagement_steps"):
            resting.add_subjects(_wandering(question, table, package))
    listed = found["additional"]
    cases = [f"case:{row['case']}" for row in (*listed["cases"], *listed["without_contract"])]
    resting.add_subjects(resting.numbers(cases))
    resting.add(_judging(question, contract, resting.subjects))
    return sorted(resting.positions)


class _Resting:
    """Positions while they are gathered: each brings along what it is nothing without.

    Subjects are cases and engagements: those whose events stand in more than one stream.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.positions: set[int] = set()
        self.subjects: set[int] = set()
        pairs = question.books.rows("SELECT position, by_position FROM reversals")
        self._other = {one: other for pair in pairs for one, other in (pair, pair[::-1])}

    def add(self, positions: Iterable[int]) -> None:
        """Add events that are known, with their subjects and with what they reverse."""
        while fresh := {at for at in positions if at <= self.question.position} - self.positions:
            self.positions |= fresh
            found = {self._other[at] for at in fresh if at in self._other}
            events = self.question.events(fresh)
            names = filter(None, (recorded.event.subject() for recorded in events.values()))
            found |= self._of_subjects(self.numbers(names))
            positions = found

    def add_subjects(self, numbers: Iterable[int]) -> None:
        """Add all events of subjects."""
        self.add(self._of_subjects(numbers))

    def _of_subjects(self, numbers: Iterable[int]) -> set[int]:
        """Return the positions of the events of subjects that were not there before."""
        fresh = sorted(set(numbers) - self.subjects)
        self.subjects.update(fresh)
        query = "SELECT position FROM subject_events WHERE subject IN"
        return {position for (position,) in _among(self.question, query, fresh)}

    def numbers(self, names: Iterable[str]) -> list[int]:
        """Return the numbers of subjects."""
        query = "SELECT number FROM subjects WHERE name IN"
        return [number for (number,) in _among(self.question, query, sorted(set(names)))]


def _judging(question: Question, contract: str, subjects: Iterable[int]) -> Iterator[int]:
    """Yield the terms of others by which the contract and the cases of subjects are judged."""
    query = (
        "SELECT DISTINCT k.contract, c.opening_contract, k.package, c.opening_workspace"
        " FROM cases c JOIN case_kinds k ON k.number = c.kind WHERE c.subject IN"
    )
    rows = _among(question, query, sorted(subjects))
    own = question.at.contract(contract)
    contracts = {name for row in rows for name in row[:2]} | set(own.successors if own else ())
    query = "SELECT DISTINCT package FROM engagement_steps WHERE subject IN"
    others = {name for (name,) in _among(question, query, sorted(subjects))}
    packages = ({row[2] for row in rows} | others) - set(_held(question, contract))
    contracts |= {question.terms.contract_of.get(package) for package in packages}
    for package in sorted(packages - {None}):
        terms = question.terms.about_package(package)
        yield from _positions(term for term in terms if isinstance(term.event, _LINES))
    for name in sorted(contracts - {None, contract}):
        terms = question.terms.about_contract(name)
        yield from _positions(term for term in terms if isinstance(term.event, ContractSigned))
    for workspace in {row[3] for row in rows} | question.at.workspaces(contract):
        if workspace in question.terms.workspaces:
            yield question.terms.created(workspace).position


def _held(question: Question, contract: str) -> list[str]:
    """Return the packages that were bought under a contract, whatever the as-of."""
    return sorted(
        package for package, under in question.terms.contract_of.items() if under == contract
    )


def _positions(terms: Iterable[Recorded]) -> Iterator[int]:
    return (recorded.position for recorded in terms)


def _wandering(question: Question, table: str, package: str) -> list[int]:
    """Return the cases and engagements that a table has on a package."""
    rows = question.books.rows(
        f"SELECT DISTINCT subject, name FROM {table} JOIN subjects ON number = subject"
        " WHERE package = ?",
        (package,),
    )
    return [number for number, name in rows if name.startswith(_WANDERING)]


def _among(question: Question, query: str, values: list[Any]) -> list[Any]:
    """Return the rows of a query that ends with `IN`, for any number of values."""
    found: list[Any] = []
    for first in range(0, len(values), _PARAMETERS):
        part = values[first : first + _PARAMETERS]
        found += question.books.rows(f"{query} ({','.join('?' * len(part))})", part)
    return found
