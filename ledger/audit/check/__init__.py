"""Check: every stored row against its hashes, the seals, the vault and the books."""
