"""The demo tells its story to the end, and its story is what it says."""

import os
import re
import subprocess

import pytest
from doc_sessions import MONTHS, ROOT, commands


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `demo/run.sh` shows; it has to end well."""
    place = tmp_path_factory.mktemp("demo")
    environment = {
        **os.environ,
        "CPOD": str(commands() / "cpod"),
        "DEMO_DIR": str(place),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        ["sh", str(ROOT / "demo" / "run.sh")],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def answer(shown: str, command: str) -> str:
    """Return what one command of the demo showed, without the line that says the dates."""
    _, _, rest = shown.partition(f"\n$ cpod {command}\n")
    heading, _, body = re.split(r"\n(?=# |\$ )", rest)[0].partition("\n")
    assert heading, command
    return body


def test_every_month_is_ingested_in_its_order(shown: str) -> None:
    assert re.findall(r"ingest (?:--init )?(demo/months/\S+)", shown) == [
        str(month.relative_to(ROOT)) for month in MONTHS
    ]


def test_what_was_known_in_august_is_answered_again_and_differs_from_today(shown: str) -> None:
    then = answer(
        shown, "packages --as-of 2025-07-31 --kind enterprise --contract GROUP-25 --known-at 134"
    )
    now = answer(shown, "packages --as-of 2025-07-31 --kind enterprise --contract GROUP-25")
    assert re.search(r"CREDITS .* 250 +95 .* 15 +140 ", then)
    assert re.search(r"CREDITS .* 250 +135 .* 115 ", now)
    assert "expired      -15      140" in answer(
        shown, "statement BASE-25 CREDITS --as-of 2025-07-31"
    )


def test_the_waiting_package_is_taken_up_and_the_overdrawn_engineer_stands_out(shown: str) -> None:
    assert "(1 had waited)" in shown
    assert "-4.25 !" in answer(shown, "packages --as-of 2025-12-15")


def test_the_demo_has_the_size_of_a_story() -> None:
    lines = sum(len(month.read_bytes().splitlines()) for month in MONTHS)
    assert 150 <= lines <= 300
