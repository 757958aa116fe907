"""Rules on the plan, the settings and the snapshot; each yields findings."""
