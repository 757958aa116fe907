"""From the YAML of one step to a model of it."""
