"""What the steps of one run share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.planning.plan import Plan
    from kedro_azureml_simulator.processes.containers import Containers
    from kedro_azureml_simulator.processes.isolation import Isolation
    from kedro_azureml_simulator.processes.processes import Supervisor
    from kedro_azureml_simulator.run_places import RunFolder
    from kedro_azureml_simulator.running.pythons.step_pythons import StepPython
    from kedro_azureml_simulator.running.reuse import Fingerprints, Identity
    from kedro_azureml_simulator.running.working_folders import WorkingFolders


@dataclass
class Run:
    """What the steps of a run share.

    `identities` are those of the steps that have completed; `reuse`, `keep` and `interactive`
    are what the caller asked for.
    """

    plan: Plan
    folder: RunFolder
    supervisor: Supervisor
    isolation: Isolation
    bash: Path
    pythons: Mapping[str, StepPython]
    fingerprints: Fingerprints
    identities: dict[str, Identity]
    working: WorkingFolders
    reuse: bool = False
    keep: bool = False
    interactive: bool = False
    max_workers: int = 2
    max_trials: int | None = None
    step_overhead_s: float = 0.0
    containers: Containers | None = None
