"""What marks an erased person is no id: it names nobody, whoever writes it and however."""

import json
import sys
from pathlib import Path

import pytest
from mutations import EVENTS
from naming import contact, course, role
from sending import FOUNDATION, Desk, counts, event, opening

from ledger.commands.access import RoleChange
from ledger.commands.correct import Correction
from ledger.domain.events import BY_NAME
from ledger.domain.persons import group_fields, is_sent_on, marks_erased, personal_fields
from ledger.errors import NotAllowed, NotFound, UsageError
from ledger.storage import codec
from ledger.storage import fast_path as plain
from ledger.storage.vault.commitments import commitments_in, erased_text, sent_text

COMMITTED = "xOvDqJ4w4ngEepqOyo0hdXKqrelTOEeN17YdZwpCaxA"
MARKS = [
    *("(erased)", "(ERASED)", " ( erased ) ", "(erased:)", "(erased:2)", "(erased:0123abcd)"),
    *("(erased:0123456789ABCDEF)", "(erased:0123456789abcdef0)", "user:(erased)"),
    *("user:user:(erased:0123456789abcdef)", "\uff08\uff45rased\uff09", "(\u200berased\u2060)"),
    *("\u207derased\u207e", "(effac\u00e9)", "(efface\u0301)", "(EFFAC\u00c9 : 7)"),
    *(f"\ufdd0{COMMITTED}", "\ufdd0", f"user:\ufdd0{COMMITTED}", f"x \ufdd0{COMMITTED[:5]}"),
]
EXPORTED = "(erased:0123456789abcdef)"
NO_MARKS = [
    "erased",
    "erased:7",
    "(erase)",
    "(erased",
    "ada (erased)",
    "[erased]",
    "(ada)",
    "é",
    "",
]


@pytest.fixture
def desk():
    made = Desk()
    made.send(*FOUNDATION)
    yield made
    made.ledger.close()


@pytest.fixture
def marks(desk):
    """What stands for ada, who administered the customer and learned, and is erased."""
    member = {"group": "ops", "workspace": "W", "user": "ada"}
    desk.send(role("user:ada"), role("group:ops", "ops"), course("ada"))
    desk.send(event("group.member_added", member, id="m"), opening(primary_contact="ada"))
    desk.ledger.erase("ada", "asked for")
    (commitment,) = {found for row in desk.log.read(0) for found in commitments_in(row.state)}
    return [erased_text(commitment), sent_text(commitment), "(erased)"]


@pytest.mark.parametrize("text", MARKS)
def test_a_mark_is_told_however_it_is_spelled(text):
    """Case, blanks, forms of Unicode, what follows a colon, and `user:` make no other one."""
    assert marks_erased(text)
    assert not is_sent_on(text)


@pytest.mark.parametrize("text", NO_MARKS)
def test_what_only_looks_like_a_mark_is_an_id(text):
    """A word more or a bracket less, and it may name somebody."""
    assert not marks_erased(text)


def test_every_language_shows_a_mark():
    """What the command line shows for `(erased)` is told as one, too."""
    catalogues = (
        Path(sys.modules["ledger"].__file__).parents[1].glob("cli/language/locale/*/*/cpod.po")
    )
    texts = [file.read_text("utf-8").partition('msgid "(erased)"\nmsgstr "') for file in catalogues]
    assert texts
    assert all(marks_erased(after.partition('"')[0]) for _, _, after in texts)


@pytest.mark.parametrize(
    "sent,field",
    [
        (line, field.name)
        for line in EVENTS
        for field in personal_fields(BY_NAME[json.loads(line)["type"]])
    ],
    ids=lambda value: value if isinstance(value, str) else json.loads(value)["type"],
)
def test_no_personal_field_of_any_event_takes_a_mark(desk, sent, field):
    """It is invalid-data in one line that names the field; nothing is recorded of it."""
    told = json.loads(sent)
    if field == "user":
        told["data"].pop("group", None) if told["type"].startswith("case.") else None
    for number, mark in enumerate(("(erased)", f"\ufdd0{COMMITTED}", "( Erased:7)")):
        prefix = "user:" if field == "principal" else ""
        told["data"][field] = prefix + mark
        receipt = desk.send(json.dumps(told | {"id": f"n{number}"}).encode())
        assert counts(receipt)[1] == 0
        held = desk.held()[-1]
        assert held.code == "invalid-data"
        assert held.reason == f"data.{field}: this marks a person who is erased: it names nobody"


@pytest.mark.parametrize(
    "sent",
    [
        line
        for line in EVENTS
        if group_fields(BY_NAME[json.loads(line)["type"]])[:1] in (("group",), ("principal",))
    ],
    ids=lambda line: json.loads(line)["type"],
)
def test_no_group_of_any_event_bears_a_mark(desk, sent):
    """Nor the mark of an export, which writes it of persons alone; `group:` makes no other one."""
    told = json.loads(sent)
    if "group" in BY_NAME[told["type"]].model_fields:
        told["data"].pop("user", None) if told["type"].startswith("case.") else None
        field, prefix = "group", ""
    else:
        field, prefix = "principal", "group:"
    marks = ("(erased)", "( Effac\u00e9:7)", "(erased:0123456789abcdef)", f"\ufdd0{COMMITTED}")
    for number, mark in enumerate(marks):
        told["data"][field] = prefix + mark
        receipt = desk.send(json.dumps(told | {"id": f"n{number}"}).encode())
        assert counts(receipt)[1] == 0
        assert desk.held()[-1].code == "invalid-data"
        assert desk.held()[-1].reason.startswith(f"data.{field}: this marks a person who is erased")


@pytest.mark.parametrize("mark", ["(erased)", "(erased:0123456789abcdef)"])
def test_an_operator_names_nobody_by_a_mark(desk, mark):
    """Not by that of an export, either, which is accepted in what is exported."""
    desk.send(course(EXPORTED))
    before = desk.ledger.position
    for principal, by in ((f"user:{mark}", None), (f"group:{mark}", None), ("user:eve", mark)):
        change = RoleChange("granted", principal, "customer_admin", "customer:A", by)
        with pytest.raises(UsageError, match=r"invalid-data: data\.\w+: this marks a person"):
            desk.ledger.change_role(change)
    data = {"package": "P", "entitlement": "E", "quantity": "1", "reason": "r", "approved_by": mark}
    refused = desk.ledger.correct(Correction("entitlement.adjusted", data)).refusal
    assert refused.code == "invalid-data"
    assert refused.reason.startswith("data.approved_by: this marks")
    for name in (mark, f"user:{mark}"):
        with pytest.raises(NotFound, match="marks a person who is erased"):
            desk.ledger.erase(name, "asked for")
    assert desk.ledger.position == before


def test_a_search_for_a_mark_finds_no_row_of_the_erased(desk, marks):
    """In capitals or not, in part or whole; other texts of their rows are found as before."""
    desk.send(course("bob", "unerased"), course(EXPORTED, "sent on"))
    for text in ("(erased)", "(ERASED)", "(era", *marks):
        assert desk.ledger.ask("education", search=text)["rows"] == []
    assert len(desk.ledger.ask("education", search="erased")["rows"]) == 1
    assert len(desk.ledger.ask("education", search="sent")["rows"]) == 1


def test_nobody_sees_with_the_roles_of_the_erased(desk, marks):
    """Neither by themselves nor by a group, in whatever spelling the mark is asked for."""
    for mark in [*marks, *MARKS, *(f"user:{mark}" for mark in marks)]:
        for view in ("cases", "summary", "education", "workspaces"):
            with pytest.raises(NotAllowed):
                desk.ledger.ask(view, viewer=mark)
        with pytest.raises(NotAllowed):
            desk.ledger.diff("2025-01-01", viewer=mark)
        shown = desk.ledger.ask("access_show", user=mark)
        assert (shown["roles"], shown["groups"], shown["workspaces"]) == ([], [], [])


def test_nobody_speaks_as_one_who_is_erased(desk, marks):
    """A role that a mark grants is refused, and so is one that is granted to it in its own form."""
    for number, mark in enumerate(marks):
        data = {"principal": "user:eve", "role": "customer_admin", "scope": "customer:A"}
        data |= {"granted_by": mark}
        assert counts(desk.send(event("role.granted", data, id=f"g{number}")))[1] == 0
    assert desk.codes() == ["invalid-data", "not-allowed", "invalid-data"]
    with pytest.raises(NotAllowed):
        desk.ledger.ask("cases", viewer="eve")


def test_what_names_nobody_finds_nobody(desk, marks):
    """No filter tells the rows of one erased person from those of another."""
    desk.send(contact("bob", "b", "Bob"), contact("eve", "e", "Eve"))
    for name in ("bob", "eve"):
        desk.ledger.erase(name, "asked for")
    assert desk.ledger.ask("contacts", search="(erased)")["rows"] == []
    found = {text for row in desk.log.read(0) for text in commitments_in(row.state)}
    for mark in [*map(erased_text, found), *map(sent_text, found), "(erased)"]:
        assert desk.ledger.ask("contacts", contact=mark)["rows"] == []
        assert desk.ledger.ask("cases", contact=mark, which="all")["rows"] == []
    for commitment in found:
        assert desk.ledger.ask("contacts", search=erased_text(commitment))["rows"] == []
    assert desk.ledger.ask("access_who", case="C")["users"] == []


def test_an_export_names_nobody_who_granted_and_is_erased(desk):
    """Made into another ledger, the role is there, and `(erased:...)` opens nothing in it."""
    desk.send(role("user:ada"))
    data = {"principal": "user:bob", "role": "customer_admin", "scope": "customer:A"}
    desk.send(event("role.granted", data | {"granted_by": "user:ada"}, id="b"), course("ada"))
    desk.ledger.erase("ada", "asked for")
    exported = list(desk.ledger.cloudevents(everything=True))
    assert not any(b"granted_by" in line for line in exported)
    other = Desk()
    assert counts(other.send(*exported))[1] == desk.ledger.position
    assert other.ledger.ask("cases", viewer="bob")["rows"] == []
    (learner,) = other.ledger.ask("education", viewer="bob")["rows"]
    assert is_sent_on(learner["learner"])
    with pytest.raises(NotAllowed):
        other.ledger.ask("cases", viewer=learner["learner"])
    speaking = event("role.granted", data | {"granted_by": learner["learner"]}, id="c")
    assert counts(other.send(speaking))[1] == 0


def test_what_was_recorded_with_a_mark_before_still_reads(desk, marks, monkeypatch):
    """It is a duplicate when it comes again, passes for nobody, and opens nothing."""
    sent = [
        *(course(mark, f"item {number}") for number, mark in enumerate(marks)),
        *(role(f"user:{mark}", f"r{number}") for number, mark in enumerate(marks)),
    ]
    with monkeypatch.context() as patched:
        patched.setattr(codec, "marked", lambda _said: None)
        patched.setattr(plain, "marks_erased", lambda _text: False)
        assert counts(desk.send(*sent)) == (6, 6, 0, 0, 0)
    assert counts(desk.send(*sent)) == (6, 0, 0, 6, 0)
    answer = desk.ledger.ask("education")
    assert answer["totals"]["learners"] == 4
    learners = [row["learner"] for row in answer["rows"]]
    assert learners.count("(erased)") == 2  # ada, and who was called just so
    assert desk.ledger.check(books=True)["damage"] == []
    assert len(list(desk.ledger.cloudevents(everything=True))) == desk.ledger.position
    for mark in marks:
        with pytest.raises(NotAllowed):
            desk.ledger.ask("education", viewer=mark)
