"""The laws of a ledger hold in every answer of the product, at every pair of dates."""

from fractions import Fraction

from drawing import a_question, examples
from hypothesis import assume, given
from hypothesis import strategies as st
from playing import LATER, ask_everything, played, records
from recount import recount
from worlds import worlds

from ledger.errors import NotAllowed

ROUNDING = Fraction(1, 2 * 10**9)  # of one figure
CANDIDATES = ("reactive", "advisory")
VIEWERS = ("ada", "bob", "eve")


@examples(0.6)
@given(events=worlds(), data=st.data())
def test_what_remains_was_granted_and_neither_consumed_nor_expired(events, data):
    """remaining = granted - consumed - expired; available and overage follow from it."""
    with played(events) as ledger:
        asked = a_question(data, ledger, events)
        answers = ask_everything(ledger, **asked)
        rows = [
            line for package in answers["packages"]["packages"] for line in package["consumables"]
        ]
        for row in rows:
            holds_the_law(row, ROUNDING)
        for line in answers["summary"]["lines"]:
            holds_the_law(line | {"overage": None}, ROUNDING)


def holds_the_law(row, rounding):
    """One line of figures."""
    figures = {
        name: Fraction(row[name])
        for name in ("granted", "consumed", "expired", "reserved", "remaining", "available")
        if row[name] is not None
    }
    assert figures["reserved"] >= 0 <= figures["expired"]
    if row["granted"] is None:
        assert row["remaining"] is row["available"] is None
        assert (row["expired"], row["overage"] or "0") == ("0", "0")
        return
    left = figures["granted"] - figures["consumed"] - figures["expired"]
    assert abs(figures["remaining"] - left) <= 4 * rounding
    assert abs(figures["available"] - figures["remaining"] + figures["reserved"]) <= 3 * rounding
    if row["overage"] is not None:
        assert Fraction(row["overage"]) == max(0, -figures["remaining"])


@examples(0.6)
@given(events=worlds(), data=st.data())
def test_every_balance_is_the_end_of_its_statement(events, data):
    """The lines of a statement add up to what remains, or to what was consumed as needed."""
    with played(events) as ledger:
        asked = a_question(data, ledger, events)
        answers = ask_everything(ledger, **asked)
        for package in answers["packages"]["packages"]:
            for row in package["consumables"]:
                lines = answers[f"statement {package['package']} {row['entitlement']}"]["lines"]
                end = lines[-1]["balance"] if lines else "0"
                assert end == (row["consumed"] if row["remaining"] is None else row["remaining"])
                changes = sum(Fraction(line["change"]) for line in lines)
                assert abs(changes - Fraction(end)) <= (len(lines) + 1) * ROUNDING


@examples(0.6)
@given(events=worlds(), data=st.data())
def test_the_two_lists_part_the_candidates(events, data):
    """Main and additional are disjoint, and together they are all candidates of any scope."""
    with played(events) as ledger:
        answers = ask_everything(ledger, **a_question(data, ledger, events))
        parts_the_candidates(answers)
        assert {row["case"] for row in answers["additional"]["cases"]} == cases(
            answers, "additional"
        )


def cases(answers, which):
    """The cases of a list; none stands there twice."""
    found = [row["case"] for row in answers[f"cases {which}"]["rows"]]
    assert len(found) == len(set(found))
    return set(found)


def parts_the_candidates(answers):
    """The law of the two lists."""
    assert cases(answers, "main").isdisjoint(cases(answers, "additional"))
    assert cases(answers, "main") | cases(answers, "additional") == {
        row["case"]
        for row in answers["cases all"]["rows"]
        if row["support_type"] in CANDIDATES and row["status"] != "cancelled"
    }
    services = answers["additional"]["services"]
    assert sum(service["cases"] for service in services) == len(cases(answers, "additional"))


@st.composite
def rights(draw):
    """Roles, a group, shares and a scope: who may see some of a world."""
    told = []
    for number in range(draw(st.integers(1, 4))):
        principal = draw(st.sampled_from([*(f"user:{user}" for user in VIEWERS), "group:ops"]))
        role = draw(st.sampled_from(("workspace_admin", "customer_activity", "view_all_requests")))
        scope = draw(st.sampled_from(("workspace:W0", "workspace:W1", "customer:acme")))
        told.append(("role.granted", {"principal": principal, "role": role, "scope": scope}))
        case = draw(st.sampled_from(("C1", "C2", "C3")))
        share = draw(st.sampled_from(({"user": "eve"}, {"group": "ops"}, {"user": "bob"})))
        told.append(("case.shared", {"case": case} | share))
        if number == 0:
            member = {"group": "ops", "workspace": "W0", "user": draw(st.sampled_from(VIEWERS))}
            told.append(("group.member_added", member))
    common = {"specversion": "1.0", "source": "urn:rights", "time": "2017-06-01T00:00:00Z"}
    return [
        common | {"id": f"r{number}", "type": type_, "data": data}
        for number, (type_, data) in enumerate(told)
    ]


@examples(0.6)
@given(events=worlds(), allowed=rights(), viewer=st.sampled_from(VIEWERS), data=st.data())
def test_a_viewer_sees_a_part_that_keeps_the_laws(events, allowed, viewer, data):
    """For a viewer too the lists part the candidates, and hold nothing the operator does not."""
    events = events + allowed
    with played(events) as ledger:
        asked = a_question(data, ledger, events)
        basis = asked.pop("basis")
        seen = {}
        try:
            for which in ("main", "additional", "all"):
                options = asked | {"workspaces": asked["workspaces"] or (), "which": which}
                options |= {"expiry_basis": basis}
                seen[f"cases {which}"] = ledger.ask("cases", **options, viewer=viewer)
                whole = ledger.ask("cases", **options)
                assert all(row in whole["rows"] for row in seen[f"cases {which}"]["rows"])
            del options["which"]
            seen["additional"] = ledger.ask("additional", **options, viewer=viewer)
        except NotAllowed:
            assume(seen)  # refused from the first question on, or not at all
            raise
        parts_the_candidates(seen)
        assert len({answer["limited"] for answer in seen.values()}) == 1


@examples(0.6)
@given(events=worlds())
def test_all_that_was_delivered_is_somewhere(events):
    """Everything delivered is in a balance, among the unplaced, or waived or cancelled."""
    with played(events) as ledger:
        answers = ask_everything(ledger, LATER)
        consumed, delivered = {}, Fraction(0)
        rows = [
            line for package in answers["packages"]["packages"] for line in package["consumables"]
        ]
        for row in rows:
            consumed[row["unit"]] = consumed.get(row["unit"], 0) + Fraction(row["consumed"])
            delivered += Fraction(row["delivered_hours"])
        held = [record.event for record in records(ledger, events)]
        expected, hours = recount(held, answers)
        rounding = len(rows) * ROUNDING + len(held) * ROUNDING
        for unit in {*consumed, *expected}:
            assert abs(consumed.get(unit, 0) - expected.get(unit, 0)) <= rounding, unit
        assert abs(delivered - hours) <= rounding
