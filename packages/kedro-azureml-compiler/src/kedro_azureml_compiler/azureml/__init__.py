"""From a plan to the pipeline YAML; Azure ML's words live here alone."""
