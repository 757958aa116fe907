"""Load what two runs have left with the project's own datasets, and compare it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset
from kedro_azureml_datasets import MountableDataset

from .differences import Difference
from .object_comparison import find_difference
from .project_session import open_session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def compare_loaded(request: Mapping[str, Any]) -> dict[str, dict[str, Any] | None]:
    """Compare datasets whose bytes differ.

    Args:
        request: `session`, how to open the project in the working directory, and `pairs`: for each
            dataset its `name`, its `entry` in the catalog (None for one in memory), and two places,
            `local` and `job`.

    Returns:
        For each name None where both are the same, or `text` and `known` of the difference.
    """
    with open_session(request["session"]) as opened:
        catalog: Any = opened.session.load_context(**opened.late).catalog
        found = {pair["name"]: _compare(pair, catalog) for pair in request["pairs"]}
    return {
        name: None if difference is None else vars(difference) for name, difference in found.items()
    }


def _compare(pair: Mapping[str, Any], catalog: Any) -> Difference | None:
    try:
        load = _loader(pair["entry"], catalog)
    except Exception as error:  # whatever stands in the catalog
        return Difference(_add_error("it cannot be loaded", error), known=False)
    loaded, failures = {}, {}
    for side in ("local", "job"):
        try:
            loaded[side] = load(Path(pair[side]))
        except Exception as error:
            failures[side] = error
    if len(failures) == 2:
        return Difference(_add_error("it cannot be loaded", failures["local"]), known=False)
    for side, failure in failures.items():
        whose = {"local": "the local run", "job": "the job"}[side]
        return Difference(_add_error(f"what {whose} has left cannot be loaded", failure))
    if all(map(_is_partitioned, loaded.values())):
        return _compare_partitions(loaded["local"], loaded["job"])
    return find_difference(loaded["local"], loaded["job"])


def _loader(entry: str | None, catalog: Any) -> Callable[[Path], Any]:
    if entry is None:
        return _unpickle
    dataset = catalog.get(entry)
    if not isinstance(dataset, MountableDataset):
        message = f"the catalog has no dataset '{entry}' that can be moved"
        raise TypeError(message)
    return lambda mount: dataset.at(mount).load()


def _unpickle(mount: Path) -> Any:
    import pickle

    with mount.open("rb") as file:
        return pickle.load(file)  # noqa: S301  (written a moment ago, by the project's own nodes)


def _is_partitioned(loaded: Any) -> bool:
    """Recognise partitions by what loads each of them: a bound `load` of a dataset."""
    return (
        isinstance(loaded, dict)
        and bool(loaded)
        and all(
            inspect.ismethod(value) and isinstance(value.__self__, AbstractDataset)
            for value in loaded.values()
        )
    )


def _compare_partitions(local: dict[str, Any], job: dict[str, Any]) -> Difference | None:
    """Compare partitions one by one: all together may be more than memory holds."""
    if local.keys() != job.keys():
        return find_difference(dict.fromkeys(local), dict.fromkeys(job))
    doubt = None
    for name, load in local.items():
        difference = find_difference(load(), job[name]())
        if difference is None:
            continue
        told = Difference(f"[{name!r}] {difference.text}", difference.known)
        if difference.known:
            return told
        doubt = doubt or told
    return doubt


def _add_error(what: str, error: Exception) -> str:
    return f"{what}: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
