"""The log: the one place that opens databases, and the one codec of stored bytes."""
