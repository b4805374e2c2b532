"""What all tests share: how hard hypothesis searches, and where the shared examples are."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from postgres_server import schema_url, shared_url

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "deep",
    deadline=None,
    max_examples=2_000,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def shared_directory() -> Path | None:
    """Return where the shared examples and data are, None where they are not."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    found = Path(os.environ.get("CPOD_SHARED") or beside)
    return found if found.is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path | None:
    """The directory of shared examples and data; None, with a word on what is skipped, without."""
    found = shared_directory()
    if found is None:
        print("skipped: the shared examples are not here (set CPOD_SHARED)")
    return found


# A run in the background of a shell is started deaf to interrupts, and so would be all that the
# tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory) -> Iterator[str]:
    """The URL of a database on a real PostgreSQL, started for this run by whoever asks first."""
    base = tmp_path_factory.getbasetemp()
    shared_base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    url, kept = shared_url(shared_base / "postgres")
    yield url
    os.close(kept)


@pytest.fixture
def postgres_url(postgres_server) -> str:
    """The URL of a place for a ledger on PostgreSQL, which no other test uses."""
    return schema_url(postgres_server)
