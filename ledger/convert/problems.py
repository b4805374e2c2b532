"""Why a row does not fit: a code, where in the profile it shows, and one sentence."""

from typing import Final

from ledger.messages import Words

BAD_ROW: Final = "bad-row"
"""The line is no row of this table."""

BAD_VALUE: Final = "bad-value"
"""A value is not what the profile says it is."""

BAD_TIME: Final = "bad-time"
"""A time cannot be read, or its zone skips or repeats it."""

NO_RULE: Final = "no-rule"
"""The profile has no rule for this row."""


class RowProblemError(Exception):
    """What is wrong with one row; the rows after it go on."""

    def __init__(self, code: str, reason: str, place: str = "") -> None:
        """Take a code of this module or of `ledger.domain.refusals`, and one sentence.

        `place` is the key of the profile that it shows at; empty where it is the row's own fault.
        """
        super().__init__(reason)
        self.code = code
        words = reason if isinstance(reason, Words) else Words(reason)
        self.reason = Words("{place}: {wrong}", place=place, wrong=words) if place else words
        self.place = place
