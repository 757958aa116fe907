"""From predictions to a figure and a summary table."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
