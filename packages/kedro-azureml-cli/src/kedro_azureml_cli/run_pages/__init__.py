"""The page of a run: `run.html`, beside what it shows."""
