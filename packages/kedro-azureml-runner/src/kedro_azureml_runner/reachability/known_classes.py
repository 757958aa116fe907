"""Judge an entry whose class is of kedro-datasets: a table says which arguments hold addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from kedro_azureml_runner.reachability.addresses import Address, Reach, judge_address
from kedro_azureml_runner.reachability.connections import (
    find_engine,
    find_loopback_hosts,
    judge_connection,
    judge_connection_text,
    judge_engine,
)
from kedro_azureml_runner.reachability.dataset_addresses import ADDRESS_ARGUMENTS
from kedro_azureml_runner.reachability.verdicts import Found, Role

_QUERY_FILES = frozenset(
    {
        "kedro_datasets_experimental.polars.PolarsDatabaseDataset",
        "pandas.GBQQueryDataset",
        "pandas.SQLQueryDataset",
        "spark.GBQQueryDataset",
    }
)
"""Classes whose `filepath` is the text of a query."""

_FILE_ARGUMENTS = ("filepath", "path", "index_path", "location", "repo")


def make_class_key(type_name: str) -> str:
    """Return how the tables name a class, from any of its names.

    Args:
        type_name: Its type, as the catalog or the class names it.

    Example:
        >>> make_class_key("kedro_datasets.pandas.csv_dataset.CSVDataset")
        'pandas.CSVDataset'
    """
    parts = type_name.split(".")
    if parts[0] == "kedro_datasets":
        parts = parts[1:]
    if parts[0] == "kedro_datasets_experimental":
        return ".".join([*parts[:2], parts[-1]])
    return ".".join([parts[0], parts[-1]]) if len(parts) > 1 else type_name


def judge_known_class(key: str, config: Mapping[str, Any]) -> Iterator[Found]:
    """Judge the arguments of a class of which the table says which hold addresses.

    Args:
        key: The class, from `make_class_key`.
        config: The entry's configuration, with its credentials in it.
    """
    arguments = ADDRESS_ARGUMENTS[key]
    has_file = False
    for argument in arguments:
        value = config.get(argument)
        if argument in _FILE_ARGUMENTS and isinstance(value, (str, PurePath)):
            is_query = argument == "filepath" and key in _QUERY_FILES
            role = Role.QUERY if is_query else Role.DATA
            has_file = has_file or not is_query
            yield Found(argument, judge_address(str(value), is_file=True), role)
        elif argument == "checkpoint":
            file = value.get("filepath") if isinstance(value, Mapping) else value
            if isinstance(file, (str, PurePath)):
                yield Found(argument, judge_address(str(file), is_file=True), Role.CHECKPOINT)
    if not has_file:
        yield from _connections(arguments, config)
    yield from find_loopback_hosts(config, "")


def _connections(arguments: tuple[str, ...], config: Mapping[str, Any]) -> Iterator[Found]:
    """Judge how a class connects: Ibis merges the credentials into the connection."""
    merged = {
        inner: value
        for argument in ("connection", "credentials")
        if argument in arguments and isinstance(config.get(argument), Mapping)
        for inner, value in config[argument].items()
    }
    engine = find_engine(merged) or find_engine(config)
    if engine:
        source = merged if find_engine(merged) else config
        held = config.get("connection")
        prefix = "connection." if isinstance(held, Mapping) and find_engine(held) else ""
        yield from judge_engine(engine, {**source, **merged}, prefix)
        return
    for argument in arguments:
        value = config.get(argument)
        if argument in _FILE_ARGUMENTS or argument == "checkpoint" or value is None:
            continue
        if isinstance(value, str):
            yield from judge_connection_text(argument, value)
        elif isinstance(value, Mapping):
            yield from judge_connection(value, f"{argument}.")
    if config.get("catalog_type"):
        yield Found("catalog_type", Address(Reach.REACHABLE, "a catalog server"))
