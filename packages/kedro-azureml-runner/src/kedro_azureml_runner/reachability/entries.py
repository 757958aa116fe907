"""Judge whether every container reaches what a catalog entry names, by its configuration.

The compiler applies these rules to configuration, and a step to the values that only it knows,
before its first node. Needs nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kedro_azureml_runner.reachability.addresses import Reach, judge_address
from kedro_azureml_runner.reachability.any_classes import judge_any_class
from kedro_azureml_runner.reachability.dataset_addresses import ADDRESS_ARGUMENTS, DEFAULT_ADDRESSES
from kedro_azureml_runner.reachability.known_classes import judge_known_class, make_class_key
from kedro_azureml_runner.reachability.verdicts import Found, Place, Role, Verdict

SERVER_CLASSES = frozenset(
    {
        "databricks.ManagedTableDataset",
        "huggingface.HFDataset",
        "huggingface.HFTransformerPipelineDataset",
        "kedro_datasets_experimental.databricks.ExternalTableDataset",
        "kedro_mlflow.MlflowModelRegistryDataset",
        "langchain.ChatAnthropicDataset",
        "langchain.ChatCohereDataset",
        "langchain.ChatOpenAIDataset",
        "langchain.OpenAIEmbeddingsDataset",
        "pandas.GBQQueryDataset",
        "pandas.GBQTableDataset",
        "snowflake.SnowparkTableDataset",
        "spark.GBQQueryDataset",
    }
)
"""Classes whose data a server holds, whatever their arguments."""

_IN_MLFLOW_RUN = frozenset(
    {
        "kedro_mlflow.MlflowMetricDataset",
        "kedro_mlflow.MlflowMetricHistoryDataset",
        "kedro_mlflow.MlflowMetricsDataset",
        "kedro_mlflow.MlflowMetricsHistoryDataset",
        "kedro_mlflow.MlflowModelTrackingDataset",
    }
)
"""Classes that keep their data in an MLflow run: the active one, unless they are given one."""

DEFAULT_VARIABLES = {"redis.PickleDataset": "REDIS_URL"}
"""Environment variables that replace the default address of a class."""

OWN_MLFLOW_RUN = "the MLflow run of the step"
"""What is said of a dataset in the run that is active: every step has its own."""


def judge_entry(
    type_name: str,
    config: Mapping[str, Any],
    defaults: Mapping[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Verdict:
    """Judge a catalog entry by its configuration, without building it.

    Args:
        type_name: Its type, as the catalog or the class names it.
        config: Its configuration, with its credentials in it.
        defaults: Values that its class has for arguments which the entry does not give; needed
            for classes that are not of kedro-datasets.
        variables: Environment variables of the step, as far as they are known: a class may take
            its default from one.

    Returns:
        What is known. A local address decides before one that is reachable.

    Example:
        >>> judge_entry("pandas.CSVDataset", {"filepath": "s3://bucket/x.csv"}).reach.value
        'reachable'
        >>> entry = {"table_name": "t", "credentials": {"con": "sqlite:///data/my.db"}}
        >>> verdict = judge_entry("pandas.SQLTableDataset", entry)
        >>> verdict.reach.value, verdict.argument, verdict.places[0].path
        ('local', 'credentials.con', 'data/my.db')
    """
    key = make_class_key(type_name)
    if key in _IN_MLFLOW_RUN:
        load_args = config.get("load_args")
        given = [config, load_args if isinstance(load_args, Mapping) else {}]
        if any(each.get("run_id") for each in given):
            return Verdict(Reach.REACHABLE, "an MLflow run")
        return Verdict(Reach.LOCAL, OWN_MLFLOW_RUN)
    if key in ADDRESS_ARGUMENTS:
        found = list(judge_known_class(key, config))
    else:
        found = list(judge_any_class({**(defaults or {}), **config}))
    places = tuple(
        Place(f.address.path, f.argument, f.role, f.known) for f in found if f.address.path
    )
    for each in sorted(found, key=_rank):
        address = each.address
        if address.reach is Reach.UNRESOLVED and key in SERVER_CLASSES:
            continue
        if each.role in {Role.DATA, Role.DATABASE}:
            return Verdict(address.reach, address.what, each.argument, address.loopback, places)
    if key in SERVER_CLASSES:
        return Verdict(Reach.REACHABLE, "a server", places=places)
    if key in DEFAULT_ADDRESSES:
        set_by_variable = (variables or {}).get(DEFAULT_VARIABLES.get(key, ""))
        default = judge_address(set_by_variable or DEFAULT_ADDRESSES[key])
        what = f"the default of its class, {default.what}"
        return Verdict(default.reach, what, loopback=default.loopback, places=places)
    return Verdict(Reach.UNKNOWN, "no address", places=places)


def _rank(found: Found) -> int:
    """Order what was found by who decides: what is local first, what may be no address last."""
    order = (Reach.LOCAL, Reach.UNRESOLVED, Reach.REACHABLE, Reach.UNKNOWN)
    return order.index(found.address.reach) + (0 if found.is_address else len(order))
