"""The pipelines: data_processing, data_science and reporting."""
