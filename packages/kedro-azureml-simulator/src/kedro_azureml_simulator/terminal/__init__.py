"""The command `azureml-simulate`: its arguments, and what a person sees."""
