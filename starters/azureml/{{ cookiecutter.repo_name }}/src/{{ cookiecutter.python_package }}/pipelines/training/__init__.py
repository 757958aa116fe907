"""From features to a classifier and its metrics."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
