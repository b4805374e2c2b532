"""The burn-down in the terminal: the series of the ledger, drawn in whatever room there is."""

import csv
import io
import re

import pytest
from exported_world import WHEN

from cli.render.cells import width_of
from cli.render.plot import PLAIN, share_bar, signs_for


def test_json_gives_the_series_and_csv_its_points(cpod):
    series = cpod("chart", "P", "CREDITS", *WHEN, "--format", "json").json["series"]
    (found,) = series
    assert found["points"][-1]["remaining"] == "39.5"
    assert found["forecast"]["days_elapsed"] == 181
    assert found["forecast"]["rate_per_day"] == "0.444751381"
    assert found["forecast"]["runs_out_on"] == "2025-09-27"
    rows = list(
        csv.DictReader(io.StringIO(cpod("chart", "P", "CREDITS", *WHEN, "--format", "csv").out))
    )
    points = [*found["points"], *found["forecast"]["points"]]
    assert [(row["on"], row["remaining"]) for row in rows] == [
        (point["on"], point["remaining"]) for point in points
    ]
    assert {row["kind"] for row in rows} == {"actual", "forecast"}


def test_it_says_in_words_what_it_draws(cpod):
    text = " ".join(cpod("chart", "P", "CREDITS", *WHEN).out.split())
    assert "On 30 June 2025 80.5 of 120 are used, 39.5 are left." in text
    assert "it runs out on 27 September 2025" in text
    assert "181 days" in text


def test_every_limited_entitlement_of_a_package_is_drawn_and_as_needed_ones_when_asked(cpod):
    text = cpod("chart", "P", *WHEN).out
    assert [name for name in ("CREDITS", "HOURS", "PRS", "WORK") if f"P {name}  " in text] == [
        *("CREDITS", "HOURS", "WORK")
    ]
    assert "As needed: 1 used" in cpod("chart", "P", "PRS", *WHEN).out


@pytest.mark.parametrize("columns", [24, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(cpod, monkeypatch, columns):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    text = cpod("chart", "P", "CREDITS", *WHEN).out
    drawn = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in text.splitlines()]
    assert all(width_of(line) <= columns for line in drawn if "│" in line or "└" in line)
    assert "█" in text
    assert "\x1b[" in text


def test_without_colour_there_is_none(cpod):
    assert "\x1b" not in cpod("chart", "P", *WHEN).out


def test_what_cases_feed_is_not_for_everybody(cpod):
    assert cpod("chart", "P", "HOURS", "--as", "ana", *WHEN).exit == 3
    ran = cpod("chart", "P", "--as", "ana", *WHEN, "--format", "json")
    assert [each["entitlement"] for each in ran.json["series"]] == ["CREDITS", "WORK", "SEATS"]
    assert [each["entitlement"] for each in ran.json["left_out"]] == ["HOURS"]
    assert cpod("chart", "NONE", *WHEN).exit == 4
    assert cpod("chart", "P", "NONE", *WHEN).exit == 4


def test_a_bar_is_full_or_empty_only_where_all_or_nothing_is_used():
    assert share_bar("0", "100", 10) == "░" * 10
    assert share_bar("0.001", "100", 10) == "█" + "░" * 9
    assert share_bar("99.999", "100", 10) == "█" * 9 + "░"
    assert share_bar("100", "100", 10) == share_bar("250", "100", 10) == "█" * 10
    assert share_bar("5", "0", 10) == "█" * 10


def test_a_terminal_that_has_only_ascii_gets_ascii():
    assert signs_for("ascii") is signs_for("latin-1") is signs_for(None) is PLAIN
    assert share_bar("5", "10", 4, PLAIN).isascii()


def test_packages_show_a_bar_where_there_is_room_and_none_where_there_is_not(cpod, monkeypatch):
    assert "███████░░░" in cpod("packages", "--kind", "all", *WHEN).out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    assert "░" not in cpod("packages", "--kind", "all", *WHEN).out
