"""Changes of the configuration's files that leave every other byte as it is."""
