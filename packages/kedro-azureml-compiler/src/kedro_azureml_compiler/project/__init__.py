"""Open a Kedro project and read its facts; only this folder uses sessions and config loaders."""
