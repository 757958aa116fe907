"""The catalog of a random project: an entry for each of its datasets that has one, and patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random_pipelines import RandomData, RandomProject

PIPELINE = "kedro_azureml_datasets.AzureMLPipelineDataset"
ASSET = "kedro_azureml_datasets.AzureMLAssetDataset"
CSV, PARQUET = "pandas.CSVDataset", "pandas.ParquetDataset"
JSON, TEXT, PICKLE = "json.JSONDataset", "text.TextDataset", "pickle.PickleDataset"


def catalog_of(project: RandomProject, outside: str) -> dict[str, Any]:
    """Return the catalog of a project; `outside` is a folder outside it."""
    entries = {}
    for data in project.data.values():
        entries |= _entries(data, outside)
    patterns = {
        "{name}_table": {
            "type": PIPELINE, "dataset": {"type": CSV, "filepath": "tables/{name}.csv"},
        },
        "{name}_raw_table": {
            "type": PIPELINE, "dataset": {"type": PICKLE, "filepath": "raw/{name}.pkl"},
        },
    }  # fmt: skip
    if project.catch_all:
        patterns["{default}"] = {
            "type": PIPELINE, "dataset": {"type": PICKLE, "filepath": "rest/{default}.pkl"},
        }  # fmt: skip
    return entries | patterns


def _entries(data: RandomData, outside: str) -> dict[str, Any]:
    n, kind = data.number, data.kind

    def carried(nested: dict[str, Any]) -> dict[str, Any]:
        return {"type": PIPELINE, "root_dir": "data/carried", "dataset": nested}

    def asset(nested: dict[str, Any], **more: str) -> dict[str, Any]:
        return {"type": ASSET, "azureml_dataset": data.asset, "dataset": nested, **more}

    csv = {"type": CSV, "filepath": f"{n}.csv", "save_args": {"index": False}}
    of_asset = {"type": CSV, "filepath": "deep/x.csv", "save_args": {"index": False}}
    made: dict[str, Any] = {
        "memory": {"type": "MemoryDataset"},
        "memory_assign": {"type": "kedro.io.MemoryDataset", "copy_mode": "assign"},
        "value": {"type": "MemoryDataset", "data": {"n": n}},
        "pickle": carried({"type": PICKLE, "filepath": f"{n}.pkl"}),
        "json": carried({"type": JSON, "filepath": f"deep/{n}.json"}),
        "csv": carried(csv),
        "parquet": carried({"type": PARQUET, "filepath": f"{n}.parquet"}),
        "text": carried({"type": TEXT, "filepath": f"{n}.txt"}),
        "parts": carried(
            {
                "type": "partitions.PartitionedDataset", "path": f"parts{n}",
                "dataset": PARQUET, "filename_suffix": ".parquet",
            }
        ),
        "cached": carried({"type": "CachedDataset", "dataset": csv}),
        "uploaded": carried({"type": JSON, "filepath": f"uploaded/{n}.json"}),
        "not_there": carried({"type": JSON, "filepath": f"not_there/{n}.json"}),
        "table": {"type": "small.tables.SQLiteTableDataset", "table": f"t{n}", "credentials": "db"},
        "local": {**csv, "filepath": f"data/local/{n}.csv"},
        "local_outside": {**csv, "filepath": f"{outside}/{n}.csv"},
        "local_table": {
            "type": "pandas.SQLTableDataset", "table_name": f"t{n}",
            "credentials": {"con": f"sqlite:///local{n}.db"},
            "save_args": {"if_exists": "replace", "index": False},
        },
        "local_folder": {"type": "small.tables.FolderDataset", "folder": f"data/folder{n}"},
        "local_missing": {**csv, "filepath": f"data/missing/{n}.csv"},
        "local_ignored": {**csv, "filepath": f"data/ignored/{n}.csv"},
        "asset": asset(of_asset),
        "asset_file": asset({"type": JSON, "filepath": "x.json"}, azureml_type="uri_file"),
        "asset_pinned": asset(of_asset, azureml_version="1"),
        "asset_latest": asset(of_asset),
        "asset_file_in": asset(
            {"type": JSON, "filepath": "x.json"}, azureml_type="uri_file", azureml_version="2"
        ),
    }  # fmt: skip
    if kind in made:
        return {data.name: made[kind]}
    text = {"type": TEXT, "filepath": csv["filepath"]}
    if kind == "local_transcoded":
        place = {"filepath": f"data/local/{n}.csv"}
        return {f"{data.name}@pandas": {**csv, **place}, f"{data.name}@text": {**text, **place}}
    if kind == "transcoded":
        return {f"{data.name}@pandas": carried(csv), f"{data.name}@text": carried(text)}
    if kind == "asset_transcoded":
        other = {**text, "filepath": of_asset["filepath"]}
        return {f"{data.name}@pandas": asset(of_asset), f"{data.name}@text": asset(other)}
    if kind == "mixed":
        local = {**text, "filepath": "data/local/mixed.csv"}
        return {f"{data.name}@pandas": carried(csv), f"{data.name}@text": local}
    return {}  # in no catalog, or one of the patterns'
