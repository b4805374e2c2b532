"""The options of the commands, and the completion of their values."""
