"""Where outputs go: their types, the assets that they register, the pipeline's outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_simulator.pipeline.section import did_you_mean
from kedro_azureml_simulator.planning.plan import PlannedOutput
from kedro_azureml_simulator.references import find_mapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kedro_azureml_simulator.planning.scopes import Scope


def plan_outputs(
    root: Scope, references: Iterable[str], provided: Mapping[str, Path]
) -> dict[tuple[str, str], PlannedOutput]:
    """Return the type and the asset of every output port.

    Args:
        root: The whole pipeline; problems go to its sections.
        references: Assets that exist already: an asset without a version gets the next one.
        provided: Local paths that stand for places in datastores.

    Returns:
        The planned output of each `(step, port)`.
    """
    taken: dict[str, set[str]] = {}
    for reference in references:
        name, colon, number = reference.removeprefix("azureml:").partition(":")
        if colon and "://" not in reference:
            taken.setdefault(name, set()).add(number)
    writers: dict[tuple[str, str], str] = {}
    ports = [
        (name, port, scope.effective(output), step.section)
        for name, scope, step in root.all_steps()
        for port, output in step.outputs.items()
    ]
    # Versions that the YAML gives come first: an automatic one must not take their place.
    for _, port, output, section in ports:
        if output.asset_name and output.asset_version:
            asset = (output.asset_name, output.asset_version)
            if asset in writers:
                section.problem(
                    f"outputs.{port}",
                    f"registers {':'.join(asset)}, and so does {writers[asset]}",
                    "give one of them another version",
                    rule="version-twice",
                )
            writers[asset] = f"{section.where}.outputs.{port}"
            taken.setdefault(asset[0], set()).add(asset[1])
    planned: dict[tuple[str, str], PlannedOutput] = {}
    places: dict[str, str] = {}
    for name, port, output, section in ports:
        if output.address and "${{" not in output.address and output.type != "uri_file":
            other = places.setdefault(output.address.rstrip("/"), f"{section.where}.outputs.{port}")
            if other != f"{section.where}.outputs.{port}":
                section.warn(
                    f"outputs.{port}.path",
                    f"{other} has this path too; on Azure ML the step that starts later fails,"
                    " because the folder is not empty",
                    "put ${{name}} and the output's name into each path",
                )
        version: str | None = output.asset_version
        if output.asset_name and version is None:
            known = taken.setdefault(output.asset_name, set())
            version = str(1 + max((int(text) for text in known if text.isdecimal()), default=0))
            known.add(version)
        registered = (output.asset_name, version) if output.asset_name and version else None
        place = find_mapped(output.address, provided) if output.address else None
        planned[name, port] = PlannedOutput(
            output.type or "uri_folder",
            registered,
            place.absolute() if place else None,
            # With `${{name}}` in it the path is another one in each run.
            is_fixed="${{" not in (output.address or ""),
        )
    return planned


def check_pipeline_outputs(root: Scope) -> None:
    """Record outputs of pipelines that do not exist, or that two steps write."""
    for scope in root.all_scopes():
        writers: dict[str, str] = {}
        for entry in scope.pipeline.steps:
            for port, output in entry.outputs.items():
                target = output.pipeline_output
                if target is None:
                    continue
                where = f"{entry.section.where}.outputs.{port}"
                if target not in scope.pipeline.outputs:
                    entry.section.problem(
                        f"outputs.{port}",
                        f"the pipeline has no output `{target}`",
                        did_you_mean(target, scope.pipeline.outputs),
                    )
                elif target in writers:
                    entry.section.problem(
                        f"outputs.{port}",
                        f"writes the pipeline output `{target}`, and so does {writers[target]}",
                        "give each its own pipeline output",
                        rule="two-writers",
                    )
                else:
                    writers[target] = where
