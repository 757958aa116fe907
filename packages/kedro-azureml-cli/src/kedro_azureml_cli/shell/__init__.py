"""Completion of command lines in the shell."""
