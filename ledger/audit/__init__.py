"""What reads a ledger and trusts nothing: check, prove, verify, trace and status."""
