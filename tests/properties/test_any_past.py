"""What was known of some packages is made of their own events: the same as from the whole past."""

import pytest
from drawing import a_question, examples
from hypothesis import given
from hypothesis import strategies as st
from playing import in_bytes, played
from worlds import CATALOGUE, worlds

from ledger.errors import CpodError
from ledger.projections import ask as asking
from ledger.projections.books import cache as keeping

OF_ROWS = (
    *("cases", "additional", "engagements", "credits", "education", "contacts"),
    "assessments",
)
MORE_CASES = st.sampled_from(({"which": "all"}, {"which": "additional"}, {"sort": "-hours"}))


def every_question(data, packages, contracts):
    """Each view that may be narrowed to packages, with filters that narrow it."""
    package, contract = st.sampled_from(packages), st.sampled_from(contracts)
    entitlement = st.sampled_from([*CATALOGUE, "NONE"])
    for view in ("statement", "explain", "chart"):
        yield view, {"package": data.draw(package), "entitlement": data.draw(entitlement)}
    yield "chart", {"package": data.draw(package)}
    several = data.draw(st.lists(package, min_size=1, max_size=2, unique=True))
    for narrowed in ({"packages": several}, {"contracts": [data.draw(contract)]}):
        yield "packages", narrowed | {"kind": "all", "state": "all"}
        yield "summary", narrowed
        yield "history", {name: value[:1] for name, value in narrowed.items()}
    for view in OF_ROWS:
        yield view, {"packages": several}
        more = data.draw(MORE_CASES) if view == "cases" else {}
        yield view, {"package": data.draw(package), **more}
        yield view, {"package": data.draw(package), "entitlement": data.draw(entitlement)}
        yield view, {"package": data.draw(package), "contracts": [data.draw(contract)]}


def answered(ask, *arguments, **filters):
    """The bytes of an answer, or of the refusal to give one."""
    try:
        return in_bytes(ask(*arguments, **filters))
    except CpodError as refusal:
        return f"{type(refusal).__name__}: {refusal}"


@examples(0.4)  # each asks some forty questions
@given(events=worlds(), data=st.data())
def test_what_was_known_of_a_package_is_made_of_its_own_events(events, data):
    """Every view answers from the past of some packages as from the whole past, byte for byte."""
    with played(events) as ledger:
        asked = a_question(data, ledger, events)
        last = ledger.log.head().position
        when = {"as_of": asked["as_of"], "known_at": data.draw(st.integers(0, last), label="known")}
        when["workspaces"] = asked["workspaces"] or ()
        named = sorted(
            {name for event in events if (name := event["data"].get("package"))} | {"P-none"}
        )
        contracts = sorted(
            {name for event in events if (name := event["data"].get("contract"))} | {"K-none"}
        )
        pairs = [
            (answered(ledger.ask, view, **filters, **when), view, filters)
            for view, filters in every_question(data, named, contracts)
        ]
        package = data.draw(st.sampled_from(named))
        dates = f"{when['as_of']}@{when['known_at']}"
        difference = answered(ledger.diff, dates, packages=[package])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asking, "narrowed_to", lambda *_: None)
            for short, view, filters in pairs:
                assert short == answered(ledger.ask, view, **filters, **when)
            patch.setattr(keeping, "books_of_packages", whole_past(ledger))
            assert difference == answered(ledger.diff, dates, packages=[package])


def whole_past(ledger):
    """What makes books of everything that was known, whatever packages are asked for."""
    return lambda *arguments: ledger._keeping.past(arguments[3], None)
