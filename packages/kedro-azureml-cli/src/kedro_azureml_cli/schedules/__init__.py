"""`kedro azureml schedule`: create, list and delete schedules."""
