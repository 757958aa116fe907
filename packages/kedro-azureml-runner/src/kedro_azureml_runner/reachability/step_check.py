"""Check in a step that what other steps use as well is not on the step's own machine.

The compiler has judged the configuration as it is where the job was compiled; variables and secrets
that only the step has can change an address.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.credentials.filling import read_entry_configuration

from kedro_azureml_runner.reachability.addresses import Reach
from kedro_azureml_runner.reachability.entries import judge_entry
from kedro_azureml_runner.step_errors import StepDataError

if TYPE_CHECKING:
    from collections.abc import Collection

    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline


def refuse_local_addresses(
    pipeline: Pipeline, catalog: CatalogProtocol[Any, Any], names: Collection[str]
) -> None:
    """Refuse datasets that other steps use as well and that only this machine reaches.

    Args:
        pipeline: The nodes of the step.
        catalog: The session's catalog.
        names: The datasets, without transcoding.

    Raises:
        StepDataError: The address of one is local, or nothing says where it is.
    """
    for name in sorted(pipeline.datasets()):
        if name.partition("@")[0] not in names or name not in catalog:
            continue
        config = read_entry_configuration(catalog, name)
        if config is None:
            continue
        kind = type(catalog.get(name))
        name_of_kind = f"{kind.__module__}.{kind.__qualname__}"
        verdict = judge_entry(name_of_kind, config, read_defaults(kind), os.environ)
        if verdict.reach is Reach.REACHABLE:
            continue
        what = f"'{verdict.argument}' is {verdict.what}" if verdict.argument else verdict.what
        raise StepDataError(
            f"The steps that use '{name}' would not reach the same data: {what}.",
            dataset=name,
            hint="Give this step an address that every container reaches. If every container does "
            f"reach this one, write  external: ['{name}']  in the job in azureml.yml.",
        )


def read_defaults(kind: type) -> dict[str, Any]:
    """Return what may be an address and is taken by a class where an entry gives nothing.

    Args:
        kind: The class; the factories of a dataclass and of `attrs` give their defaults too.
    """
    try:
        parameters = inspect.signature(kind).parameters.values()
    except (TypeError, ValueError):
        return {}
    defaults = {p.name: p.default for p in parameters}
    return {
        name: value
        for name, value in {**defaults, **dict(_made_defaults(kind))}.items()
        if isinstance(value, (str, PurePath, Mapping, list, tuple))
    }


def _made_defaults(kind: type) -> Iterator[tuple[str, Any]]:
    for name, field in getattr(kind, "__dataclass_fields__", {}).items():
        if callable(field.default_factory):
            yield name, _made(field.default_factory)
    for attribute in getattr(kind, "__attrs_attrs__", ()):
        factory = getattr(attribute.default, "factory", None)
        if callable(factory) and not attribute.default.takes_self:
            yield attribute.name.lstrip("_"), _made(factory)


def _made(factory: Any) -> Any:
    try:
        return factory()
    except Exception:  # the project's own code; it is run again where the dataset is built
        return None
