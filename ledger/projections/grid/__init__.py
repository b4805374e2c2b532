"""Grids of rows: their columns, filters, sorting and pages."""
