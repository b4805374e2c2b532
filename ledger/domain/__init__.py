"""The law of the ledger: what events mean, with no clock, no randomness and no input or output.

1. A fact has two dates: when it took effect, and when the ledger recorded it.
2. Events that count are applied in order of (effective time, position).
3. remaining = granted - consumed - expired; overage is what is below zero. At every pair of dates.
4. Everything delivered is in a balance, in `unplaced`, or waived or cancelled.
5. Quantities are integers of one exact scale; an answer rounds once.
"""
