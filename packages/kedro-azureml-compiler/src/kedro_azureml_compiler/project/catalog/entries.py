"""Classify catalog entries by their configuration, without building a dataset."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
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
from kedro_azureml_runner.reachability.addresses import Reach

from kedro_azureml_compiler.planning.facts import AssetFacts, DatasetFacts, DatasetKind
from kedro_azureml_compiler.project.catalog.dataset_types import find_type
from kedro_azureml_compiler.project.catalog.earlier_data import (
    find_keeping_argument,
    keeps_checkpoint,
)
from kedro_azureml_compiler.project.catalog.standard_entries import read_standard_facts

# Read by Kedro's catalog itself, so that no constructor sees them.
_KEYS_OF_THE_CATALOG = frozenset({"type", "versioned", "validator"})
_AROUND_OTHERS = frozenset({"CachedDataset", "IncrementalDataset", "PartitionedDataset"})


def is_parameter(name: str) -> bool:
    """Check whether a node's input is one of the project's parameters."""
    return name == "parameters" or name.startswith("params:")


def has_mounted_factories(catalog: Mapping[str, Any]) -> bool:
    """Check whether a dataset factory produces one of the two wrappers.

    Args:
        catalog: The catalog, as it is written.

    Example:
        >>> kind = "kedro_azureml_datasets.AzureMLPipelineDataset"
        >>> has_mounted_factories({"{name}": {"type": kind}}), has_mounted_factories({})
        (True, False)
    """
    factories = [entry for name, entry in catalog.items() if CatalogConfigResolver.is_pattern(name)]
    return any(map(is_mounted, factories))


def is_mounted(entry: Any) -> bool:
    """Check whether an entry's class is one of the two wrappers.

    Args:
        entry: The entry's configuration.
    """
    kind = entry.get("type") if isinstance(entry, Mapping) else None
    found = find_type(kind).kind if isinstance(kind, (str, type)) and kind else None
    return found is not None and issubclass(found, MountableDataset)


def classify_config(
    name: str,
    config: Mapping[str, Any],
    project: Path,
    variables: Mapping[str, str] | None = None,
) -> DatasetFacts:
    """Classify an entry by its resolved configuration.

    Args:
        name: The dataset's name, with its transcoding.
        config: Its configuration from Kedro's resolver, with absolute paths.
        project: The project's folder, absolute.
        variables: Environment variables that the job gives its steps.

    Raises:
        AzureMLDatasetError: The entry is one of the two wrappers and cannot be moved to a mount.
    """
    kind = _type_of(config)
    type_name = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
    base = find_type(kind).kind
    if base is CachedDataset:
        nested = config.get("dataset")
        if isinstance(nested, Mapping):
            inner = find_type(_type_of(nested, is_nested=True)).kind
            if inner is not None and issubclass(inner, MountableDataset):
                raise AzureMLDatasetError(
                    f"A CachedDataset around {inner.__name__} would hide its mount.",
                    hint=f"Turn them round: type {inner.__name__} with 'dataset: {{type: "
                    "CachedDataset, dataset: ...}'.",
                )
            facts = read_standard_facts(name, type_name, config, project, variables=variables)
            return facts._replace(cached=True)
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
    is_own = base is not None and not base.__module__.startswith("kedro")
    own = base if is_own else None
    return read_standard_facts(name, type_name, config, project, own, variables)


def _type_of(config: Mapping[str, Any], *, is_nested: bool = False) -> str | type:
    """Return an entry's type; refuse one that is not a name, in nested datasets too."""
    kind = config.get("type")
    nested = config.get("dataset")
    if isinstance(nested, Mapping) and "type" in nested:
        _type_of(nested)
    if isinstance(kind, type) or (isinstance(kind, str) and kind.strip()):
        return kind
    if "type" not in config:
        near = get_close_matches("type", map(str, config), 1)
        raise AzureMLDatasetError(
            f"{'The nested dataset' if is_nested else 'The entry'} has no 'type'.",
            hint=f"Write 'type' instead of '{near[0]}'."
            if near
            else "Write a class, for example  type: pandas.ParquetDataset",
        )
    raise AzureMLDatasetError(
        f"The type is {json.dumps(kind, default=str)}, which is not the name of a dataset class.",
        hint="Write a class, for example  type: pandas.ParquetDataset",
    )


def classify_instance(name: str, dataset: Any) -> DatasetFacts:
    """Classify a dataset that a hook has put into the catalog.

    The hook also does so in the step, so only the two wrappers need to be bound.
    """
    kind = type(dataset)
    type_name = f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(dataset, MountableDataset):
        return _wrapper_facts(
            name, type_name, dataset.arguments, is_asset=isinstance(dataset, AzureMLAssetDataset)
        )
    return DatasetFacts(
        name,
        DatasetKind.STANDARD,
        type_name,
        reach=Reach.UNKNOWN,
        address="an instance that a hook adds",
    )


@cache  # most entries of a catalog have the same keys
def _bind_names(wrapper: type, names: tuple[str, ...]) -> None:
    """Raise a TypeError unless a wrapper takes arguments of these names."""
    given = dict.fromkeys(name for name in names if name not in _KEYS_OF_THE_CATALOG)
    inspect.signature(wrapper).bind(**given)


def _check_arguments(wrapper: type, config: Mapping[str, Any]) -> None:
    """Refuse a misspelt or missing argument here, before the first step that uses the entry."""
    if config.get("versioned") and not issubclass(wrapper, AzureMLAssetDataset):
        refuse_versioned(config)
    try:
        _bind_names(wrapper, tuple(config))
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
    _check_nested_types(nested)
    keys = find_path(dict(nested), config.get("filepath_arg", "filepath"))
    value: Any = nested
    for key in keys:
        refuse_versioned(value)
        value = value[key]
    _, relative = split_project_path(str(value))
    root_dir = PurePosixPath(check_root_dir(config.get("root_dir", "data")))
    keeping, keeps = find_keeping_argument(nested)
    if not is_asset:
        return DatasetFacts(
            name,
            DatasetKind.PIPELINE,
            type_name,
            local_path=(root_dir / relative).as_posix(),
            root_dir=root_dir.as_posix(),
            cached=_holds_a_cache(nested),
            keeping_argument=keeping,
            keeps=keeps,
            checkpoint=keeps_checkpoint(nested),
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
    return DatasetFacts(
        name,
        DatasetKind.ASSET,
        type_name,
        asset=asset,
        cached=_holds_a_cache(nested),
        keeping_argument=keeping,
        keeps=keeps,
        checkpoint=keeps_checkpoint(nested),
    )


def _check_nested_types(nested: Mapping[str, Any]) -> None:
    """Refuse a nested dataset without a type, also below the nested ones that need another."""
    kind = _type_of(nested, is_nested=True)
    name = (kind if isinstance(kind, str) else kind.__name__).rpartition(".")[2]
    inner = nested.get("dataset")
    if name in _AROUND_OTHERS and isinstance(inner, Mapping):
        _check_nested_types(inner)


def _holds_a_cache(config: Any) -> bool:
    """Check whether a CachedDataset is anywhere in a nested definition."""
    if not isinstance(config, Mapping):
        return False
    kind = config.get("type")
    name = kind if isinstance(kind, str) else getattr(kind, "__name__", "")
    return name.rpartition(".")[2] == CachedDataset.__name__ or _holds_a_cache(
        config.get("dataset")
    )
