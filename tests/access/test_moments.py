"""Roles, groups and shares are judged now; a past moment is asked for by when it was recorded."""

import pytest
from crowds import NOW, SOURCE, ledger_of
from houses import two_houses

from ledger.commands.access import RoleChange
from ledger.domain.values.instants import format_instant
from ledger.errors import NotAllowed, NotFound, UsageError

HOUR = 3_600 * 10**9
CASE = "north-enterprise n1 PRS"


class Clock:
    """A clock that tells what it was set to."""

    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(clock):
    with ledger_of(two_houses(), clock) as ledger:
        clock.now += HOUR
        yield ledger


def users(ledger, **question):
    return {row["user"]: row for row in ledger.ask("access_who", case=CASE, **question)["users"]}


def grant(change="granted", role="workspace_admin", **given):
    return RoleChange(change, "user:neo", role, "workspace:n1", **given)


def test_who_could_see_a_case_at_a_past_moment_is_answerable(ledger, clock):
    """What was revoked since still shows at the position, instant and date at which it held."""
    first = ledger.change_role(grant())
    then = clock.now
    clock.now += 48 * HOUR
    last = ledger.change_role(grant("revoked"))
    clock.now += HOUR
    assert "neo" not in users(ledger)
    assert "neo" in users(ledger, known_at=first.position)
    assert "neo" in users(ledger, known_at=format_instant(then))
    assert "neo" in users(ledger, known_at=format_instant(then)[:10])
    assert "neo" not in users(ledger, known_at=first.position - 1)
    assert "neo" not in users(ledger, known_at=last.position)
    held = ledger.ask("access_show", user="neo", known_at=first.position)
    assert [role["position"] for role in held["roles"]] == [first.position]
    assert held["moment"] == format_instant(then)
    assert ledger.ask("access_show", user="neo")["roles"] == []


def test_a_role_takes_effect_at_its_time(ledger, clock):
    """One that is recorded for later opens nothing yet, even at the position that knows it."""
    later = format_instant(clock.now + 5 * HOUR)
    known = ledger.change_role(grant(time=later)).position
    clock.now += HOUR
    assert "neo" not in users(ledger)
    clock.now += 5 * HOUR
    assert "neo" in users(ledger)
    assert "neo" not in users(ledger, known_at=known)


def test_an_answer_of_the_past_is_for_who_asks_now(ledger, clock):
    """One whose role was granted today asks about last year; one whose role is gone does not."""
    asks = {"as_of": "2025-06-30", "viewer": "neo", "known_at": 90}
    with pytest.raises(NotAllowed):
        ledger.ask("cases", **asks)
    ledger.change_role(grant())
    assert ledger.ask("cases", **asks)["rows"]
    ledger.change_role(grant("revoked"))
    with pytest.raises(NotAllowed):
        ledger.ask("cases", **asks)


def test_who_says_every_rule_and_who_only_lacks_the_page(ledger):
    """One who sees it by two rules has both; view_all_requests alone does not open the page."""
    ledger.change_role(RoleChange("granted", "user:ada", "view_all_requests", "workspace:n1"))
    ledger.change_role(RoleChange("granted", "user:val", "view_all_requests", "workspace:n1"))
    answer = ledger.ask("access_who", case=CASE)
    seeing = {row["user"]: row["rules"] for row in answer["users"]}
    assert seeing == {
        "ada": ["customer_admin", "view_all_requests"],
        "vic": ["view_all_requests"],
        "wim": ["workspace_admin"],
    }
    assert [row["user"] for row in answer["without_page"]] == ["north-contact", "val"]
    assert [reason["scope"] for row in answer["users"] for reason in row["because"]] == [
        *("customer:north", "workspace:n1", "customer:north", "workspace:n1")
    ]


def test_who_is_for_cases_that_exist_and_for_the_operator(ledger):
    """An unknown case is not found; a viewer may ask what they hold themselves, and no more."""
    with pytest.raises(NotFound):
        ledger.ask("access_who", case="none")
    with pytest.raises(NotAllowed):
        ledger.ask("access_who", case=CASE, viewer="ada")
    with pytest.raises(NotAllowed):
        ledger.ask("access_show", user="wim", viewer="ada")
    own = ledger.ask("access_show", user="wim", viewer="wim")
    assert [role["role"] for role in own["roles"]] == ["workspace_admin"]


def test_a_change_of_roles_is_an_event_with_an_id_of_its_own(ledger):
    """Its id is made of what it says and where it stands: the same again is another event."""
    first, second = ledger.change_role(grant()), ledger.change_role(grant())
    assert (first.decision, second.decision) == ("appended", "appended")
    assert first.event["id"] != second.event["id"]
    assert first.event["source"] == "urn:cpod:access"
    assert second.position == first.position + 1


def test_a_change_under_a_given_id_is_recorded_once(ledger, clock):
    """Sent again it is a duplicate, be it later; with other content it is a conflict."""
    first = ledger.change_role(grant(id="one"))
    clock.now += HOUR
    again = ledger.change_role(grant(id="one"))
    assert (first.decision, again.decision) == ("appended", "duplicate")
    assert again.event == first.event
    with pytest.raises(UsageError, match="conflict"):
        ledger.change_role(grant(id="one", role="customer_activity"))


def test_a_dry_run_changes_nothing(ledger):
    """It says what would be recorded, and where."""
    before = ledger.status()
    would = ledger.change_role(grant(), dry_run=True)
    assert ledger.status() == before
    assert "neo" not in users(ledger)
    did = ledger.change_role(grant())
    assert (would.event, would.position) == (did.event, did.position)


@pytest.mark.parametrize(
    "change,error",
    [
        (RoleChange("granted", "user:neo", "workspace_admin", "workspace:nowhere"), NotFound),
        (RoleChange("granted", "user:neo", "customer_admin", "workspace:n1"), UsageError),
        (RoleChange("granted", "neo", "workspace_admin", "workspace:n1"), UsageError),
        (RoleChange("granted", "user:neo", "boss", "workspace:n1"), UsageError),
        (grant(granted_by="cas"), NotAllowed),
        (grant(time="yesterday"), UsageError),
    ],
)
def test_a_refused_change_is_an_error_and_leaves_no_trace(ledger, change, error):
    """It is neither recorded nor put into the quarantine: whoever typed it is told."""
    before = ledger.status()
    with pytest.raises(error):
        ledger.change_role(change)
    assert ledger.status() == before
    assert ledger.quarantine_list()["rows"] == []


def test_an_administrator_may_be_named_as_the_one_who_grants(ledger):
    """The change is decided like any other role event."""
    assert ledger.change_role(grant(granted_by="wim")).decision == "appended"
    assert ledger.change_role(grant(granted_by="user:ada")).decision == "appended"


def test_a_contract_that_is_not_mapped_here_is_not_named(ledger):
    """What a contract was renewed by is told where that contract may be seen."""
    for viewer, successors in ((None, ["north-L"]), ("ada", []), ("cas", [])):
        rows = ledger.ask("contracts", viewer=viewer, contracts=["north-K"])["contracts"]
        assert [row["successors"] for row in rows] == [successors]


def test_a_statement_tells_of_other_workspaces_no_more_than_their_numbers(ledger):
    """Lines from elsewhere keep time, change and balance; the end of it is the balance."""
    place = {"package": "north-enterprise", "entitlement": "north-CRED", "as_of": "2025-12-31"}
    whole = ledger.ask("statement", **place)["lines"]
    seen = ledger.ask("statement", **place, viewer="wim")["lines"]
    amounts = [(line["effective_at"], line["change"], line["balance"]) for line in whole]
    assert [(line["effective_at"], line["change"], line["balance"]) for line in seen] == amounts
    assert [line["what"] for line in whole] == ["lot_started", "consumed", "consumed"]
    assert [line["what"] for line in seen] == ["lot_started", "consumed", "used_elsewhere"]
    assert [line["source"] for line in seen] == [SOURCE, SOURCE, None]
    for key in ("position", "id", "type", "recorded_at"):
        assert seen[-1][key] is None


def test_what_other_workspaces_used_is_one_number(ledger):
    """It is what was consumed less what was consumed here, and null where either is."""
    scope = {"as_of": "2025-12-31", "workspaces": ["n1"]}
    for viewer, hidden in (("wim", None), ("cas", "hidden")):
        for line in ledger.ask("summary", **scope, viewer=viewer)["lines"]:
            fed = line["unit"] in {"case", "hour"}
            if fed and hidden:
                assert line["used_elsewhere"] is None
                continue
            shares = {"case": "1", "hour": "0.5", "seat": "0"}
            elsewhere = {"activity": "0", "assessment": "0"}.get(line["unit"], "1")
            assert line["used_elsewhere"] == shares.get(line["unit"], elsewhere)
