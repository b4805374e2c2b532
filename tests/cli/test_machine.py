"""Answers for programs: exact, one row a line, and safe to open in a spreadsheet."""

import csv
import io
import json

from hypothesis import example, given
from hypothesis import strategies as st

from cli.commands.packages import LAYOUT as PACKAGES
from cli.render.layout import Section
from cli.render.machine import csv_lines, json_document, json_lines

SECTION = Section("rows", "", (), fields=("id", "value"))
VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())
ROWS = st.lists(st.dictionaries(st.text(), VALUES | st.dictionaries(st.text(), VALUES)))


def in_csv(value: object) -> str:
    """Return how a value is written in csv, once read back."""
    (_header, row) = csv.reader(io.StringIO("".join(csv_lines(SECTION, [{"value": value}]))))
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


def test_csv_makes_formulas_harmless_and_leaves_numbers_alone():
    for text in ("=1+1", "+1", "-cmd", "@SUM(A1)", "\t=1", "-1-1"):
        assert in_csv(text) == f"'{text}"
    for number in ("-5.5", "-0.000000001", "12", -3):
        assert in_csv(number) == str(number)


@example("one\rtwo")
@example("two lines\r")
@given(st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_csv_keeps_every_text_that_is_no_formula(text):
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")):
        assert in_csv(text).replace("\r\n", "\n") == text.replace("\r\n", "\n")


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
