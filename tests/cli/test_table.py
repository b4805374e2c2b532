"""Tables: aligned, exact, fitted to the terminal, and telling without colour."""

import re

from hypothesis import given
from hypothesis import strategies as st

from cli.commands.packages import LAYOUT as PACKAGES
from cli.commands.statement import LAYOUT as STATEMENT
from cli.commands.summary import LAYOUT as SUMMARY
from cli.render.cells import clean, width_of
from cli.render.fit import wrap
from cli.render.grid import Ink, grid
from cli.render.layout import Band, Cell, Column, Kind
from cli.render.table import table_lines

ESCAPE = re.compile(r"\x1b\[[0-9]*m")
HEAD = {"as_of": "2025-12-10", "known_at": "2025-12-11", "position": 28, "limited": False}


def consumable(entitlement: str, granted: str | None, remaining: str | None, **more: object):
    """Return a consumable as the ledger answers it."""
    return {
        "entitlement": entitlement,
        "name": "Résolution de problèmes",
        "service": "problem_resolution",
        "unit": "case",
        "granted": granted,
        "consumed": "0",
        "expired": "0",
        "reserved": "0",
        "remaining": remaining,
        "available": remaining,
        "overage": "0",
        "delivered_hours": "0",
        **more,
    }


PACKAGE = {
    "contract": "C-1",
    "package": "BASE-17",
    "kind": "enterprise",
    "name": "Services de base",
    "state": "active",
    "reason": None,
    "starts_on": "2025-01-01",
    "ends_on": "2025-12-31",
    "days_left": 21,
    "consumables": [
        consumable("CREDITS", "150.5", "-5.5", consumed="156"),
        consumable("ATELIERS", "4", "1.25", consumed="2.75"),
        consumable("PRS", None, None),
    ],
    "benefits": [{"entitlement": "SDM", "name": "Contact", "description": None}],
}


def shown(layout, answer, width=None, *, colour=False, **given):
    """Return the lines of a table."""
    return list(table_lines({**HEAD, **answer}, layout, given, None, width, colour=colour))


def test_the_title_says_with_which_dates_and_position_the_answer_can_be_made_again():
    title = shown(PACKAGES, {"packages": []})[0]
    assert title == "Packages · as of 2025-12-10 · known at 2025-12-11 · position 28"


def test_a_package_is_shown_with_units_and_states_in_words_and_points_aligned():
    assert shown(PACKAGES, {"packages": [PACKAGE]})[2:] == [
        "  Entitlement  Name                     Unit     Granted  Consumed  Used        Remaining",
        "BASE-17  Services de base",
        "  enterprise-wide · contract C-1 · active · 2025-01-01 to 2025-12-31 · 21 days left !",
        "  CREDITS      Résolution de problèmes  cases      150.5    156     ██████████    -5.5  !",
        "  ATELIERS     Résolution de problèmes  cases        4        2.75  ███████░░░     1.25",
        "  PRS          Résolution de problèmes  cases  as needed      0                    –",
        "  + SDM  Contact",
        "",
        "! overdrawn, or ends within 30 days",
    ]


def test_colour_changes_nothing_but_colour():
    answer = {"packages": [PACKAGE]}
    coloured = shown(PACKAGES, answer, colour=True)
    assert any("\x1b[31m" in line for line in coloured)
    assert any("\x1b[33m" in line for line in coloured)
    assert [ESCAPE.sub("", line) for line in coloured] == shown(PACKAGES, answer)


def test_a_narrow_terminal_breaks_names_then_moves_details_then_stacks_rows():
    answer = {"packages": [{**PACKAGE, "consumables": PACKAGE["consumables"][1:2]}]}
    answer["packages"][0]["consumables"][0] |= {"expired": "3", "delivered_hours": "6.5"}
    broken = shown(PACKAGES, answer, 85)
    assert any(line.strip() == "problèmes" for line in broken)
    moved = shown(PACKAGES, answer, 70)
    assert "    expired 3 · hours delivered 6.5" in moved
    stacked = shown(PACKAGES, answer, 40)
    assert "Remaining        1.25" in stacked
    for width, lines in ((85, broken), (70, moved), (40, stacked)):
        assert max(map(width_of, lines)) <= width


def test_figures_that_are_hidden_are_dashes_and_a_note_says_so():
    line = {
        "group": "as_needed_support",
        "service": "problem_resolution",
        "unit": "case",
        "as_needed": False,
        "granted": "50",
        "consumed": None,
        "consumed_in_scope": None,
        "expired": None,
        "reserved": "0",
        "remaining": None,
        "available": None,
        "overage": None,
        "delivered_hours": "0",
        "cases": 2,
    }
    lines = shown(SUMMARY, {"contracts": [], "lines": [line], "limited": True})
    assert "  Problem resolution  cases       50         –         –          –      2" in lines
    assert lines[-1].startswith("You see part of this")


def test_a_statement_is_named_by_what_it_was_asked_for():
    title = shown(STATEMENT, {"lines": [], "unit": "hour"}, package="{P}", entitlement="E")[0]
    assert title.startswith("Statement of E in {P} · hours · as of")


def test_what_could_move_the_cursor_or_turn_the_writing_is_not_let_through():
    assert clean("a\x1b[31mb\tc\nd\u202ee") == "a�[31mb c d�e"
    assert clean("Été 東京 \u00a0") == "Été 東京 \u00a0"


def test_wide_and_combining_characters_are_measured_as_a_terminal_shows_them():
    assert [width_of(text) for text in ("abc", "東京", "e\u0301", "é")] == [3, 4, 1, 1]


IDS = st.text(alphabet="AB-/19é東", min_size=1, max_size=25)
NUMBERS = st.decimals(-999, 999, places=2).map(lambda number: f"{number:f}")
COLUMNS = (
    Column("id", "Id"),
    Column("name", "The name", Kind.TEXT),
    Column("number", "Number", Kind.NUMBER),
    Column("ids", "Several", Kind.IDS),
    Column("more", "More of it", detail=True),
)
TABLE_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": IDS,
            "name": st.text(alphabet="abcd é", max_size=60),
            "number": NUMBERS,
            "ids": st.lists(IDS, max_size=5),
            "more": IDS,
        }
    ),
    min_size=1,
    max_size=6,
)


@given(TABLE_ROWS, st.none() | st.integers(20, 160))
def test_at_no_width_is_an_id_or_a_number_broken_or_cut_off(rows, width):
    lines = list(grid(COLUMNS, rows, width, Ink(colour=False)))
    for row in rows:
        for piece in (row["id"], row["number"], row["more"], *row["ids"]):
            assert any(piece in line for line in lines)


@given(TABLE_ROWS)
def test_where_there_is_room_every_row_is_one_line_and_points_stand_under_each_other(rows):
    lines = list(grid(COLUMNS[:3], rows, None, Ink(colour=False)))
    assert len(lines) == len(rows) + 1
    points = {width_of(line[: line.rindex(".")]) for line in lines[1:]}
    assert len(points) == 1


def test_bands_stand_between_rows_and_break_between_their_parts():
    band = Band([Cell("one"), Cell("two"), Cell("three")], indent=2, between=" · ")
    lines = list(grid(COLUMNS[:1], [band, {"id": "A"}], 12, Ink(colour=False)))
    assert lines == ["Id", "  one · two", "  three", "A"]


def test_a_sentence_is_broken_between_words_only():
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("averylongword b", 5) == ["averylongword", "b"]
    assert wrap("a 1, b 2, c 3", 8, ", ") == ["a 1,", "b 2, c 3"]
