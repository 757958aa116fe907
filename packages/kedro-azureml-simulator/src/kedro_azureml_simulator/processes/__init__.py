"""Processes of steps: their supervisor, namespaces and isolation."""
