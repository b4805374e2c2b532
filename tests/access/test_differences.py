"""A difference is asked by a viewer as a view is: within a scope, and with no word of strangers."""

import json

import pytest
from crowds import ledger_of
from houses import WORD, two_houses

from ledger.errors import CpodError

VIEWERS = ("ada", "wim", "cas", "vic", "lou", "nobody")
DATES = ("2017-01-01", "2025-12-31")


@pytest.fixture(scope="module")
def ledger():
    with ledger_of(two_houses()) as ledger:
        yield ledger


def named(word):
    """Every difference that names something, by names that bear a word."""
    return [
        {"packages": [f"{word}-addon"]},
        {"packages": [f"{word}-addon"], "entitlement": f"{word}-PRS"},
        {"packages": [f"{word}-addon"], "entitlement": f"{word}-CRED"},
        {"contracts": [f"{word}-K"]},
        {"workspaces": [f"{word}-1"]},
        {"entitlement": f"{word}-CRED"},
    ]


def asked(ledger, viewer, **filters):
    """The difference as text; an error is an answer too."""
    try:
        return json.dumps(ledger.diff(*DATES, viewer=viewer, **filters))
    except CpodError as error:
        return f"{error.code}: {error}"


@pytest.mark.parametrize("viewer", VIEWERS)
def test_no_difference_tells_of_another_customer(ledger, viewer):
    """Asked by a name of the other customer, it is as if nothing of that name existed."""
    for question, nameless in zip(named(WORD), named("NOSUCH"), strict=True):
        told, untold = asked(ledger, viewer, **question), asked(ledger, viewer, **nameless)
        assert told.replace(WORD, "NOSUCH") == untold
    assert WORD not in asked(ledger, viewer)


def test_the_operator_is_told_of_everybody(ledger):
    """The word is there to be seen, so that the test above can fail."""
    assert WORD in asked(ledger, None)
    assert all(WORD in asked(ledger, None, **question) for question in named(WORD))
