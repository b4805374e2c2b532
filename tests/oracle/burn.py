"""The burn-down of one limited entitlement: lots start, pay overage, are burned, and expire."""

from fractions import Fraction

from .lots import burn_order

EXPIRY, START, DEED = 0, 1, 2  # what comes first at one instant


class BurnDown:
    """The figures of an entitlement while its timeline is played, and a line for each change."""

    def __init__(self):
        self.granted = self.consumed = self.expired = self.overage = Fraction(0)
        self.valid = []
        self.lines = []

    @property
    def remaining(self):
        """The law: what was granted less what was consumed and what expired."""
        return self.granted - self.consumed - self.expired

    def play(self, lots, deeds, cut):
        """Everything until an instant: lots that start on a day, and deeds in their order."""
        every_lot = lots + [deed["lot"] for deed in deeds if deed["lot"]]
        moments = [(lot["start"], START, burn_order(lot), lot) for lot in lots]
        moments += [(deed["at"], DEED, deed["order"], deed) for deed in deeds]
        moments += [
            (lot["end"], EXPIRY, burn_order(lot), lot)
            for lot in every_lot
            if lot["end"] > lot["start"]
        ]
        for at, what, _, subject in sorted(moments, key=lambda moment: moment[:3]):
            if at > cut:
                break
            if what == EXPIRY:
                self.expire(subject, at)
            elif what == START:
                self.start(subject)
                self.tell(subject["event"], at, subject["quantity"])
                self.expire_if_over(subject, at)
            else:
                self.do(subject)
            assert sum(lot["left"] for lot in self.valid) - self.overage == self.remaining
        return self

    def do(self, deed):
        """One event: what it takes out, the lot it brings in, what it consumes or gives back."""
        before, lost = self.remaining, Fraction(0)
        if deed["out"]:
            self.granted -= deed["out"]
            self.take(deed["out"])
            self.tell(deed["event"], deed["at"], -deed["out"])
            before = self.remaining
        if deed["lot"]:
            self.start(deed["lot"])
        self.consumed += deed["consumed"]
        if deed["consumed"] > 0:
            self.take(deed["consumed"])
        else:
            lost = self.give_back(-deed["consumed"])
        self.tell(deed["event"], deed["at"], self.remaining - before)
        self.lose(lost, deed["at"])
        if deed["lot"]:
            self.expire_if_over(deed["lot"], deed["at"])

    def start(self, lot):
        """A lot starts, and pays overage first."""
        self.granted += lot["quantity"]
        paid = min(self.overage, lot["quantity"])
        self.overage -= paid
        lot["left"] = lot["quantity"] - paid
        self.valid.append(lot)

    def take(self, quantity):
        """Burn the valid lots in their order; what none covers is overage."""
        for lot in sorted(self.valid, key=burn_order):
            taken = min(quantity, lot["left"])
            lot["left"] -= taken
            quantity -= taken
        self.overage += quantity

    def give_back(self, quantity):
        """Lower overage, then refill valid lots in reverse order; what finds no room is lost."""
        paid = min(self.overage, quantity)
        self.overage -= paid
        quantity -= paid
        for lot in sorted(self.valid, key=burn_order, reverse=True):
            returned = min(quantity, lot["quantity"] - lot["left"])
            lot["left"] += returned
            quantity -= returned
        return quantity

    def expire(self, lot, at):
        """A lot is over: what is left in it expires."""
        self.valid.remove(lot)
        self.lose(lot["left"], at)

    def expire_if_over(self, lot, at):
        """A lot that was over before it started expires once it has paid overage."""
        if lot["end"] <= lot["start"]:
            self.expire(lot, at)

    def lose(self, quantity, at):
        """A quantity expires."""
        self.expired += quantity
        self.tell(None, at, -quantity)

    def tell(self, event, at, change):
        """Write a line, where something changed."""
        if change:
            self.lines.append(
                {"event": event, "at": at, "change": change, "balance": self.remaining}
            )
