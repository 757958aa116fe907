"""Download a version of a data asset, whole or not at all."""
