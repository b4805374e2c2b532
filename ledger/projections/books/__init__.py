"""The books: derived tables, where they are kept, and how they catch up with the log."""
