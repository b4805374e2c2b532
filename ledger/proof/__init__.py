"""Proof: one Merkle tree over the stored events, what it proves, and what checks that.

Nothing here reads a ledger or a file. `merkle` builds the tree and cuts proofs out of it, `leaf`
says which bytes stand for an event, `forms` writes what others can read (C2SP signed notes,
checkpoints and proofs), and `verifier` is all that an auditor needs to trust.
"""
