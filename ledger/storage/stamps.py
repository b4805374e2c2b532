"""When a transaction was recorded: strictly later than every one before it."""


def next_stamp(now: int, last: int | None) -> int:
    """Return the stamp of a transaction: now, or just after the last where the clock went back."""
    return now if last is None else max(now, last + 1)
