"""The journal adds up, by plain decimal sums of its lines, to the balances that the views show."""

import re
from collections import defaultdict
from decimal import Decimal

import worlds
from hypothesis import given
from hypothesis import strategies as st
from playing import a_ledger, send

from ledger.projections.history.journal import accounts_of

POSTING = re.compile(r'    (?P<account>\S.*?)  (?P<amount>-?[0-9.]+) "(?P<commodity>[^"]+)"')
TRANSACTION = re.compile(r"\d{4}-\d{2}-\d{2} \* \S")


def added_up(text):
    """The sum of each account, once every transaction was seen to come to nothing."""
    sums = defaultdict(Decimal)
    rest = defaultdict(Decimal)
    for line in text.splitlines():
        if TRANSACTION.match(line):
            assert not any(rest.values())
            rest.clear()
        posting = POSTING.fullmatch(line)
        assert posting or not line.startswith("    ") or line.startswith("    ; at: ")
        if posting:
            amount = Decimal(posting["amount"])
            sums[posting["account"]] += amount
            rest[posting["commodity"]] += amount
    assert not any(rest.values())
    return sums


@given(data=st.data())
def test_the_journal_comes_to_the_figures_that_are_shown(data):
    """For any world and dates, each account ends with exactly the figure of the answer."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger:
        send(ledger, events)
        asked = data.draw(worlds.questions(events, ledger.log.head().position))
        pieces = []
        ledger.journal(pieces.append, **asked)
        sums = added_up("".join(pieces))
        packages = ledger.ask("packages", **asked, kind="all", state="all")["packages"]
        for package in packages:
            for line in package["consumables"]:
                accounts = accounts_of(package["package"], line["entitlement"])
                for figure, account in accounts.items():
                    shown = Decimal(line[figure] or 0)
                    assert sums.pop(account, Decimal(0)) == (
                        -shown if figure == "granted" else shown
                    ), (figure, line)
        assert all(name.startswith(("equity:rounding", "equity:as needed")) for name in sums)
