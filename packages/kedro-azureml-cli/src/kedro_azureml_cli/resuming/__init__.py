"""`kedro azureml resume`: send only what has to run again of a job that has ended."""
