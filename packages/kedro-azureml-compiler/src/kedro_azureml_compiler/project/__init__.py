"""Opens a Kedro project and reads its facts; only this folder uses sessions and config loaders."""
