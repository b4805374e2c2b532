"""English in the code, French by catalogue."""
