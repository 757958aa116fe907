"""Count what is installed in a step's image: megabytes without bytecode, and distributions.

The floor is what any step needs: Kedro, kedro-datasets and cloudpickle.

    python benchmarks/step_environment.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recording.environments import PEER, list_versions, make_peer, make_plain, make_step
from recording.results import Measurement, main

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def installed_mb(python: Path) -> float:
    """Return the size of the files of an environment's distributions, in MB."""
    (packages,) = python.parents[1].glob("lib/python*/site-packages")
    files = (file for file in packages.rglob("*") if "__pycache__" not in file.parts)
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def measure(options: argparse.Namespace) -> list[Measurement]:
    """Look into the three environments."""
    pythons = {"kedro-azureml-datasets": make_step(), "Kedro alone": make_plain()}
    if not options.quick:
        pythons[PEER] = make_peer()
    counts = {
        "MB": {way: installed_mb(python) for way, python in pythons.items()},
        "distributions": {way: len(list_versions(python)) for way, python in pythons.items()},
    }
    return [
        Measurement(
            "The image of a step", "installed", unit, {way: [n] for way, n in found.items()}
        )
        for unit, found in counts.items()
    ]


if __name__ == "__main__":
    main(measure, __doc__)
