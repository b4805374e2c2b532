"""Answers for programs: exact, one row a line, and safe to open in a spreadsheet."""

import csv
import io
import json
import re

from hypothesis import example, given
from hypothesis import strategies as st

from cli.commands.packages import LAYOUT as PACKAGES
from cli.render.formulas import is_formula
from cli.render.layout import Section
from cli.render.machine import csv_lines, json_document, json_lines

WRITTEN = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
NOTHING = st.characters(categories=["Z", "Cc", "Cf"], exclude_characters="\x00")
SECTION = Section("rows", "", (), fields=("id", "value"))
VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())
ROWS = st.lists(st.dictionaries(st.text(), VALUES | st.dictionaries(st.text(), VALUES)))


def in_csv(value: object) -> str:
    """Return how a value is written in csv, once read back."""
    lines = io.StringIO("".join(csv_lines(SECTION, [{"value": value}])), newline="")
    (_header, row) = csv.reader(lines)
    return row[1]


@given(st.dictionaries(st.text(), VALUES | ROWS))
def test_a_json_document_is_the_answer_whatever_stands_in_it(answer):
    text = json_document(answer)
    assert json.loads(text) == answer
    assert list(json.loads(text)) == list(answer)
    assert text.endswith("}\n")


def test_each_row_of_a_json_document_is_a_line():
    text = json_document({"position": 2, "rows": [{"a": 1}, {"a": "é"}], "none": []})
    assert text == ('{"position": 2,\n "rows": [\n  {"a": 1},\n  {"a": "é"}\n ],\n "none": []}\n')


@given(ROWS)
def test_json_lines_are_one_row_each(rows):
    lines = list(json_lines(rows))
    assert all(line.count("\n") == 1 for line in lines)
    assert [json.loads(line) for line in lines] == rows


def test_csv_writes_null_as_nothing_and_lists_joined():
    assert in_csv(None) == ""
    assert in_csv(True) == "true"
    assert in_csv(["a", "b"]) == "a;b"
    assert in_csv([]) == ""
    assert in_csv(["a;b", "c"]) == '["a;b", "c"]'
    assert in_csv({"unit": "hour"}) == '{"unit": "hour"}'


@given(st.text(NOTHING, max_size=4), st.sampled_from(SIGNS), st.text(WRITTEN, max_size=9))
def test_csv_disarms_a_sign_whatever_comes_before_it_and_shows_nothing(before, sign, after):
    """Line feeds, tabs, blanks of all kinds and what has no width; signs of all widths."""
    text = f"{before}{sign}{after}"
    if not re.fullmatch(r"-[0-9]+(\.[0-9]+)?", text):
        assert in_csv(text) == f"'{text}"


def test_csv_makes_formulas_harmless_and_leaves_numbers_alone():
    for text in (
        *("=1+1", "+1", "-cmd", "@SUM(A1)", "-1-1", "-1.", "- 1", "-1\n", "+0", "=", "-٣"),
        *(
            "\t=1",
            "\n=1",
            "\r\n=1",
            " =1",
            "\u00a0=1",
            "\u3000\uff1d1",
            "\ufeff@a",
            "\u200b+1",
            "\x1b=1",
        ),
        *("\ta", "\ra"),
    ):
        assert in_csv(text) == f"'{text}"
    for number in ("-5.5", "-0.000000001", "12", -3, "-0"):
        assert in_csv(number) == str(number)
    for text in ("a=1", "1=1", "é+1", "\na", " a", "'a", "(=1)", "«=1"):
        assert in_csv(text) == text


@example("one\rtwo")
@example("two lines\r")
@example("'=1")
@example("''\u200b=1")
@example("'\ta")
@given(st.text(WRITTEN) | st.text("'=-1a \t\r\n", max_size=6))
def test_a_program_gets_every_text_back(text):
    """It takes one apostrophe off, where those behind it would have had one put before them."""
    found = in_csv(text)
    assert found in {text, f"'{text}"}
    assert (found[1:] if found[:1] == "'" and is_formula(found[1:]) else found) == text


@given(st.lists(st.text(WRITTEN).filter(lambda text: ";" not in text), min_size=2))
def test_each_of_several_texts_is_disarmed(texts):
    """A spreadsheet that separates by semicolons would begin a cell with each of them."""
    assert in_csv(texts) == ";".join(map(in_csv, texts))


def test_csv_has_a_row_for_each_entitlement_and_one_for_a_package_that_has_none():
    packages = [
        {
            "package": "P",
            "name": "Base",
            "consumables": [{"entitlement": "A", "name": "Credits", "granted": None}],
            "benefits": [{"entitlement": "B", "name": "Contact", "description": "Inclus"}],
        },
        {"package": "Q", "name": "Empty", "consumables": [], "benefits": []},
    ]
    text = "".join(csv_lines(PACKAGES.section("packages"), packages))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["package"], row["class"], row["entitlement"]) for row in rows] == [
        ("P", "consumable", "A"),
        ("P", "benefit", "B"),
        ("Q", "", ""),
    ]
    assert [(row["package_name"], row["name"]) for row in rows[:2]] == [
        ("Base", "Credits"),
        ("Base", "Contact"),
    ]
