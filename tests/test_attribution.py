"""Which event burned which lot, where a lot pays overage and a refund comes back."""

from ledger.domain.balance.attribution import Piece, attributed
from ledger.domain.balance.burndown import Step


def pieces(*steps):
    return [tuple(piece) for piece in attributed(steps)]


def test_a_lot_pays_the_oldest_overage_first():
    """Two deliveries without a lot: the one that came first is covered first."""
    found = pieces(
        Step("consumed", 1, 11, -3),
        Step("consumed", 2, 12, -4),
        Step("started", 5, 20, 5, ((20, 5),)),
        Step("started", 6, 21, 9, ((21, 2),)),
    )
    assert found == [
        Piece("burned", 1, 11, None, -3),
        Piece("burned", 2, 12, None, -4),
        Piece("granted", 5, 20, 20, 5),
        Piece("covered", 5, 11, None, 3),
        Piece("covered", 5, 11, 20, -3),
        Piece("covered", 5, 12, None, 2),
        Piece("covered", 5, 12, 20, -2),
        Piece("granted", 6, 21, 21, 9),
        Piece("covered", 6, 12, None, 2),
        Piece("covered", 6, 12, 21, -2),
    ]


def test_a_refund_lowers_overage_then_returns_then_is_lost():
    """A refund says whose overage it lowers; what finds no lot expires with the refund's event."""
    found = pieces(
        Step("consumed", 1, 11, -3, ((10, 1),)),
        Step("refunded", 2, 12, 4, ((10, 1),)),
        Step("lost", 2, None, -1),
    )
    assert found == [
        Piece("burned", 1, 11, 10, -1),
        Piece("burned", 1, 11, None, -2),
        Piece("returned", 2, 12, None, 2, of=11),
        Piece("returned", 2, 12, 10, 1),
        Piece("returned", 2, 12, None, 1),
        Piece("lost", 2, 12, None, -1),
    ]


def test_what_is_taken_is_overage_like_a_delivery():
    """A negative adjustment that no lot covers is covered later, as a delivery is."""
    found = pieces(Step("taken", 1, 11, -2, ((10, 1),)), Step("started", 3, 20, 1, ((20, 1),)))
    assert found[1:] == [
        Piece("taken", 1, 11, None, -1),
        Piece("granted", 3, 20, 20, 1),
        Piece("covered", 3, 11, None, 1),
        Piece("covered", 3, 11, 20, -1),
    ]


def test_what_is_covered_in_part_is_still_the_oldest():
    """The next lot goes on with it before it covers what came later."""
    found = pieces(
        Step("consumed", 1, 11, -3),
        Step("consumed", 2, 12, -4),
        Step("started", 5, 20, 2, ((20, 2),)),
        Step("started", 6, 21, 2, ((21, 2),)),
    )
    covered = [(piece[2], piece[3], piece[4]) for piece in found if piece[0] == "covered"]
    assert covered == [
        *((11, None, 2), (11, 20, -2)),
        *((11, None, 1), (11, 21, -1), (12, None, 1), (12, 21, -1)),
    ]
