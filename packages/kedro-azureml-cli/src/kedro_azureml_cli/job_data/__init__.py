"""The data of a submitted job: `kedro azureml data`, and `%load_azureml` in notebooks."""
