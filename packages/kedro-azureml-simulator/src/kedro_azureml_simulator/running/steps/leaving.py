"""What a step leaves: its outputs as Azure ML wants them, and the assets that they register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_simulator.running.data import (
    copy_data,
    describe_difference,
    digest,
    is_empty,
    put_data,
    remove_tree,
)
from kedro_azureml_simulator.running.left_behind import find_files_left_behind
from kedro_azureml_simulator.running.steps.step_places import StepError

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_simulator.planning.plan import PlannedStep
    from kedro_azureml_simulator.run_places import RunFolder, StepFolder
    from kedro_azureml_simulator.running.steps.step_places import Places


def check_read_only(places: Places) -> None:
    """Check that inputs which no kernel protects are as they were.

    Args:
        places: The places of the step, with a digest of each such input.

    Raises:
        StepError: The step has changed one.
    """
    for port, (place, before) in places.digests.items():
        changes = describe_difference(before, digest(place))
        if changes:
            raise StepError(
                f"the step changed its read-only input `{port}`: {changes}; on Azure ML the"
                " write itself fails"
            )


def check_outputs(step: PlannedStep, folder: StepFolder) -> None:
    """Check that each output is a file or a folder, as its type says.

    Args:
        step: The step.
        folder: Its places.

    Raises:
        StepError: One is not.
    """
    for port, output in step.outputs.items():
        place = folder.output(port)
        if output.type != "uri_file" and not place.is_dir():
            raise StepError(f"the output `{port}` is a {output.type}, but no folder is there")
        if output.type == "uri_file" and place.is_dir():
            raise StepError(f"the output `{port}` is a uri_file, but a folder is there")
        if place.is_dir():
            # Finds links that lead nowhere now, in the step that made them.
            is_empty(place)


def register(
    step: PlannedStep, folder: StepFolder, run: RunFolder, registered: dict[str, Path]
) -> None:
    """Put outputs where they have a fixed path, and register the assets.

    Args:
        step: The step.
        folder: Its places.
        run: The folder of the run.
        registered: Gets `name:version` of each asset, with its folder or file.

    Raises:
        StepError: An output that registers an asset was not written.
    """
    for port, output in step.outputs.items():
        place = folder.output(port)
        if output.place is not None and place.exists():
            put_data(place, output.place)
        if output.asset is None:
            continue
        name, version = output.asset
        target = run.asset(name, version)
        if not place.exists():
            raise StepError(
                f"the output `{port}` was not written, so the asset {name}:{version} cannot"
                " be registered"
            )
        remove_tree(target)
        if output.type == "uri_file":
            target.mkdir(parents=True)
            target = target / place.name
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
        copy_data(place, target)
        registered[f"{name}:{version}"] = target


def find_files_to_vanish(step: PlannedStep, folder: StepFolder, places: Places) -> tuple[str, ...]:
    """Return the files that a step left in its working directories and that no output carries.

    Args:
        step: The step.
        folder: Its places.
        places: What its working directories were like before it ran.
    """
    carried = [folder.output(port) for port in step.outputs]
    found: set[str] = set()
    for instance, before in places.stamps.items():
        found.update(
            find_files_left_behind(
                folder.code(instance), before, code=step.code, carried=[*carried, folder.artifacts]
            )
        )
    return tuple(sorted(found))
