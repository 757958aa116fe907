"""From a plan to the pipeline YAML; only here are Azure ML's terms used."""
