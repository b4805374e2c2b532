"""The report of a contract: the numbers of the views, the same bytes, and only what one may see."""

import io
import json
from decimal import Decimal

import pypdf
import pytest
from exported_world import ODD, WHEN

from cli.documents.report.formats import canonical, report_bytes
from cli.language.wording import speak


@pytest.fixture
def report(cpod):
    """Return the report of the contract, as the operator sees it."""
    ran = cpod("report", "K", *WHEN, "--format", "json")
    assert ran.exit == 0, ran.err
    return ran.json


def test_its_packages_are_those_of_the_view(cpod, report):
    view = cpod("packages", "--contract", "K", "--kind", "all", "--state", "all", *WHEN)
    assert view.exit == 0
    shown = cpod(
        *("packages", "--contract", "K", "--kind", "all", "--state", "all", "--format", "json"),
        *WHEN,
    ).json
    assert report["packages"] == shown["packages"]
    assert {key: report[key] for key in ("as_of", "known_at", "position", "limited")} == {
        key: shown[key] for key in ("as_of", "known_at", "position", "limited")
    }


def test_its_contract_and_additional_cases_are_those_of_the_views(cpod, report):
    contracts = cpod("contracts", "--contract", "K", *WHEN, "--format", "json").json
    assert [report["contract"]] == contracts["contracts"]
    under = cpod("additional", "--contract", "K", *WHEN, "--format", "json").json
    assert report["additional"]["cases"] == under["cases"]
    assert report["additional"]["services"] == under["services"]
    assert [case["case"] for case in report["additional"]["without_contract"]] == ["C4"]


def test_every_statement_ends_with_the_balance_of_its_line(cpod, report):
    balances = {
        line["entitlement"]: line
        for package in report["packages"]
        for line in package["consumables"]
    }
    assert [found["entitlement"] for found in report["statements"]] == [
        *("CREDITS", "HOURS", "PRS", "WORK", "COURSES", "SEATS"),
    ]
    for found in report["statements"]:
        balance = balances[found["entitlement"]]
        expected = balance["consumed"] if balance["remaining"] is None else balance["remaining"]
        assert found["lines"][-1]["balance"] == expected
        asked = cpod("statement", "P", found["entitlement"], *WHEN, "--format", "json").json
        assert found["lines"] == asked["lines"]


def test_every_burn_down_ends_with_the_figures_of_its_line(report):
    balances = {
        line["entitlement"]: line
        for package in report["packages"]
        for line in package["consumables"]
    }
    for series in report["burn_downs"]:
        last, balance = series["points"][-1], balances[series["entitlement"]]
        for figure in ("granted", "consumed", "expired", "remaining"):
            assert last[figure] == balance[figure]
        assert [point["on"] for point in series["points"]] == sorted(
            point["on"] for point in series["points"]
        )


def test_deliveries_by_month_add_up_to_what_was_consumed(report):
    balances = {
        line["entitlement"]: Decimal(line["consumed"])
        for package in report["packages"]
        for line in package["consumables"]
    }
    totals = dict.fromkeys(balances, Decimal(0))
    for row in report["deliveries"]:
        totals[row["entitlement"]] += Decimal(row["consumed"])
    assert all(abs(totals[name] - balances[name]) < Decimal("0.00000001") for name in balances)
    moved = [row for row in report["deliveries"] if row["entitlement"] == "CREDITS"]
    assert [(row["month"], row["consumed"]) for row in moved] == [
        ("2025-02", "30.5"),
        ("2025-04", "20"),
        ("2025-06", "30"),
    ]


def test_what_expires_is_what_is_left_by_its_last_day(report):
    moved = [row for row in report["expiring"] if row["entitlement"] == "CREDITS"]
    assert [(row["on"], row["quantity"]) for row in moved] == [("2025-12-31", "39.5")]
    assert [row["on"] for row in report["expiring"]] == sorted(
        row["on"] for row in report["expiring"]
    )


@pytest.mark.parametrize("form", ["pdf", "html", "md", "json"])
def test_the_same_question_gives_the_same_bytes(cpod, place, form):
    for name in ("a", "b"):
        assert cpod("report", "K", *WHEN, "-o", f"{name}.{form}").exit == 0
    assert (place / f"a.{form}").read_bytes() == (place / f"b.{form}").read_bytes()
    rows = cpod("exports", "--format", "json").json["rows"]
    assert [(row["view"], row["format"]) for row in rows] == [("report", form)] * 2


def test_a_pdf_is_for_archives_and_for_everybody_and_has_its_data_inside(cpod, place, report):
    assert cpod("report", "K", *WHEN, "-o", "r.pdf").exit == 0
    assert cpod("report", "K", *WHEN, "-o", "r.json").exit == 0
    pdf = pypdf.PdfReader(place / "r.pdf")
    assert pdf.attachments["report.json"] == [(place / "r.json").read_bytes()]
    assert json.loads((place / "r.json").read_bytes()) == report
    about = pdf.xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in about
    assert "<pdfuaid:part>1</pdfuaid:part>" in about
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "en"
    assert pdf.metadata.title.startswith("Customer proof of delivery")
    text = "".join(page.extract_text() for page in pdf.pages)
    for said in ("39.5", "Position", "28", "2025"):
        assert said in text


def test_a_pdf_names_its_pictures_and_the_headings_of_its_tables(cpod, place):
    cpod("report", "K", *WHEN, "-o", "r.pdf")
    kinds, alternatives = [], []

    def walk(element):
        element = element.get_object() if hasattr(element, "get_object") else element
        if isinstance(element, list):
            for child in element:
                walk(child)
        elif isinstance(element, dict):
            kinds.append(element.get("/S"))
            if "/Alt" in element:
                alternatives.append(element["/Alt"])
            walk(element.get("/K", []))

    walk(pypdf.PdfReader(place / "r.pdf").trailer["/Root"]["/StructTreeRoot"]["/K"])
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/Figure"} <= set(kinds)
    assert len(alternatives) == kinds.count("/Figure")
    assert any("Burn-down of Credits" in text for text in alternatives)


def test_html_has_its_pictures_inside_with_words_beside_them(cpod):
    text = cpod("report", "K", *WHEN, "--format", "html").out
    assert text.count("<svg") == text.count('role="img"') == text.count('aria-hidden="true"')
    for forbidden in ("<script", "src=", "href=", "url("):
        assert forbidden not in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text


def test_a_character_that_no_font_has_is_a_square_in_the_pdf_and_whole_in_the_data(cpod, place):
    assert cpod("report", "K", *WHEN, "-o", "r.pdf").exit == 0
    pdf = pypdf.PdfReader(place / "r.pdf")
    assert json.loads(pdf.attachments["report.json"][0])["contract"]["name"] == ODD


def test_one_who_may_not_see_all_cases_gets_what_they_may_see_and_is_told(cpod, report):
    mine = cpod("report", "K", "--as", "ana", *WHEN, "--format", "json").json
    assert mine["limited"] is True
    assert [left["entitlement"] for left in mine["left_out"]] == ["HOURS", "PRS"]
    for part in ("burn_downs", "statements", "deliveries", "expiring"):
        assert {row["entitlement"] for row in mine[part]}.isdisjoint({"HOURS", "PRS"})
    assert mine["additional"]["cases"] == []
    text = cpod("report", "K", "--as", "ana", *WHEN).out
    assert "may not all be seen: Hours (P), Prs (P)" in text
    assert "ana" in text
    for case in report["additional"]["cases"]:
        assert case["title"] not in text


def test_an_administrator_of_every_workspace_gets_the_whole_report(cpod, report):
    mine = cpod("report", "K", "--as", "ada", *WHEN, "--format", "json").json
    assert mine["left_out"] == []
    assert mine["packages"] == report["packages"]


def test_the_report_says_how_to_make_it_again(cpod, place):
    text = cpod("report", "K", *WHEN, "--as", "ada").out
    assert "cpod report K \\-" not in text
    assert "cpod report K --as-of 2025-06-30 --known-at 28 --as ada" in text


def test_a_long_statement_is_brought_forward_in_the_pdf_and_whole_in_its_data(report, monkeypatch):
    monkeypatch.setattr("cli.documents.report.formats._MOST_LINES", 2)
    pdf = pypdf.PdfReader(io.BytesIO(report_bytes(report, "pdf", None)))
    text = " ".join("".join(page.extract_text() for page in pdf.pages).split())
    assert "3 earlier lines stand here as one" in text
    assert "brought forward" in text
    assert pdf.attachments["report.json"] == [canonical(report)]
    whole = report_bytes(report, "html", None).decode()
    assert "brought forward" not in whole


def test_a_contract_that_is_not_there_is_said(cpod):
    assert cpod("report", "K9", *WHEN).exit == 4
    assert cpod("report", "K", "--as-of", "2024-01-01").exit == 4
    assert cpod("report", "K", "--as", "nobody").exit == 3


def test_a_pdf_refuses_a_terminal(cpod, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert cpod("report", "K", "--format", "pdf").exit == 2


def test_a_report_can_be_made_in_french(report):
    speak("fr")
    try:
        text = report_bytes(report, "html", None).decode()
        pdf = pypdf.PdfReader(io.BytesIO(report_bytes(report, "pdf", None)))
    finally:
        speak("en")
    assert '<html lang="fr">' in text
    assert "30 juin 2025" in text
    assert "39,5" in text
    assert pdf.trailer["/Root"]["/Lang"] == "fr"
    assert pdf.attachments["report.json"] == [canonical(report)]
