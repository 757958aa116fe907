"""From raw tables to the one that the models learn from."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
