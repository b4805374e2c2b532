"""What all tests share: how hard hypothesis searches, and where the shared examples are."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
