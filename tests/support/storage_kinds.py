"""Kinds of data that a random project can have, and what an entry of each says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

PIPELINE = "kedro_azureml_datasets.AzureMLPipelineDataset"
ASSET = "kedro_azureml_datasets.AzureMLAssetDataset"

CSV = {"type": "pandas.CSVDataset", "save_args": {"index": False}}
PARQUET = "pandas.ParquetDataset"
TYPES: dict[str, dict[str, Any]] = {
    "csv": CSV,
    "parquet": {"type": PARQUET},
    "pickle": {"type": "pickle.PickleDataset"},
    "json": {"type": "json.JSONDataset"},
    "text": {"type": "text.TextDataset"},
    "polars": {"type": "polars.LazyPolarsDataset", "file_format": "parquet"},
    "parts": {"type": "partitions.PartitionedDataset", "dataset": CSV, "filename_suffix": ".csv"},
    "shelf": {"type": "small.stores.ShelfDataset"},
    "held": {"type": "small.stores.HeldDataset"},
    "salted": {"type": "small.stores.SaltedDataset"},
    "deep": {"type": "small.stores.DeepDataset"},
    "usual": {"type": "small.stores.UsualDataset"},
    "hidden": {"type": "small.stores.HiddenDataset"},
    "sqlite": {"type": "pandas.SQLTableDataset"},
    "duckdb": {"type": "ibis.TableDataset"},
}
"""Entries without what says where the data is."""

VALUES = {"json": "json", "text": "text", "polars": "polars", "parts": "parts", "duckdb": "ibis"}
"""What a node writes there; `frame` for the others."""

PATHS = {"parts": "path", "shelf": "shelf", "held": "shelf", "salted": "shelf"}
"""The argument that names the folder; of files it is `filepath`."""

OWN_FLOWS = {"memory", "asset", "shared"}
"""What reaches other steps in a way of its own, with one form of entry."""

UNWRAPPED = {"deep", "usual", "hidden", "sqlite", "duckdb"}
"""What has no single argument that a mount could take the place of."""

LAZY = {"polars", "parts", "held", "duckdb"}
"""What is loaded as an object that reads its data later."""

APPENDING: dict[str, dict[str, Any]] = {
    "csv": {"save_args": {"index": False, "mode": "a"}},
    "json": {"fs_args": {"open_args_save": {"mode": "a"}}},
    "text": {"fs_args": {"open_args_save": {"mode": "a"}}},
    "sqlite": {"save_args": {"index": False, "if_exists": "append"}},
    "duckdb": {"save_args": {"materialized": "table", "mode": "append"}},
}
REPLACING: dict[str, dict[str, Any]] = {
    "sqlite": {"save_args": {"index": False, "if_exists": "replace"}},
    "duckdb": {"save_args": {"materialized": "table"}},
}
FEATURES = {
    **dict.fromkeys(("shelf", "held", "salted", "deep", "usual", "hidden"), "class with a path"),
    "sqlite": "SQLite", "shared": "SQLite that every step reaches", "duckdb": "DuckDB",
    "polars": "polars.LazyFrame", "parts": "PartitionedDataset", "asset": "data asset",
    "memory": "memory",
}  # fmt: skip
"""What is counted of kinds of data."""


@dataclass(frozen=True)
class Store:
    """Data in one place.

    Args:
        kind: A key of `TYPES`, `memory`, `asset`, or `shared` for a table that all steps reach.
        number: Makes the place its own.
        seeded: Whether it holds data before the first node runs.
    """

    kind: str
    number: int
    seeded: bool

    @property
    def value(self) -> str:
        """The kind of value that a node writes."""
        return VALUES.get(self.kind, "frame")

    @property
    def path(self) -> PurePosixPath:
        """The file, folder or database, relative to the project."""
        own = {"usual": "data/usual", "hidden": "data/hidden"}.get(self.kind, "data/raw/all")
        suffix = {"sqlite": ".db", "duckdb": ".duckdb", "csv": ".csv"}.get(self.kind, "")
        return PurePosixPath(own, f"{self.kind}{self.number}{suffix}")
