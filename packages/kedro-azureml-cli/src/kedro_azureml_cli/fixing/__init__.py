"""Changes of the project's files, which are shown before they are written."""
