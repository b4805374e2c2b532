"""Answers in files: what is read back is the answer, and the same question gives the same bytes."""

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser

import duckdb
import openpyxl
import pytest
from exported_world import FINE, FORMULA, LONG_NUMBER, ODD, WHEN
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from cli.documents.fields import About
from cli.documents.sheets import workbook
from cli.render.formulas import is_formula
from cli.render.layout import Section

TEXTS = st.characters(exclude_categories=["Cs", "Cn"])
VIEWS = (
    ("summary",),
    ("packages", "--kind", "all"),
    ("cases", "--list", "all"),
    ("additional",),
    ("engagements",),
    ("credits",),
    ("education",),
    ("contacts",),
    ("assessments",),
    ("contracts",),
    ("workspaces",),
    ("unplaced", "--all"),
    ("statement", "P", "CREDITS"),
    ("chart", "P"),
)
ENDINGS = ("txt", "json", "ndjson", "csv", "xlsx", "parquet", "html", "md")


def written(place):
    """The files that are there, but for the ledger's own."""
    own = ("cpod.db", "events.jsonl")
    return {
        path.name: path.read_bytes() for path in place.iterdir() if not path.name.startswith(own)
    }


def parquet_rows(path, columns="*"):
    return duckdb.sql(f"SELECT {columns} FROM '{path}'").fetchall()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view[0])
def test_every_view_goes_into_every_format_and_the_same_question_gives_the_same_bytes(
    cpod, place, view
):
    found = []
    for _time in range(2):
        for ending in ENDINGS:
            ran = cpod(*view, *WHEN, "-o", f"a.{ending}")
            assert (ran.exit, ran.out) == (0, ""), ran.err
        found.append(written(place))
        for name in found[-1]:
            (place / name).unlink()
    assert found[0] == found[1]
    assert len(found[0]) >= len(ENDINGS)
    assert all(content for name, content in found[0].items() if not name.endswith("ndjson"))


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view[0])
def test_what_parquet_and_xlsx_hold_is_what_csv_holds(cpod, place, view):
    for ending in ("csv", "parquet", "xlsx"):
        assert cpod(*view, *WHEN, "-o", f"a.{ending}").exit == 0
    book = openpyxl.load_workbook(place / "a.xlsx", data_only=True)
    for path in sorted(place.glob("a*.csv")):
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
        stored = duckdb.sql(f"SELECT count(*) FROM '{path.with_suffix('.parquet')}'").fetchall()
        assert stored == [(len(rows),)]
        names = path.name.split(".")
        sheet = book[names[1]] if len(names) == 3 else book.worksheets[0]
        header, *cells = sheet.iter_rows(values_only=True)
        assert list(header) == list(rows[0] if rows else csv_header(path))
        for row, line in zip(rows, cells, strict=False):
            for name, cell in zip(header, line, strict=True):
                assert same(cell, row[name]), (path.name, name, cell, row[name])


def csv_header(path):
    return next(csv.reader(io.StringIO(path.read_text("utf-8"))))


def same(cell, text):
    """Whether a cell of a sheet says what a field of csv says."""
    if cell is None:
        return text == ""
    if isinstance(cell, bool):
        return text == str(cell).lower()
    if isinstance(cell, int | float):
        return Decimal(repr(cell)) == Decimal(text)
    if isinstance(cell, datetime):
        spelled = f"{cell.isoformat()}Z" if len(text) > len("2025-01-01") else f"{cell:%Y-%m-%d}"
        return spelled.replace("000Z", "Z") == text
    return unescape(cell) in {text, text.removeprefix("'")}


def test_parquet_is_typed_and_exact(cpod, place):
    assert cpod("packages", "--kind", "all", *WHEN, "-o", "p.parquet").exit == 0
    assert cpod("cases", "--list", "all", *WHEN, "-o", "c.parquet").exit == 0
    types = dict(row[:2] for row in duckdb.sql(f"DESCRIBE FROM '{place}/p.parquet'").fetchall())
    assert types["granted"] == types["delivered_hours"] == "DECIMAL(38,9)"
    assert (types["starts_on"], types["days_left"], types["package"]) == (
        "DATE",
        "BIGINT",
        "VARCHAR",
    )
    granted = dict(parquet_rows(place / "p.parquet", "entitlement, granted"))
    assert granted["HOURS"] == Decimal(LONG_NUMBER)
    assert granted["PRS"] is None
    types = dict(row[:2] for row in duckdb.sql(f"DESCRIBE FROM '{place}/c.parquet'").fetchall())
    assert types["opened_at"].startswith("TIMESTAMP")
    nanoseconds = dict(parquet_rows(place / "c.parquet", '"case", epoch_ns(opened_at)'))
    assert nanoseconds["C3"] == 1738576800_123456789
    assert nanoseconds["OLD"] < 0
    titles = dict(parquet_rows(place / "c.parquet", '"case", title'))
    assert (titles["007"], titles["-1+1"]) == (FORMULA, ODD)


def test_a_parquet_file_says_of_which_question_it_is_the_answer(cpod, place):
    assert cpod("cases", *WHEN, "--workspace", "W", "-o", "c.parquet").exit == 0
    facts = duckdb.sql(
        f"SELECT key, value FROM parquet_kv_metadata('{place}/c.parquet')"
    ).fetchall()
    said = {key.decode(): value.decode() for key, value in facts}
    assert said["view"] == "cases"
    assert (said["as_of"], said["position"]) == ("2025-06-30", "28")
    assert said["workspaces"] == "W"


def test_xlsx_cells_are_typed_and_texts_stay_texts(cpod, place):
    assert cpod("cases", "--list", "all", *WHEN, "-o", "c.xlsx").exit == 0
    book = openpyxl.load_workbook(place / "c.xlsx")
    sheet = book["rows"]
    assert sheet.freeze_panes == "A2"
    header, *rows = list(sheet.iter_rows())
    named = [dict(zip((cell.value for cell in header), row, strict=True)) for row in rows]
    by_case = {row["case"].value: row for row in named}
    assert (by_case["007"]["case"].data_type, by_case["007"]["title"].data_type) == ("s", "s")
    assert by_case["007"]["title"].value == FORMULA
    assert unescape(by_case["-1+1"]["title"].value) == ODD
    assert by_case["-1+1"]["hours"].value == 1.666666667
    assert by_case["007"]["opened_at"].value == datetime.fromisoformat("2025-02-01T10:00:00")
    assert by_case["C3"]["opened_at"].value == FINE
    assert by_case["OLD"]["opened_at"].value == datetime.fromisoformat("1901-02-03T10:00:00")


@settings(max_examples=15)
@given(
    st.lists(st.text(TEXTS) | st.text("=+-@\uff1d\n\t a'1", max_size=4), min_size=1, max_size=20)
)
def test_xlsx_holds_any_text_as_it_is_and_none_is_ever_run(texts):
    """Also when its cell is edited: what would be a formula has the mark of a text."""
    section = Section("rows", "", (), fields=("title",))
    answer = {"rows": [{"title": text} for text in texts]}
    given = {"search": texts[0]}
    content = io.BytesIO(workbook(answer, [section], About("cases", given)))
    book = openpyxl.load_workbook(content)
    cells = [row[0] for row in book["rows"].iter_rows(min_row=2)]
    cells.append(next(row[1] for row in book["question"].iter_rows() if row[0].value == "search"))
    for text, cell in zip([*texts, texts[0]], cells, strict=True):
        assert unescape(cell.value or "") == text
        if text:
            assert (cell.data_type, cell.number_format) == ("s", "@")
            assert bool(cell.quotePrefix) == is_formula(text)


def test_xlsx_writes_as_text_what_a_double_cannot_hold(cpod, place):
    assert cpod("packages", "--kind", "all", *WHEN, "-o", "p.xlsx").exit == 0
    sheet = openpyxl.load_workbook(place / "p.xlsx")["packages"]
    header, *rows = sheet.iter_rows(values_only=True)
    granted = {row[header.index("entitlement")]: row[header.index("granted")] for row in rows}
    assert granted["HOURS"] == LONG_NUMBER
    assert granted["CREDITS"] == 120


def test_xlsx_adds_up_what_is_of_one_unit_and_nothing_else(cpod, place):
    assert cpod("statement", "P", "CREDITS", *WHEN, "-o", "s.xlsx").exit == 0
    assert cpod("summary", *WHEN, "-o", "u.xlsx").exit == 0
    values = openpyxl.load_workbook(place / "s.xlsx", data_only=True)["lines"]
    formulas = openpyxl.load_workbook(place / "s.xlsx")["lines"]
    header = [cell.value for cell in values[1]]
    change, last = header.index("change") + 1, values.max_row
    assert values.cell(last, change).value == 39.5
    assert formulas.cell(last, change).value == f"=SUBTOTAL(109,H2:H{last - 1})"
    assert values.cell(last, header.index("balance") + 1).value is None
    lines = openpyxl.load_workbook(place / "u.xlsx")["lines"]
    assert not any(str(cell.value).startswith("=") for row in lines for cell in row)


def test_xlsx_has_a_sheet_for_each_section_and_one_for_the_question(cpod, place):
    assert cpod("summary", *WHEN, "-o", "s.xlsx").exit == 0
    book = openpyxl.load_workbook(place / "s.xlsx")
    assert book.sheetnames == ["contracts", "lines", "question"]
    said = dict(book["question"].iter_rows(values_only=True))
    assert (said["view"], said["as_of"], said["position"]) == ("summary", "2025-06-30", "28")
    assert cpod("summary", *WHEN, "--section", "lines", "-o", "l.xlsx").exit == 0
    assert openpyxl.load_workbook(place / "l.xlsx").sheetnames == ["lines", "question"]


def test_csv_text_that_a_spreadsheet_would_run_is_harmless(cpod, place):
    assert cpod("cases", "--list", "all", *WHEN, "-o", "c.csv").exit == 0
    rows = {row["case"]: row for row in csv.DictReader((place / "c.csv").open(encoding="utf-8"))}
    assert rows["007"]["title"] == f"'{FORMULA}"
    assert "'-1+1" in rows
    assert all(
        not value.startswith(("=", "+", "-", "@"))
        for row in rows.values()
        for value in row.values()
    )


def test_an_answer_of_several_sections_is_a_file_each_or_the_one_that_is_asked_for(cpod, place):
    ran = cpod("summary", *WHEN, "-o", "s.csv")
    assert set(written(place)) == {"s.contracts.csv", "s.lines.csv"}
    assert ran.err.count("\n") == 2
    cpod("summary", *WHEN, "--section", "lines", "-o", "one.csv")
    assert written(place)["one.csv"] == written(place)["s.lines.csv"]
    piped = cpod("summary", *WHEN, "--format", "csv").out
    assert piped.encode() == written(place)["s.lines.csv"]


def test_json_and_the_table_are_in_a_file_what_they_are_on_standard_output(cpod, place):
    for view in VIEWS:
        for form, ending in (("json", "json"), ("table", "txt"), ("html", "html"), ("md", "md")):
            cpod(*view, *WHEN, "-o", f"a.{ending}")
            assert (
                written(place)[f"a.{ending}"].decode() == cpod(*view, *WHEN, "--format", form).out
            )


class _Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links, self.text = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data):
        self.text += data


def test_html_is_one_page_that_fetches_nothing_and_escapes_everything(cpod, place):
    cpod("cases", "--list", "all", *WHEN, "-o", "c.html")
    text = (place / "c.html").read_text("utf-8")
    seen = _Seen()
    seen.feed(text)
    assert not {"script", "link", "img", "b"} & set(seen.tags)
    assert seen.links == []
    assert "<b>" in seen.text
    assert '<html lang="en">' in text
    assert {"caption", "th", "h1"} <= set(seen.tags)


def test_markdown_keeps_a_title_within_its_cell(cpod, place):
    text = cpod("cases", "--list", "all", *WHEN, "--format", "md").out
    lines = [line for line in text.splitlines() if line.startswith("|")]
    bars = {line.replace("\\|", "").count("|") for line in lines}
    assert len(bars) == 1
    assert "\\*bold\\* \\<b\\>" in text


def test_the_format_follows_the_ending_unless_it_is_given(cpod, place):
    assert cpod("contracts", *WHEN, "-o", "c.JSON").exit == 0
    assert json.loads((place / "c.JSON").read_text("utf-8"))["position"] == 28
    assert cpod("contracts", *WHEN, "--format", "csv", "-o", "data").exit == 0
    assert (place / "data").read_text("utf-8").startswith("contract,")
    ran = cpod("contracts", *WHEN, "-o", "c.doc")
    assert (ran.exit, ran.out) == (2, "")
    assert ".parquet" in ran.err
    assert not (place / "c.doc").exists()


def test_an_ending_goes_before_the_environment(cpod, place, monkeypatch):
    monkeypatch.setenv("CPOD_FORMAT", "json")
    cpod("contracts", *WHEN, "-o", "c.md")
    assert (place / "c.md").read_text("utf-8").startswith("# Contracts")
    assert cpod("contracts", *WHEN, "-o", "-").json["position"] == 28


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_binary_formats_refuse_a_terminal_before_anything_is_asked(cpod, monkeypatch, form):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    ran = cpod("contracts", "--format", form, "--ledger", "sqlite:///none.db")
    assert (ran.exit, ran.out) == (2, "")
    assert "-o" in ran.err


def test_a_missing_library_is_one_line_that_says_what_to_install(cpod, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter.workbook", None)
    ran = cpod("contracts", *WHEN, "-o", "c.xlsx")
    assert (ran.exit, ran.err.count("\n")) == (2, 1)
    assert "pip install 'cpod[documents]'" in ran.err


def test_a_text_too_long_for_a_cell_is_refused_and_not_cut(cpod, monkeypatch):
    monkeypatch.setattr("cli.documents.sheets.LONGEST_CELL", 5)
    ran = cpod("contracts", *WHEN, "-o", "c.xlsx")
    assert ran.exit == 2
    assert "csv or parquet" in ran.err


def test_the_register_has_every_file_with_its_digest(cpod, place):
    cpod("summary", *WHEN, "--workspace", "W", "-o", "s.csv")
    cpod("contracts", *WHEN, "--as", "ada", "-o", "c.xlsx")
    cpod("contracts", *WHEN, "--format", "csv")
    rows = cpod("exports", "--format", "json").json["rows"]
    assert [row["file"] for row in rows] == ["s.contracts.csv", "s.lines.csv", "c.xlsx"]
    for row in rows:
        content = (place / row["file"]).read_bytes()
        assert row["sha256"] == sha256(content).hexdigest()
        assert row["bytes"] == len(content)
        assert (row["as_of"], row["known_at"], row["position"]) == ("2025-06-30", 28, 28)
    assert [row["viewer"] for row in rows] == [None, None, "ada"]
    assert rows[0]["filters"] == {"workspaces": ["W"]}
    assert [row["rows"] for row in rows][2] == 1
    assert "ada" in cpod("exports").out
    assert cpod("status", "--format", "json").json["position"] == 28


def test_exports_are_for_the_operator(cpod):
    assert cpod("exports", "--as", "ada").exit == 3


def test_a_ledger_that_cannot_be_written_answers_all_the_same(cpod, place, monkeypatch):
    from ledger.errors import LedgerReadOnly

    def refuses(*_given):
        raise LedgerReadOnly("the ledger cannot be written here")

    monkeypatch.setattr("ledger.face.opened.open_log", refuses)
    ran = cpod("contracts", *WHEN, "-o", "c.csv")
    assert ran.exit == 0
    assert "not on the register: the ledger cannot be written here" in ran.err
    assert (place / "c.csv").exists()
    assert cpod("exports", "--format", "csv").out.count("\n") == 1


def test_an_export_holds_only_what_its_viewer_may_see(cpod, place):
    learners = {}
    for user in ("ana", "lea", "ada"):
        cpod("education", *WHEN, "--as", user, "--section", "rows", "-o", f"{user}.csv")
        rows = csv.DictReader((place / f"{user}.csv").open(encoding="utf-8"))
        learners[user] = {row["learner"] for row in rows}
    assert learners == {"ana": {"ana"}, "lea": {"ana", "ben"}, "ada": {"ana", "ben"}}
