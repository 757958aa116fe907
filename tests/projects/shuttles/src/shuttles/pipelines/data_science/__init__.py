"""Two models of the price, from one template."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
