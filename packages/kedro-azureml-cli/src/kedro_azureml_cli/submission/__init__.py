"""`kedro azureml run`: submit a job, and wait for it."""
