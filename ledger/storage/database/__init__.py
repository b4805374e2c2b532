"""What both databases do with the same statements."""
