"""A process that handles signals as the command line does."""

import signal

import pytest

from cli.run.signals import Signals
from ledger.stop_signals import HELD


@pytest.fixture
def signals():
    """Signals are handled as by the command line; afterwards as before."""
    before = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    handled = Signals()
    token = HELD.set(handled.held)
    yield handled
    HELD.reset(token)
    for number, handler in before:
        signal.signal(number, handler)
