"""`kedro azureml verify`: compare a simulated job with `kedro run`."""
