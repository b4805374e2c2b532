"""What changed, and why: differences, replays, the journal and the events as sent."""
