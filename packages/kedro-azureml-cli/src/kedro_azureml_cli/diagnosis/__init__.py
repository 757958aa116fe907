"""`kedro azureml doctor`: check what a job needs, from Python to the key vault."""
