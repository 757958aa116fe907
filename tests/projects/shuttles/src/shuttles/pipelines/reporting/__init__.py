"""What the models are worth, and what they were made with."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
