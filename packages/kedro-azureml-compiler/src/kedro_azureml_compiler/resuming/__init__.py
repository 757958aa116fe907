"""Decide which nodes of a job run again, and which are taken over from an earlier job."""
