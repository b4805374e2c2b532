"""Cases as lists: which a viewer sees, their counts, their hours and their columns."""
