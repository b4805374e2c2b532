"""Names of accounts in a journal: whatever an id holds, it means nothing to hledger."""

import pytest

from ledger.projections.history.journal import place_of


@pytest.mark.parametrize(
    "identifier,written",
    [
        ("P-1_a.b/c", "P-1_a.b/c"),
        ("a b", "a%20b"),
        ("a  b", "a%20%20b"),
        (" a ", "%20a%20"),
        ("a:b", "a%3Ab"),
        ("100%", "100%25"),
        ('"x"', "%22x%22"),
        ("é€", "é€"),
        ("a\u00a0b", "a%C2%A0b"),
        ("a\u200bb", "a%E2%80%8Bb"),
        ("(x)[y]{z}", "%28x%29%5By%5D%7Bz%7D"),
        ("a;b|c*d!e#f@g=h<i>j,k\\l", "a%3Bb%7Cc%2Ad%21e%23f%40g%3Dh%3Ci%3Ej%2Ck%5Cl"),
    ],
)
def test_what_means_something_is_written_in_percent(identifier, written):
    assert place_of(identifier, "E") == f"{written}:E"
    assert place_of("P", identifier) == f"P:{written}"
