"""The documentation says what the code does: written pages are current, and nothing is left out."""

import re
from datetime import date
from pathlib import Path

import pytest
from doc_pages import GENERATED
from doc_sessions import PAGES, ROOT, sessions

from cli.main import COMMANDS, cpod
from ledger.domain.deliveries.additional import CODES as SERVICE_CODES
from ledger.domain.deliveries.additional import REASONS
from ledger.domain.events import EVENTS
from ledger.domain.refusals import CODES
from ledger.domain.values.calendar import day_start, next_day_start
from ledger.domain.values.instants import format_instant
from ledger.projections.views import VIEWS

TEXTS = {path: path.read_text(encoding="utf-8") for path in PAGES}
LINK = re.compile(r"\]\(([^)#:]+)\)")
PATH = re.compile(r"`((?:cli|ledger|tests|demo|bench|docs)/[\w/.-]*)`")


def page(name: str) -> str:
    return TEXTS[ROOT / "docs" / name]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the rows of a page's tables, without headings."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in line] for line in lines]


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_a_page_that_is_written_from_the_code_is_current(path: Path) -> None:
    assert TEXTS[path] == GENERATED[path](), "make docs"


def test_every_type_of_event_is_documented() -> None:
    missing = [
        event.type_name for event in EVENTS if f"### `{event.type_name}`" not in page("events.md")
    ]
    assert missing == []


def test_every_command_is_documented() -> None:
    text = page("commands.md")
    assert [name for name, _ in COMMANDS if f"### `cpod {name}`" not in text] == []


def test_every_view_is_documented() -> None:
    assert [view for view in VIEWS if f"| `{view}` | " not in page("commands.md")] == []


def test_every_refusal_code_is_documented_in_its_order() -> None:
    found = [row[0] for row in rows(page("errors.md")) if row[0] in CODES]
    assert found[: len(CODES)] == list(CODES)


def test_every_reason_of_additional_cases_is_documented_in_its_order() -> None:
    text = page("additional-cases.md")
    assert [row[0] for row in rows(text) if row[0] in REASONS] == list(REASONS)
    assert all(f"`{code}`" in text for code in SERVICE_CODES)


def test_the_days_on_the_page_about_time_start_when_it_says() -> None:
    days = [row for row in rows(page("time.md")) if re.fullmatch(r"\d{4}-\d\d-\d\d", row[0])]
    assert len(days) > 3
    for day, zone, start, following in days:
        civil = date.fromisoformat(day)
        assert format_instant(day_start(civil, zone)) == start
        assert format_instant(next_day_start(civil, zone)) == following


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_a_page_links_to_is_there(path: Path) -> None:
    assert [link for link in LINK.findall(TEXTS[path]) if not (path.parent / link).exists()] == []


def test_every_page_is_linked_from_the_readme() -> None:
    linked = set(LINK.findall(TEXTS[ROOT / "README.md"]))
    assert [
        path.name
        for path in PAGES
        if path.parent == ROOT / "docs" and f"docs/{path.name}" not in linked
    ] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_files_that_a_page_names_are_there(path: Path) -> None:
    assert [name for name in PATH.findall(TEXTS[path]) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_console_on_a_page_is_a_session_that_is_played(path: Path) -> None:
    assert TEXTS[path].count("```console") == len(sessions(TEXTS[path]))


def test_the_readme_opens_with_one_sentence_a_session_and_two_commands() -> None:
    opening, session, *_ = re.split(
        r"^<!--.*\n```console\n|^```\n", TEXTS[ROOT / "README.md"], flags=re.MULTILINE
    )
    sentence = opening.partition("\n\n")[2].strip()
    assert sentence.endswith(".")
    assert ". " not in " ".join(sentence.split())
    assert session.startswith("$ cpod ")
    assert "make demo" in TEXTS[ROOT / "README.md"]
    assert "make test" in TEXTS[ROOT / "README.md"]


def test_the_program_itself_is_documented() -> None:
    assert cpod.examples
    assert "CPOD_LEDGER" in page("commands.md")
