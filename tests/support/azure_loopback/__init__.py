"""Azure on this machine, for tests: see README.md."""
