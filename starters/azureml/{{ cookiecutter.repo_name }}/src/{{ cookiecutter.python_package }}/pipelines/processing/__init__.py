"""From the raw table of penguins to features."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
