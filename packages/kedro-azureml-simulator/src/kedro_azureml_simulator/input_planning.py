"""Where inputs come from: each binding followed to a text, a local path or a step's output."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_azureml_simulator.data import holds_a_file
from kedro_azureml_simulator.model import AssetData, FromPipelineInput, FromStepOutput, Text
from kedro_azureml_simulator.plan import Mount
from kedro_azureml_simulator.yaml_reader import did_you_mean, is_literal_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.model import (
        InputDeclaration,
        LocalData,
        PipelineInput,
        Step,
        StepInput,
    )
    from kedro_azureml_simulator.plan import PlannedOutput
    from kedro_azureml_simulator.yaml_reader import Section


class InputPlanner:
    """Follows bindings.

    Args:
        job: The section of the whole YAML, for problems.
        values: The pipeline's inputs.
        steps: The steps by their name.
        outputs: What is planned for each `(step, port)`.
        assets: Local data for asset references.
    """

    def __init__(
        self,
        job: Section,
        values: Mapping[str, PipelineInput],
        steps: Mapping[str, Step],
        outputs: Mapping[tuple[str, str], PlannedOutput],
        assets: Mapping[str, Path],
    ) -> None:
        self._job = job
        self._values = values
        self._steps = steps
        self._outputs = outputs
        self._assets = assets
        self._checked: set[LocalData | AssetData] = set()

    def follow(
        self, where: str, binding: StepInput, declared: InputDeclaration | None = None
    ) -> str | Mount | None:
        """Return the text or the data of a binding, None (and a problem) if it has none."""
        if isinstance(binding, FromPipelineInput):
            source = self._values.get(binding.name)
            if source is None:
                # An input that was refused when it was read is not unknown as well.
                if binding.name not in self._job.section("inputs").values:
                    self._job.problem(
                        where,
                        f"the pipeline has no input `{binding.name}`",
                        did_you_mean(binding.name, self._values),
                    )
                return None
            if binding.mode is not None and not isinstance(source, Text):
                source = replace(source, mode=binding.mode)
            binding = source
        if isinstance(binding, Text):
            return self._text(where, binding.text, declared)
        if isinstance(binding, FromStepOutput):
            mount = self._from_step(where, binding)
        else:
            mount = self.local(where, binding)
        if mount is not None and declared is not None and declared.type != mount.type:
            self._job.problem(
                where,
                f"the component wants a {declared.type} here, and gets a {mount.type}",
                "change one of the two types",
            )
        return mount

    def local(self, where: str, data: LocalData | AssetData) -> Mount:
        """Return local data as a mount; note, once, where there is none."""
        if isinstance(data, AssetData):
            path = self._assets.get(data.reference)
            source = f"the asset {data.reference}"
        else:
            path = data.path
            source = f"the local path {data.path}"
        same = replace(data, mode="ro_mount")
        if same not in self._checked:
            self._checked.add(same)
            self._check_local(where, data, path, source)
        # Absolute, because steps run elsewhere; unresolved, because a link's name is the name.
        return Mount(data.type, data.mode, source, path.absolute() if path else None)

    def _check_local(
        self, where: str, data: LocalData | AssetData, path: Path | None, source: str
    ) -> None:
        if path is None and isinstance(data, AssetData):
            self._job.problem(
                where,
                f"the asset `{data.reference}` has no local data",
                f"pass assets={{{data.reference!r}: <path>}}, on the command line"
                f" --asset {data.reference}=<path>",
            )
        elif path is None:
            return
        elif not path.exists():
            self._job.problem(where, f"{source} does not exist ({path})", "check the path")
        elif data.type == "uri_folder" and not path.is_dir():
            self._job.problem(where, f"{source} is not a folder", "write `type: uri_file`")
        elif data.type == "uri_file" and not path.is_file():
            self._job.problem(where, f"{source} is not a file", "write `type: uri_folder`")
        elif not isinstance(data, AssetData) and path.is_dir() and not holds_a_file(path):
            # The SDK refuses to upload it. An empty asset exists already, and fails its step.
            self._job.problem(where, f"{source} is empty", "an empty folder cannot be uploaded")

    def _text(self, where: str, text: str, declared: InputDeclaration | None) -> str | None:
        if "\0" in text:
            self._job.problem(where, "holds a NUL character, which no shell can take")
        if declared is None:
            return text
        if declared.is_data:
            self._job.problem(
                where,
                f"the component wants a {declared.type} here, and gets the text `{text}`",
                f"write {{type: {declared.type}, path: ...}}, or bind it",
            )
            return None
        if not is_literal_of(declared.type, text):
            self._job.problem(where, f"`{text}` is not of the component's type {declared.type}")
        elif declared.choices and text not in declared.choices:
            self._job.problem(
                where, f"`{text}` is not in the component's enum", ", ".join(declared.choices)
            )
        return text

    def _from_step(self, where: str, binding: FromStepOutput) -> Mount | None:
        producer = self._steps.get(binding.step)
        if producer is None:
            # A step that was refused when it was read is not missing as well.
            if binding.step not in self._job.section("jobs").values:
                self._job.problem(
                    where,
                    f"there is no step `{binding.step}`",
                    did_you_mean(binding.step, self._steps),
                )
            return None
        output = self._outputs.get((binding.step, binding.port))
        if output is None:
            self._job.problem(
                where,
                f"the step `{binding.step}` has no output `{binding.port}`",
                did_you_mean(binding.port, producer.outputs),
            )
            return None
        return Mount(
            type=output.type,
            mode=binding.mode or "ro_mount",
            source=f"the output `{binding.port}` of the step `{binding.step}`",
            producer=binding.step,
            port=binding.port,
        )
