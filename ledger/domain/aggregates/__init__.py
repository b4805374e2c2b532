"""Aggregates made of terms: contracts and packages, and the decisions on them."""
