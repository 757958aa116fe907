"""`kedro azureml assets`: list, pull and push data assets."""
