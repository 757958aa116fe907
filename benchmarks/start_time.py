"""Measure `kedro --version` with all of these packages installed, without, and with another plugin.

Kedro imports what a plugin has registered for its command line each time that it starts; Kedro
alone is the floor. Inside a project it also imports the project's settings.

    python benchmarks/start_time.py
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from compile_time import OUR_DATASET, make_project
from recording.environments import PEER, make_ours, make_peer, make_plain
from recording.results import Measurement, from_costs, main
from recording.turns import run, take_turns

if TYPE_CHECKING:
    import argparse


def measure(options: argparse.Namespace) -> list[Measurement]:
    """Start each in turn, outside a project and inside one."""
    pythons = {"all our packages": make_ours(), "Kedro alone": make_plain()}
    if not options.quick:
        pythons[PEER] = make_peer()
    measured = []
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder) / "project", 10, OUR_DATASET, explicit=False)
        for case, place in (("outside a project", Path(folder)), ("in a project", project)):
            ways = {
                name: partial(run, [python, "-m", "kedro", "--version"], place)
                for name, python in pythons.items()
            }
            taken = take_turns(ways, options.rounds)
            measured += from_costs("Starting the command line", case, taken)
    return measured


if __name__ == "__main__":
    main(measure, __doc__)
