"""Pages of the reference that are made from signatures, docstrings and options."""
