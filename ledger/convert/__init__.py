"""Tables into events: a profile says how the rows of a spreadsheet export become CloudEvents.

`profile` is what a person writes, `values` and `rules` what becomes of it, `table` reads the rows,
and `conversion` goes through them. No ledger is needed, and every event that comes out is one that
the codec takes.
"""
