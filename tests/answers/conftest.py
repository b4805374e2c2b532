"""What tests of answers share: an empty small ledger."""

import pytest
from small_ledger import small_ledger


@pytest.fixture
def small(tmp_path):
    """An empty ledger in memory."""
    with small_ledger(tmp_path) as found:
        yield found
