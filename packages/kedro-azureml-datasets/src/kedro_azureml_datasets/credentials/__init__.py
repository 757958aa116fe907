"""References in credentials: to environment variables, and to the secrets of a key vault."""
