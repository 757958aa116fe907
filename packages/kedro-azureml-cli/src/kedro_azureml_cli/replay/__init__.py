"""`kedro azureml replay`: run a step of a submitted job on this machine."""
