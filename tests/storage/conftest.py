"""Ledgers to test with: a place on each backend, and a file with something in it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from files import filled
from places import BACKENDS, Place, url_of


@pytest.fixture(params=BACKENDS)
def place(request, tmp_path) -> Iterator[Place]:
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else ""
    made = Place(url_of(request.param, tmp_path, server))
    yield made
    made.close()


@pytest.fixture
def path(tmp_path) -> Path:
    """The file of a ledger with three events, a held line and an entry of the register."""
    made = tmp_path / "ledger.db"
    filled(f"sqlite:///{made}")
    return made


@pytest.fixture
def public_directory() -> Iterator[Path]:
    """A directory that any user of the machine can enter."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory
        directory.chmod(0o755)
