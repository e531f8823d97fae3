"""Everything the business does: plain synchronous functions, grouped by noun."""
