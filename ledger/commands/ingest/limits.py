"""How many refused lines a run takes before it stops, and what is said then."""

from ledger.messages import Words


class ErrorLimit:
    """Counts the refused lines of one run against the most that it takes."""

    def __init__(self, most: int | None) -> None:
        """Take the most; with None there is no limit."""
        self.most = most
        self.errors = 0

    def is_reached(self) -> bool:
        """Return whether the run is to end."""
        return self.most is not None and self.errors >= self.most


def stopped_after(errors: int, how: Words) -> Words:
    """Return why a run stopped that has seen too many refused lines; `how` says how to go on."""
    if errors == 1:
        return Words("stopped after a refused line: see why, correct what sends it; {how}", how=how)
    return Words(
        "stopped after {errors} refused lines: see why, correct what sends them; {how}",
        errors=errors,
        how=how,
    )
