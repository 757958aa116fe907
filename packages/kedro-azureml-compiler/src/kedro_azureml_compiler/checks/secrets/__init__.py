"""Find secrets in whatever a job uploads or shows."""
