"""From a plan to results."""
