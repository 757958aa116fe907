"""What a command does before and while Kedro opens the project."""
