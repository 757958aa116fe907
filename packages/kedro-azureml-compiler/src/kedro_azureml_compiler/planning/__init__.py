"""From the facts of a project to a plan: a function of values."""
