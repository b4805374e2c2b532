"""Values: exact quantities, instants, civil dates and the as-of of a question."""
