"""How a compiled job is simulated: the options of the command, and what the project knows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator import Mappings, make_run_arguments, read_mappings_for

from kedro_azureml_cli.simulation.asset_paths import find_local_assets
from kedro_azureml_cli.simulation.code_in_image import refuse_code_in_image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_compiler import CompiledJob

_KINDS = ("assets", "environments", "components", "images")


def read_mappings(project: Path, run: Mapping[str, Any]) -> Mappings:
    """Return what the options of a run map, over what `azureml-simulate.yml` maps.

    Args:
        project: The project's folder.
        run: The values of the options of a run, by `RunOption.argument`.

    Raises:
        SimulatorError: The file with mappings cannot be read.
    """
    arguments = make_run_arguments(run)
    given = Mappings(**{kind: arguments[kind] for kind in _KINDS})
    return given.over(read_mappings_for(project / "azureml.yml", arguments["config"]))


def make_bundle_arguments(
    compiled: CompiledJob, project: Path, run: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments of `simulate` for a bundle.

    An asset is what an option maps it to, or else `azureml-simulate.yml` in the project's folder,
    or else a version of it on this machine.

    Args:
        compiled: The job.
        project: The project's folder.
        run: The values of the options of a run, by `RunOption.argument`.

    Raises:
        CodeInImageError: The job takes its code from an image, and runs in none.
        AssetNotHereError: A version of an asset is not on this machine.
        SimulatorError: The file with mappings cannot be read.
    """
    arguments = make_run_arguments(run)
    if arguments["engine"] is None:
        refuse_code_in_image(compiled.plan.job, compiled.bundle)
    mappings = read_mappings(project, run)
    del arguments["config"]
    arguments.update({kind: getattr(mappings, kind) for kind in _KINDS})
    arguments["assets"] = {
        **find_local_assets(
            compiled.plan,
            project,
            compiled.workspace,
            mapped=mappings.assets,
            are_read=not run["validate"],
        ),
        **mappings.assets,
    }
    # Not resolved: a virtual environment is known by its interpreter's path.
    arguments["python"] = Path(arguments["python"] or sys.executable).absolute()
    return arguments
