"""`jobs`, `status`, `logs`, `cancel` and `download`: what was submitted."""
