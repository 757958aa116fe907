"""Classifies catalog entries by their configuration, without building a dataset."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from kedro.io import CachedDataset, CatalogConfigResolver, MemoryDataset, SharedMemoryDataset
from kedro_azureml_datasets import (
    AzureMLAssetDataset,
    AzureMLDatasetError,
    MountableDataset,
)
from kedro_azureml_datasets.asset_dataset import check_asset
from kedro_azureml_datasets.mountable import find_path, refuse_versioned
from kedro_azureml_datasets.project_paths import check_root_dir, split_project_path

from kedro_azureml_compiler.planning.facts import AssetFacts, DatasetFacts, DatasetKind
from kedro_azureml_compiler.planning.wrapping import nested_entry
from kedro_azureml_compiler.suggestions import did_you_mean

# Read by Kedro's catalog itself, so that no constructor sees them.
_KEYS_OF_THE_CATALOG = frozenset({"type", "versioned", "validator"})

_KEDRO_PREFIXES = ("kedro.io.", "kedro_datasets.", "")  # the order in which Kedro tries them


def is_parameter(name: str) -> bool:
    """Tell whether a node's input is one of the project's parameters."""
    return name == "parameters" or name.startswith("params:")


def has_mounted_factories(catalog: Mapping[str, Any]) -> bool:
    """Tell whether a dataset factory gives one of the two wrappers.

    Args:
        catalog: The catalog, as it is written.

    Example:
        >>> kind = "kedro_azureml_datasets.AzureMLPipelineDataset"
        >>> has_mounted_factories({"{name}": {"type": kind}}), has_mounted_factories({})
        (True, False)
    """
    factories = [entry for name, entry in catalog.items() if CatalogConfigResolver.is_pattern(name)]
    return any(isinstance(entry, Mapping) and _is_mounted(entry.get("type")) for entry in factories)


def _is_mounted(kind: Any) -> bool:
    try:
        found = _relevant_class(kind) if isinstance(kind, (str, type)) and kind else None
    except AzureMLDatasetError:  # a misspelt name, which is told where a node uses it
        return False
    return found is not None and issubclass(found, MountableDataset)


def facts_from_config(name: str, config: Mapping[str, Any], project: Path) -> DatasetFacts:
    """Classify an entry by its resolved configuration.

    Args:
        name: The dataset's name, with its transcoding.
        config: Its configuration, as Kedro's resolver gives it: paths are absolute there.
        project: The project's folder, absolute.

    Raises:
        AzureMLDatasetError: The entry is one of the two wrappers and cannot be moved to a mount.
    """
    kind = _type_of(config)
    type_name = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
    base = _relevant_class(kind)
    if base is CachedDataset:
        nested = config.get("dataset")
        if isinstance(nested, Mapping):
            inner = _relevant_class(_type_of(nested))
            if inner is not None and issubclass(inner, MountableDataset):
                raise AzureMLDatasetError(
                    f"A CachedDataset around {inner.__name__} would hide its mount.",
                    hint=f"Turn them round: type {inner.__name__} with 'dataset: {{type: "
                    "CachedDataset, dataset: ...}'.",
                )
            return DatasetFacts(
                name,
                DatasetKind.STANDARD,
                type_name,
                local_path=_local_path(nested, project),
                nested=nested_entry(type_name, config),
                versioned=bool(config.get("versioned") or nested.get("versioned")),
            )
        raise AzureMLDatasetError(
            "A CachedDataset needs a nested dataset.",
            hint="For example  dataset: {type: pandas.ParquetDataset, filepath: x.parquet}",
        )
    if base is not None and issubclass(base, MountableDataset):
        _check_arguments(base, config)
        return _wrapper_facts(
            name, type_name, config, is_asset=issubclass(base, AzureMLAssetDataset)
        )
    if base is not None and issubclass(base, (MemoryDataset, SharedMemoryDataset)):
        has_value = config.get("data") is not None
        copy_mode = config.get("copy_mode")
        return DatasetFacts(
            name, DatasetKind.MEMORY, type_name, has_value=has_value, copy_mode=copy_mode
        )
    return DatasetFacts(
        name,
        DatasetKind.STANDARD,
        type_name,
        local_path=_local_path(config, project),
        nested=nested_entry(type_name, config),
        versioned=bool(config.get("versioned")),
    )


def _type_of(config: Mapping[str, Any]) -> str | type:
    """Return an entry's type, and refuse what names no class, in the nested datasets too."""
    kind = config.get("type")
    nested = config.get("dataset")
    if isinstance(nested, Mapping) and "type" in nested:
        _type_of(nested)
    if isinstance(kind, type) or (isinstance(kind, str) and kind.strip()):
        return kind
    raise AzureMLDatasetError(
        f"The type is {json.dumps(kind, default=str)}, which is not the name of a dataset class.",
        hint="Write a class, for example  type: pandas.ParquetDataset",
    )


def facts_from_instance(name: str, dataset: Any) -> DatasetFacts:
    """Classify a dataset that a hook has put into the catalog.

    The hook does so in the step as well, so only the two wrappers need binding.
    """
    kind = type(dataset)
    type_name = f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(dataset, MountableDataset):
        return _wrapper_facts(
            name, type_name, dataset.arguments, is_asset=isinstance(dataset, AzureMLAssetDataset)
        )
    return DatasetFacts(name, DatasetKind.STANDARD, type_name)


_signature = cache(inspect.signature)


def _check_arguments(wrapper: type, config: Mapping[str, Any]) -> None:
    """Find a misspelt or missing argument here, and not in the first step that uses the entry."""
    if config.get("versioned") and not issubclass(wrapper, AzureMLAssetDataset):
        refuse_versioned(config)
    arguments = {k: v for k, v in config.items() if k not in _KEYS_OF_THE_CATALOG}
    try:
        _signature(wrapper).bind(**arguments)
    except TypeError as error:
        raise AzureMLDatasetError(
            f"{wrapper.__name__} cannot be built: {error}.",
            hint="Arguments of the nested dataset belong below 'dataset'.",
        ) from error


def _wrapper_facts(
    name: str, type_name: str, config: Mapping[str, Any], *, is_asset: bool
) -> DatasetFacts:
    nested = config.get("dataset")
    if not isinstance(nested, Mapping):
        raise AzureMLDatasetError(
            "The wrapper has no nested dataset.",
            hint="For example:  dataset: {type: pandas.ParquetDataset, filepath: x.parquet}",
        )
    keys = find_path(dict(nested), config.get("filepath_arg", "filepath"))
    value: Any = nested
    for key in keys:
        refuse_versioned(value)
        value = value[key]
    _, relative = split_project_path(str(value))
    root_dir = PurePosixPath(check_root_dir(config.get("root_dir", "data")))
    if not is_asset:
        return DatasetFacts(
            name,
            DatasetKind.PIPELINE,
            type_name,
            local_path=(root_dir / relative).as_posix(),
            root_dir=root_dir.as_posix(),
        )
    version = config.get("azureml_version")
    asset_name, asset_type = config.get("azureml_dataset", ""), config.get("azureml_type")
    check_asset(asset_name, asset_type or "uri_folder", version)
    asset = AssetFacts(
        name=str(asset_name),
        version=None if version is None else str(version),
        is_file=asset_type == "uri_file",
        root_dir=root_dir.as_posix(),
        file=relative.as_posix(),
        workspace=None if config.get("workspace") is None else str(config["workspace"]),
    )
    return DatasetFacts(name, DatasetKind.ASSET, type_name, asset=asset)


def _local_path(config: Mapping[str, Any], project: Path) -> str | None:
    for key in ("filepath", "path"):
        value = config.get(key)
        if not isinstance(value, (str, Path)):
            continue
        text = str(value).removeprefix("file://")
        if "://" in text:
            return None
        path = PurePosixPath(text)
        root = PurePosixPath(project.as_posix())
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
        return path.as_posix()
    return None


@cache
def _relevant_class(kind: str | type) -> type | None:
    """Find an entry's class where it matters; those of kedro-datasets are never imported."""
    if isinstance(kind, type):
        return kind
    module, _, name = kind.rpartition(".")
    head = kind.split(".")[0]
    if (
        module
        and head != "kedro"
        and (head == "kedro_datasets" or find_spec(f"kedro_datasets.{head}") is not None)
    ):
        return None
    for prefix in _KEDRO_PREFIXES:
        path = (prefix + module).rstrip(".")
        if not path:
            continue
        try:
            found = getattr(import_module(path), name, None)
        except ImportError:
            continue
        if isinstance(found, type):
            return found
    if head == "kedro_azureml_datasets":
        known = ["AzureMLAssetDataset", "AzureMLPipelineDataset"]
        raise AzureMLDatasetError(f"There is no dataset '{kind}' {did_you_mean(name, known)}.")
    return None
