"""From the pipeline YAML to a model of it."""
