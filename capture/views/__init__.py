"""Pages of capture."""
