"""The parts of the public face: what they share is an open ledger."""
