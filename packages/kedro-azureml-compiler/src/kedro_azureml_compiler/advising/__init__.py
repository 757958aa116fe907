"""Predict what a job takes and costs, and find the grouping with the shortest time."""
