"""From projects of kedro-azureml and kedro-azureml-pipeline to this plugin."""
