"""Showing answers: a layout says what to show; a grid shows it to people, the rest to programs."""
