"""Running `cpod` within the test, and a ledger that only remembers what it was asked."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import pytest
from ran import Ran

from cli.language.wording import LANGUAGES, speak
from cli.main import run


@dataclass
class FakeLedger:
    """A ledger with canned answers, which remembers every question."""

    answers: dict[str, dict[str, object]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    raises: BaseException | None = None
    created: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def open(self, url: str) -> "FakeLedger":
        """Stand in for `Ledger.open`."""
        self.urls.append(url)
        if self.raises is not None:
            raise self.raises
        return self

    def ask(self, view: str, *, on_progress: object, **given: object) -> dict[str, object]:
        """Return the canned answer of a view."""
        assert callable(on_progress)
        self.asked.append((view, given))
        head = {"as_of": "2025-09-30", "known_at": 7, "position": 7, "limited": False}
        return head | self.answers.get(view, {})


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch, tmp_path):
    for name in ("LEDGER", "FORMAT", "LANG"):
        monkeypatch.delenv(f"CPOD_{name}", raising=False)
    for name in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    speak(LANGUAGES[0])


@pytest.fixture
def cpod(capsys) -> Callable[..., Ran]:
    """Return what runs a command line in this process."""

    def runs(*argv: str) -> Ran:
        capsys.readouterr()
        code = run(argv)
        sys.stdout.flush()
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return runs


@pytest.fixture
def fake(monkeypatch) -> FakeLedger:
    """Return a fake that stands where `Ledger.open` opens one."""
    ledger = FakeLedger()
    monkeypatch.setattr("ledger.ledger.Ledger.open", ledger.open)
    return ledger
