"""The pipeline and the pipeline components in it, taken apart into one list of steps.

On Azure ML a pipeline component is itself a step: what is in it starts when all of its
inputs are there, and its outputs are there when all of it has ended (assumed: the service was
not reached). Its steps are called `<component's step>.<step>` here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kedro_azureml_simulator.pipeline.model import NestedPipeline, Output, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_simulator.pipeline.model import Pipeline
    from kedro_azureml_simulator.planning.plan import Mount


@dataclass
class Scope:
    """A pipeline, or a pipeline component where it is used.

    `values` are its inputs as its steps find them: a string, data, or None for one that was
    refused; `absent` are its optional inputs that were not given.
    """

    pipeline: Pipeline
    prefix: str = ""
    parent: Scope | None = None
    node: NestedPipeline | None = None
    has_compute: bool = False
    values: dict[str, str | Mount | None] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    nested: dict[str, Scope] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)

    def all_steps(self) -> Iterator[tuple[str, Scope, Step]]:
        """Yield every step below with its full name and scope, in the order of the YAML."""
        for entry in self.pipeline.steps:
            if isinstance(entry, Step):
                yield f"{self.prefix}{entry.name}", self, entry
            else:
                yield from self.nested[entry.name].all_steps()

    def all_scopes(self) -> Iterator[Scope]:
        """Yield this scope and all below, outer ones first."""
        yield self
        for scope in self.nested.values():
            yield from scope.all_scopes()

    def writer(self, output: str) -> tuple[str, str] | None:
        """Return the full name and port of the step that writes one of its outputs."""
        for entry in self.pipeline.steps:
            for port, given in entry.outputs.items():
                if given.pipeline_output == output:
                    return self.locate(entry.name, port)
        return None

    def locate(self, step: str, port: str) -> tuple[str, str] | None:
        """Return the full name and port of the step that writes an output of an entry."""
        if step in self.steps:
            known = port in self.steps[step].outputs
            return (f"{self.prefix}{step}", port) if known else None
        return self.nested[step].writer(port) if step in self.nested else None

    def effective(self, output: Output) -> Output:
        """Return an output of a step, with what the outputs that it writes say besides."""
        target = self.pipeline.outputs.get(output.pipeline_output or "")
        if target is None:
            return output
        if self.node is not None and self.parent is not None:
            given = self.node.outputs.get(output.pipeline_output or "", Output())
            target = self.parent.effective(given)
        own = output.asset_name is not None
        return Output(
            type=output.type or target.type,
            asset_name=output.asset_name if own else target.asset_name,
            asset_version=output.asset_version if own else target.asset_version,
            pipeline_output=output.pipeline_output,
            address=output.address or target.address,
        )


def take_apart(pipeline: Pipeline) -> Scope:
    """Return the scope of a whole pipeline."""
    return _scope(Scope(pipeline, has_compute=pipeline.has_compute))


def _scope(scope: Scope) -> Scope:
    for entry in scope.pipeline.steps:
        if isinstance(entry, Step):
            scope.steps[entry.name] = entry
        else:
            scope.nested[entry.name] = _scope(
                Scope(
                    entry.pipeline,
                    prefix=f"{scope.prefix}{entry.name}.",
                    parent=scope,
                    node=entry,
                    has_compute=scope.has_compute or entry.has_compute
                    or entry.pipeline.has_compute,
                )
            )  # fmt: skip
    return scope
