"""One module for each probe; `probe.py` collects them."""
