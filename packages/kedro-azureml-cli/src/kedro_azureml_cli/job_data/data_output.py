"""Show the datasets of a submitted job, as text or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_cli.terminal.tables import format_json, format_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kedro_azureml_cli.jobs.remote.datasets import RemoteDataset


def list_as_text(found: Sequence[RemoteDataset]) -> str:
    """Return a table of datasets.

    Args:
        found: The datasets.
    """
    rows = [
        (
            each.name,
            each.role,
            each.step or "-",
            each.located.kind if each.located else "-",
            each.located.uri if each.located else each.why_not,
        )
        for each in found
    ]
    return format_table(("dataset", "role", "from step", "type", "where"), rows)


def list_as_json(job: str, found: Sequence[RemoteDataset]) -> str:
    """Return datasets as JSON.

    Args:
        job: The job's name in Azure ML.
        found: The datasets.
    """
    datasets = [
        {
            "dataset": each.name,
            "role": each.role,
            "step": each.step or None,
            "type": each.located.kind if each.located else None,
            "uri": each.located.uri if each.located else None,
            "missing": each.why_not or None,
        }
        for each in found
    ]
    return format_json({"job": job, "datasets": datasets})


def places_as_text(places: Mapping[str, Path]) -> str:
    """Return a line for each dataset that is on this machine.

    Args:
        places: Dataset to its file or folder.
    """
    return "".join(f"{name}: {place}\n" for name, place in places.items())


def places_as_json(job: str, places: Mapping[str, Path]) -> str:
    """Return where datasets are on this machine, as JSON.

    Args:
        job: The job's name in Azure ML.
        places: Dataset to its file or folder.
    """
    datasets = [{"dataset": name, "path": str(place)} for name, place in places.items()]
    return format_json({"job": job, "datasets": datasets})
