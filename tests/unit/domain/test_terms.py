"""Terms at an as-of: zones by which things are cut, and what is there by then."""

import pytest
from histories import History, contract, day, instant, line, package, workspace

from ledger.domain.values.as_of import AsOf, parse_as_of
from ledger.domain.values.instants import format_instant

TOKYO, APIA = "Asia/Tokyo", "Pacific/Apia"
MIDNIGHT = instant("2025-06-01T00:00:00Z")
IN_TOKYO = instant("2025-05-31T15:00:00Z")


def terms():
    """A contract of Tokyo, one of UTC, a workspace of Apia and one without a zone."""
    history = History()
    workspace(history, "W", timezone=APIA)
    workspace(history, "V")
    contract(history, "K", timezone=TOKYO)
    contract(history, "U")
    package(history, "P", "K")
    package(history, "Q", "gone")
    return history


@pytest.mark.parametrize(
    "contract_,workspace_,zone",
    [
        ("K", "W", TOKYO),
        ("K", None, TOKYO),
        ("U", "W", "UTC"),
        ("gone", "W", APIA),
        (None, "W", APIA),
        ("gone", "V", "UTC"),
        (None, "gone", "UTC"),
        (None, None, "UTC"),
        ("W", "K", "UTC"),
    ],
)
def test_a_case_has_the_zone_of_its_contract_else_of_its_workspace(contract_, workspace_, zone):
    """A case without a known contract is cut where its first workspace is."""
    assert terms().known_terms().case_zone(contract_, workspace_) == zone


@pytest.mark.parametrize(
    "package_,workspace_,zone",
    [
        ("P", "W", TOKYO),
        ("P", None, TOKYO),
        ("Q", "W", "UTC"),  # bought under a contract that is not known
        ("gone", "W", APIA),
        (None, "W", APIA),
        (None, "V", "UTC"),
        (None, None, "UTC"),
        ("K", "W", APIA),
    ],
)
def test_what_is_on_a_package_has_the_zone_of_its_contract_else_of_the_workspace(
    package_, workspace_, zone
):
    assert terms().known_terms().package_zone(package_, workspace_) == zone


def test_a_term_counts_from_the_last_nanosecond_of_a_date_and_at_its_own_instant():
    """A date ends in the contract's zone; an instant is one, wherever."""
    history = terms()
    change = {"contract": "K", "reason": "r"}
    history.add("contract.amended", IN_TOKYO - 1, name="Last of May", **change)
    history.add("contract.amended", IN_TOKYO, name="First of June", **change)
    known = history.known_terms()

    def name(as_of):
        return known.at(parse_as_of(as_of)).contract("K").name

    assert name("2025-05-30") == "K"
    assert name("2025-05-31") == "Last of May"
    assert name("2025-06-01") == "First of June"
    assert name(format_instant(IN_TOKYO - 2)) == "K"
    assert name(format_instant(IN_TOKYO - 1)) == "Last of May"
    assert name(format_instant(IN_TOKYO)) == "First of June"


def test_a_package_and_its_mapping_are_cut_in_the_zone_of_the_contract_too():
    history = terms()
    history.add("package.deactivated", IN_TOKYO, package="P", reason="r")
    history.add("contract.mapped", IN_TOKYO, contract="K", workspace="W")
    history.add("contract.mapped", IN_TOKYO, contract="gone", workspace="W")
    history.add("contract.mapped", IN_TOKYO, contract="U", workspace="W")
    known = history.known_terms()
    before, after = known.at(parse_as_of("2025-05-31")), known.at(parse_as_of("2025-06-01"))
    assert (before.package("P").deactivated, after.package("P").deactivated) == (False, True)
    assert (before.workspaces("K"), after.workspaces("K")) == (frozenset(), {"W"})
    assert before.workspaces("gone") == {"W"}  # in UTC, where the signing is not known
    assert before.workspaces("U") == {"W"}
    assert before.cut("P") == IN_TOKYO - 1
    assert before.day("P") == day("2025-05-31")
    assert known.at(AsOf(instant=IN_TOKYO)).day("P") == day("2025-06-01")
    assert known.at(AsOf(instant=IN_TOKYO - 1)).day("P") == day("2025-05-31")
    assert known.at(AsOf(instant=IN_TOKYO)).cut("P") == IN_TOKYO


def test_what_is_unknown_or_not_there_yet_is_none():
    history = terms()
    known = history.known_terms()
    at = known.at(parse_as_of("2025-06-01"))
    for nothing in (None, "gone"):
        assert at.contract(nothing) is None
        assert at.package(nothing) is None
        assert at.line(nothing, "E") is None
        assert at.line("P", nothing) is None
    assert at.line("P", "E").entitlement.entitlement == "E"
    early = known.at(parse_as_of("2024-06-01"))
    assert (early.contract("K"), early.package("P"), early.line("P", "E")) == (None, None, None)
    assert (known.about_contract("gone"), known.about_package("gone")) == ([], [])


def test_what_is_known_of_whom():
    history = terms()
    workspace(history, "D", "other")
    known = history.known_terms()
    assert known.zones == {"K": TOKYO, "U": "UTC"}
    assert set(known.contracts) == {"K", "U"}
    assert known.contract_of == {"P": "K", "Q": "gone"}
    assert set(known.packages) == {"P", "Q"}
    assert known.workspaces_of("C") == {"W", "V"}
    assert known.workspaces_of("other") == {"D"}
    assert set(known.workspaces) == {"W", "V", "D"}
    assert known.created("V").position == 2
    with pytest.raises(KeyError):
        known.created("gone")


def test_what_is_reversed_does_not_count_whatever_the_as_of():
    history = terms()
    grant = {"package": "P", "entitlement": "E", "quantity": 1, "reason": "r"}
    kept = history.add("entitlement.granted", **grant)
    gone = history.add("entitlement.granted", **grant)
    line_ = history.known_terms({gone.position}).at(parse_as_of("2025-06-01")).line("P", "E")
    assert line_.changes == (kept,)


def test_a_transfer_is_a_term_of_both_packages_and_once_of_one():
    history = terms()
    for target in ("Q", "P"):
        legs = {"from_": {"package": "P", "entitlement": "E"}}
        legs["to"] = {"package": target, "entitlement": "E"}
        history.add("entitlement.transferred", **legs, quantity=1, authorised_by="a", reason="r")
    known = history.known_terms()
    assert [term.position for term in known.about_package("P")] == [5, 7, 8]
    assert [term.position for term in known.about_package("Q")] == [6, 7]


def test_terms_about_one_thing_are_in_order_of_their_time():
    history = terms()
    late = history.add("package.amended", MIDNIGHT, package="P", name="late", reason="r")
    early = history.add("package.amended", MIDNIGHT - 1, package="P", name="early", reason="r")
    same = history.add("package.amended", MIDNIGHT - 1, package="P", name="same", reason="r")
    added = history.add("entitlement.added", MIDNIGHT, package="P", **line("N"))
    role = {"principal": "user:a", "role": "workspace_admin", "scope": "workspace:W"}
    second = history.add("role.revoked", MIDNIGHT, **role)
    first = history.add("role.granted", MIDNIGHT - 1, **role)
    known = history.known_terms()
    assert known.about_package("P")[1:] == [early, same, late, added]
    assert known.roles == [first, second]


@pytest.mark.parametrize("text", ["2025-06-01", "2025-06-01T00:00:00Z", "2025-06-01T00:00:00.5Z"])
def test_an_as_of_is_echoed_as_it_was_asked(text):
    assert parse_as_of(text).echo() == text


def test_an_instant_may_be_written_with_a_small_t_and_in_another_offset():
    assert parse_as_of("2025-06-01t02:00:00+02:00") == AsOf(instant=MIDNIGHT)
    assert parse_as_of("2025-06-01t02:00:00+02:00").echo() == "2025-06-01T00:00:00Z"
    assert parse_as_of("2025-06-01") == AsOf(day=day("2025-06-01"))
    assert AsOf(day=day("2025-06-01")).date(TOKYO) == day("2025-06-01")
    assert AsOf(instant=IN_TOKYO).date("UTC") == day("2025-05-31")
    assert AsOf(day=day("2025-06-01")).cut(TOKYO) == IN_TOKYO + 86_400 * 10**9 - 1
    for wrong in ("2025-06-31", "June", "2025-06-01T25:00:00Z"):
        with pytest.raises(ValueError, match=r"written as|no such day"):
            parse_as_of(wrong)
