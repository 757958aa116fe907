"""`azureml.yml`: its models, how it is parsed, and its reference page."""
