"""The vault: names of persons beside the log, and the commitments to them in it."""
