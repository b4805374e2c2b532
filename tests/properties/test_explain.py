"""Explanations come to the balances, on any world, exactly."""

from collections import defaultdict
from fractions import Fraction

import worlds
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle
from oracle.accounts import account
from playing import a_ledger, consumables, records, send

from ledger.domain.values.quantities import SCALE
from ledger.projections.balances.accounts import supplied
from ledger.projections.balances.lines import pieces_of, reserved_by
from ledger.projections.filters import Filters

FIGURES = {  # figure: (sign, the kinds of pieces that it is made of)
    "granted": (1, ("granted", "taken")),
    "consumed": (-1, ("burned", "covered", "returned")),
    "expired": (-1, ("expired", "lost")),
}


def looked_into(ledger, as_of, known_at, look):
    """What a function finds in the question of two dates."""
    found = []

    def answer(question):
        found.append(look(question))
        return {}

    ledger._asking.ask(
        answer,
        Filters(),
        as_of=as_of,
        known_at=None if known_at is None else str(known_at),
        viewer=None,
        workspaces=(),
        now=ledger._clock(),
    )
    return found[0]


def total(pieces, *kinds):
    return Fraction(sum(p.change for p in pieces if p.kind in kinds or not kinds), SCALE)


def check_sums(pieces, figures):
    """Each exact figure of the oracle is the sum of its pieces."""
    for name, (sign, kinds) in FIGURES.items():
        assert sign * total(pieces, *kinds) == figures[name]
    assert total(pieces) == figures["remaining"]
    uncovered = [piece for piece in pieces if piece.lot is None]
    assert total(uncovered) == -figures["overage"]


def check_lots(pieces, lots):
    """No lot is burned before it starts or when it is over, holds less than nothing or too much."""
    left = defaultdict(int)
    for piece in pieces:
        if piece.lot is None:
            continue
        lot = lots[piece.lot]
        left[piece.lot] += piece.change
        assert 0 <= left[piece.lot] <= lot.quantity
        assert lot.start <= piece.at
        assert piece.at < lot.end or piece.kind in ("granted", "covered", "expired")
        if piece.kind == "expired":
            assert left[piece.lot] == 0
            assert piece.at == max(lot.start, lot.end)
        if piece.kind == "covered":
            assert piece.at == lot.start


def check_first_in_first_out(pieces):
    """What leaves the overage was in it, and is the oldest that was."""
    owed = []
    for piece in pieces:
        if piece.lot is not None:
            continue
        if piece.kind in ("burned", "taken"):
            owed.append([piece.position, -piece.change])
        elif piece.kind == "covered" or piece.of is not None:
            assert owed[0][0] == (piece.of or piece.position)
            owed[0][1] -= piece.change
            assert owed[0][1] >= 0
            if not owed[0][1]:
                owed.pop(0)


@given(data=st.data())
def test_the_pieces_of_a_balance_come_to_it_exactly(data):
    """For any world and dates, granted, consumed, expired and overage are sums of the pieces."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger:
        send(ledger, events)
        oracle = Oracle(records(ledger, events))
        asked = data.draw(worlds.questions(events, len(oracle.records)))

        def look(question):
            for name, entitlement in consumables(oracle.packages(**asked, kind="all", state="all")):
                package, line = question.at.package(name), question.at.line(name, entitlement)
                wanted = oracle.question(**asked)
                figures = account(wanted, name, wanted.entitlement(name, entitlement))
                pieces = pieces_of(question, package, line)
                cut = question.at.cut(name)
                held = reserved_by(question, package, line, cut)
                assert Fraction(sum(held.values()), SCALE) == figures["reserved"]
                if not line.entitlement.limited:
                    assert total(pieces) == figures["consumed"]
                    continue
                supply = supplied(question.at, package, line)
                lots = {lot.position: lot for lot in (*supply.dated, *supply.arriving)}
                check_sums(pieces, figures)
                check_lots(pieces, lots)
                check_first_in_first_out(pieces)

        looked_into(ledger, **asked, look=look)


@given(data=st.data())
def test_the_lines_that_are_shown_are_those_of_the_statement_split_by_lot(data):
    """For any world, an explanation and a statement name the same events and come to the same."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger:
        send(ledger, events)
        last = ledger.log.head().position
        asked = data.draw(worlds.questions(events, last))
        for name, entitlement in consumables(
            ledger.ask("packages", **asked, kind="all", state="all")
        ):
            of = {"package": name, "entitlement": entitlement}
            statement = ledger.ask("statement", **asked, **of)["lines"]
            explained = ledger.ask("explain", **asked, **of)
            moved = {line["position"] for line in statement if line["change"] != "0"} - {None}
            assert {line["position"] for line in explained["lines"]} >= moved
            balance = explained["balance"]
            shown = balance["remaining"] or balance["consumed"]
            assert (statement[-1]["balance"] if statement else "0") == shown
            if balance["remaining"] is not None:
                lefts = {line["lot"]: line["left"] for line in explained["lines"]}
                for lot in explained["lots"]:
                    assert lefts.get(lot["lot"], "0") == lot["left"]
