"""Use cases: plain synchronous functions over one transaction, one module per use case."""
