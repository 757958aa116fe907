"""The pipelines: processing, training and reporting."""
