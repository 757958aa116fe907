"""Shuttle prices from reviews, companies and the shuttles themselves."""

__version__ = "0.1.0"
