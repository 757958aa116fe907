"""`kedro azureml simulate`: run a bundle on this machine."""
