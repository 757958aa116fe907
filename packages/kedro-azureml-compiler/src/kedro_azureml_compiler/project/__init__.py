"""Opens a Kedro project and reads its facts; alone knows sessions and config loaders."""
