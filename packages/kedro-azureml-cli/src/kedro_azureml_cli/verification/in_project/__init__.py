"""What runs in the project's own process, with its interpreter: the local run, and loading.

That interpreter has what a step's image has, so everything here needs Kedro and
`kedro-azureml-datasets` and nothing else of ours; other libraries only where the project's data is
made of them.
"""
