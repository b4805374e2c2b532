"""Folds of deliveries: from the events of one subject to its postings and rows."""
