"""Whether a term may be recorded: each check at its edge, and each code in its order."""

from functools import partial

import pytest
from histories import History, a_house, benefit, event, line, verdict

from ledger.domain.aggregates.decisions import decide

JUNE, JULY, AUGUST = (f"2025-0{month}-01T00:00:00Z" for month in (6, 7, 8))


GRANT = partial(
    verdict, type_name="entitlement.granted", package="P", entitlement="E", quantity=1, reason="r"
)
ADJUST = partial(
    verdict, type_name="entitlement.adjusted",
    package="P", entitlement="E", quantity=1, reason="r", approved_by="a",
)  # fmt: skip


# what a grant lasts


@pytest.mark.parametrize(
    "starts_on,expires_on,code",
    [
        ("2025-06-01", "2025-06-01", None),  # one day
        ("2025-06-02", "2025-06-01", "bad-period"),
        ("2025-06-01", "2025-06-02", None),
        ("2025-12-31", None, None),  # else the package's last day
        ("2026-01-01", None, "bad-period"),
        (None, "2025-01-01", None),  # else the package's first day
        (None, "2024-12-31", "bad-period"),
        (None, None, None),
        ("2026-02-01", "2026-03-01", None),  # after the package: its own dates
    ],
)
def test_a_grant_may_last_a_day_and_never_less(starts_on, expires_on, code):
    """Each date not given is the package's."""
    assert GRANT(a_house(), starts_on=starts_on, expires_on=expires_on) == code


def test_a_grant_is_judged_by_the_package_as_it_is_amended():
    history = a_house()
    history.add("package.amended", package="P", ends_on="2026-06-30", reason="r")
    assert GRANT(history, starts_on="2026-06-30") is None
    assert GRANT(history, starts_on="2026-07-01") == "bad-period"


def test_only_what_is_limited_is_given_or_taken():
    """As needed and listed only have no balance; a quantity of nothing is a quantity."""
    lines = [line("E", quantity=None), line("Z", quantity=0), benefit("B"), line("OTHER")]
    history = a_house(lines=lines)
    for check in (GRANT, ADJUST):
        assert check(history) == "not-limited"
        assert check(history, entitlement="B") == "not-limited"
        assert check(history, entitlement="Z") is None
        assert check(history, entitlement="X") == "unknown-entitlement"
        assert check(history, package="X") == "unknown-package"
    bad = {"starts_on": "2025-06-02", "expires_on": "2025-06-01"}
    assert GRANT(history, **bad) == "not-limited"


# reversals


def reverse(history, id_, source="urn:unit", code=False, **more):
    told = {"reverses": {"source": source, "id": id_}, "reason": "r", "authorised_by": "a"}
    if code:
        return verdict(history, "event.reversed", **told)
    return history.add("event.reversed", **told, **more)


def test_the_same_id_of_another_source_is_another_event():
    """Each can be reversed, once."""
    history = a_house()
    spent = {"package": "P", "entitlement": "E", "workspace": "W", "credits": 1, "service": "s"}
    for source in ("urn:a", "urn:b"):
        history.add("credit.consumed", source=source, id="1", **spent)
    check = partial(reverse, history, "1", code=True)
    assert check("urn:a") is None
    assert check("urn:c") == "unknown-event"
    reverse(history, "1", "urn:a")
    assert check("urn:a") == "already-reversed"
    assert check("urn:b") is None
    reverse(history, "1", "urn:b")
    assert check("urn:b") == "already-reversed"


def test_another_id_of_the_same_source_is_another_event():
    history = a_house()
    spent = {"package": "P", "entitlement": "E", "workspace": "W", "credits": 1, "service": "s"}
    for name in ("1", "2"):
        history.add("credit.consumed", id=name, **spent)
    reverse(history, "1")
    assert reverse(history, "1", code=True) == "already-reversed"
    assert reverse(history, "2", code=True) is None


@pytest.mark.parametrize(
    "type_name,data,code",
    [
        ("case.closed", {"case": "C"}, None),
        ("entitlement.adjusted", {"quantity": 1, "approved_by": "a", "reason": "r"}, None),
        ("entitlement.granted", {"quantity": 1, "reason": "r"}, None),
        ("entitlement.added", line("NEW"), "not-reversible"),
        ("entitlement.withdrawn", {"reason": "r", "authorised_by": "a"}, "not-reversible"),
        ("package.amended", {"reason": "r"}, "not-reversible"),
        ("contract.mapped", {"contract": "K", "workspace": "W"}, "not-reversible"),
        ("group.member_added", {"group": "G", "workspace": "W", "user": "u"}, None),
    ],
)
def test_facts_adjustments_and_grants_are_reversible_and_nothing_else(type_name, data, code):
    history = a_house()
    place = {"package": "P", "entitlement": "E"}
    if type_name.startswith("package"):
        place = {"package": "P"}
    elif not type_name.startswith("entitlement"):
        place = {}
    history.add(type_name, id="it", **{**place, **data})
    assert reverse(history, "it", code=True) == code
    reverse(history, "it", id="back")
    assert reverse(history, "it", code=True) == "already-reversed"
    assert reverse(history, "back", code=True) == "not-reversible"


# periods of contracts and packages


def amend(history, time, **change):
    return verdict(history, "contract.amended", time, contract="K", reason="r", **change)


def test_a_back_dated_amendment_is_judged_at_its_own_place():
    """One whose bad end a later amendment has replaced is accepted; the last to apply decides."""
    history = a_house()
    history.add("contract.amended", JULY, contract="K", ends_on="2026-12-31", reason="r")
    assert amend(history, JUNE, ends_on="2024-06-30") is None
    assert amend(history, AUGUST, ends_on="2024-06-30") == "bad-period"
    assert amend(history, JULY, ends_on="2024-06-30") == "bad-period"  # at one instant: behind
    assert amend(history, JUNE, starts_on="2027-01-01") == "bad-period"
    assert amend(history, JUNE, starts_on="2026-12-31") is None


def test_the_same_of_a_package():
    history = a_house()
    history.add("package.amended", JULY, package="P", ends_on="2026-12-31", reason="r")
    check = partial(verdict, history, "package.amended", package="P", reason="r")
    assert check(JUNE, ends_on="2024-06-30") is None
    assert check(AUGUST, ends_on="2024-06-30") == "bad-period"
    assert check(JUNE, starts_on="2026-12-31") is None
    assert check(JUNE, starts_on="2027-01-01") == "bad-period"
    assert check(JUNE, name="New") is None


@pytest.mark.parametrize(
    "starts_on,ends_on,code",
    [
        ("2025-06-01", "2025-06-01", None),
        ("2025-06-01", "2025-05-31", "bad-period"),
        ("2025-06-01", "2025-06-02", None),
    ],
)
def test_a_contract_and_a_package_of_one_day(starts_on, ends_on, code):
    history = a_house()
    period = {"starts_on": starts_on, "ends_on": ends_on}
    told = {"contract": "N", "customer": "C", "name": "N", **period}
    assert verdict(history, "contract.signed", **told) == code
    bought = {"contract": "K", "package": "N", "kind": "addon", "name": "N", **period}
    assert verdict(history, "package.purchased", **bought, entitlements=[]) == code
    assert amend(history, JULY, **period) == code
    changed = {"package": "P", "reason": "r", **period}
    assert verdict(history, "package.amended", **changed) == code


def test_a_contract_without_an_end_has_no_bad_period():
    told = {"contract": "N", "customer": "C", "name": "N", "starts_on": "2025-06-01"}
    assert verdict(History(), "contract.signed", **told) is None
    assert amend(a_house(), JULY, ends_on=None, starts_on="2030-01-01") is None
    assert amend(a_house(), JULY, starts_on="2030-01-01") == "bad-period"


@pytest.mark.parametrize(
    "on,code", [("2024-12-31", "bad-period"), ("2025-01-01", None), ("2030-01-01", None)]
)
def test_a_termination_is_not_before_the_start(on, code):
    told = {"contract": "K", "on": on, "reason": "r"}
    assert verdict(a_house(), "contract.terminated", **told) == code
    assert verdict(History(), "contract.terminated", **told) == "unknown-contract"


# what exists, and what does not


EXISTS = {
    "workspace.created": {"workspace": "{}", "customer": "C", "name": "n"},
    "contract.signed": {"contract": "{}", "customer": "C", "name": "n", "starts_on": "2025-01-01"},
    "package.purchased": {
        "contract": "K",
        "package": "{}",
        "kind": "addon",
        "name": "n",
        "entitlements": [],
        "starts_on": "2025-01-01",
        "ends_on": "2025-12-31",
    },
    "entitlement.added": {"package": "P", **line("{}")},
}


@pytest.mark.parametrize(
    "type_name,name",
    [
        *(("workspace.created", "W"), ("contract.signed", "K")),
        *(("package.purchased", "P"), ("entitlement.added", "E")),
    ],
)
def test_an_id_is_taken_once_whatever_its_time(type_name, name):
    """Before the first it is taken, too; another kind of thing may have the same id."""
    for other in ("W", "K", "P", "E", "new"):
        said = {key: other if value == "{}" else value for key, value in EXISTS[type_name].items()}
        for time in ("2020-01-01T00:00:00Z", AUGUST):
            wanted = "already-exists" if other == name else None
            assert verdict(a_house(), type_name, time, **said) == wanted


@pytest.mark.parametrize(
    "type_name,data,code",
    [
        ("contract.amended", {"contract": "X", "reason": "r"}, "unknown-contract"),
        ("contract.renewed", {"contract": "X", "successor": "K"}, "unknown-contract"),
        ("contract.renewed", {"contract": "K", "successor": "X"}, "unknown-contract"),
        ("contract.renewed", {"contract": "K", "successor": "K"}, None),
        ("contract.mapped", {"contract": "X", "workspace": "W"}, "unknown-contract"),
        ("contract.mapped", {"contract": "K", "workspace": "X"}, "unknown-workspace"),
        ("contract.mapped", {"contract": "X", "workspace": "X"}, "unknown-contract"),
        ("contract.mapped", {"contract": "K", "workspace": "W"}, None),
        ("contract.unmapped", {"contract": "X", "workspace": "W"}, "unknown-contract"),
        ("contract.unmapped", {"contract": "K", "workspace": "X"}, "unknown-workspace"),
        ("contract.unmapped", {"contract": "K", "workspace": "W"}, None),
        ("package.purchased", {**EXISTS["package.purchased"], "contract": "X"}, "unknown-contract"),
        (
            "package.purchased",
            {**EXISTS["package.purchased"], "contract": "X", "package": "P"},
            "unknown-contract",
        ),
        ("package.amended", {"package": "X", "reason": "r"}, "unknown-package"),
        ("package.deactivated", {"package": "X", "reason": "r"}, "unknown-package"),
        ("package.reactivated", {"package": "X", "reason": "r"}, "unknown-package"),
        ("package.deactivated", {"package": "P", "reason": "r"}, None),
        ("package.reactivated", {"package": "P", "reason": "r"}, None),
        ("entitlement.added", {"package": "X", **line("E")}, "unknown-package"),
        (
            "entitlement.withdrawn",
            {"package": "X", "entitlement": "E", "reason": "r", "authorised_by": "a"},
            "unknown-package",
        ),
        (
            "entitlement.withdrawn",
            {"package": "P", "entitlement": "X", "reason": "r", "authorised_by": "a"},
            "unknown-entitlement",
        ),
        (
            "entitlement.withdrawn",
            {"package": "P", "entitlement": "E", "reason": "r", "authorised_by": "a"},
            None,
        ),
    ],
)
def test_what_a_term_names_has_to_be_recorded(type_name, data, code):
    assert verdict(a_house(), type_name, **data) == code


def test_what_is_waited_for_is_named():
    """By it a line is taken up again, once it is there."""

    def waits(type_name, **data):
        return decide(event(type_name, **data), 0, a_house()).waits_for

    gone = {"reason": "r", "authorised_by": "a"}
    assert waits("contract.amended", contract="X", reason="r") == "contract:X"
    assert waits("contract.mapped", contract="K", workspace="X") == "workspace:X"
    assert waits("package.amended", package="X", reason="r") == "package:X"
    told = waits("entitlement.withdrawn", package="P", entitlement="X", **gone)
    assert told == "entitlement:P\x1fX"
    told = waits("event.reversed", reverses={"source": "s", "id": "i"}, **gone)
    assert told == "event:s\x1fi"
    assert waits("workspace.created", workspace="W", customer="C", name="n") is None


def test_a_line_that_was_withdrawn_is_no_longer_there_and_its_id_is_free():
    history = a_house()
    gone = {"package": "P", "entitlement": "E", "reason": "r", "authorised_by": "a"}
    history.add("entitlement.withdrawn", **gone)
    assert GRANT(history) == "unknown-entitlement"
    assert verdict(history, "entitlement.withdrawn", **gone) == "unknown-entitlement"
    assert verdict(history, "entitlement.added", package="P", **line("E")) is None
    history.add("entitlement.added", package="P", **line("E"))
    assert GRANT(history) is None
    assert verdict(history, "entitlement.added", package="P", **line("E")) == "already-exists"


def test_facts_are_never_decided():
    assert verdict(History(), "case.closed", case="nowhere") is None
