"""Why a case is additional: every reason that holds, in their order, at each edge."""

from itertools import product

import pytest
from histories import History, contract, day, instant, line, package

from ledger.domain.deliveries.additional import REASONS, is_candidate, reasons_of
from ledger.domain.values.as_of import AsOf, parse_as_of

CASE = {"contract": "K", "package": "P", "entitlement": "E", "workspace": "W", "service_code": None}


def terms(as_of="2025-06-01"):
    """K holds P with E, and is mapped to W; L holds Q with F, and is mapped to V."""
    history = History()
    for name, held, entitlement, workspace in (("K", "P", "E", "W"), ("L", "Q", "F", "V")):
        contract(history, name, timezone="Asia/Tokyo")
        package(history, held, name, [line(entitlement)])
        history.add("contract.mapped", contract=name, workspace=workspace)
    question = as_of if isinstance(as_of, AsOf) else parse_as_of(as_of)
    return history.known_terms().at(question)


def why(as_of="2025-06-01", reference=None, **case):
    return list(reasons_of(terms(as_of), **{**CASE, **case}, reference=reference))


@pytest.mark.parametrize(
    "case,reasons",
    [
        ({}, []),
        ({"contract": None}, ["missing_contract"]),
        ({"contract": "X"}, ["missing_contract"]),
        ({"contract": "X", "package": "X", "workspace": "X"}, ["missing_contract"]),
        ({"package": None}, ["missing_package"]),
        ({"package": "X"}, ["missing_package"]),
        ({"package": "Q"}, ["missing_package"]),
        ({"package": "Q", "entitlement": "X"}, ["missing_package"]),
        ({"entitlement": None}, ["missing_service"]),
        ({"entitlement": "F"}, ["missing_service"]),
        ({"workspace": "V"}, ["contract_not_mapped"]),
        ({"workspace": None}, ["contract_not_mapped"]),
        ({"entitlement": None, "workspace": None}, ["missing_service", "contract_not_mapped"]),
    ],
)
def test_each_part_that_is_missing_is_a_reason(case, reasons):
    assert why(**case) == reasons
    assert why(**case, service_code="SU") == [*reasons, "service_code"]


@pytest.mark.parametrize("code", ["SU", "DSA", "X85", "REC", " x85 ", "\trec\n", "Dsa"])
def test_codes_count_whatever_their_case_and_blanks(code):
    assert why(service_code=code) == ["service_code"]


@pytest.mark.parametrize("code", [None, "", " ", "S U", "SUX", "X8", "NORMAL"])
def test_other_codes_do_not(code):
    assert why(service_code=code) == []


LAST = instant("2025-12-31T15:00:00Z")  # in Tokyo the first of January begins


@pytest.mark.parametrize(
    "as_of,expired",
    [
        ("2025-12-31", False),
        ("2026-01-01", True),
        (AsOf(instant=LAST - 1), False),
        (AsOf(instant=LAST), True),
    ],
)
def test_a_contract_has_expired_from_the_day_after_its_end_in_its_own_zone(as_of, expired):
    assert why(as_of) == ["contract_expired"] * expired


def test_by_opening_the_day_of_the_opening_is_asked_and_not_the_as_of():
    assert why("2026-06-01", day("2025-12-31")) == []
    assert why("2025-06-01", day("2026-01-01")) == ["contract_expired"]


def test_all_that_hold_come_in_their_order():
    found = why("2026-01-01", package=None, workspace="X", service_code="SU")
    assert found == ["missing_package", "contract_expired", "contract_not_mapped", "service_code"]
    assert sorted(found, key=REASONS.index) == found


def test_a_candidate_is_reactive_or_advisory_and_not_cancelled():
    kinds, states = ("reactive", "advisory", "other"), ("open", "closed", "cancelled")
    assert [both for both in product(kinds, states) if is_candidate(*both)] == [
        ("reactive", "open"), ("reactive", "closed"), ("advisory", "open"), ("advisory", "closed"),
    ]  # fmt: skip
