"""The report of a contract as a document, in each of its formats."""
