"""Settings of single steps in `azureml.yml`, as models: what stands below `jobs.<job>.steps`.

The texts below the fields are the reference page of the settings.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from kedro_azureml_compiler.settings.fields import (
    BY_KIND,
    LARGEST_COUNT,
    SECTION,
    TEXT,
    Count,
    Name,
    Section,
    SectionWithType,
    TextOrNumber,
)

_SIZE = re.compile(r"[1-9]\d*[bkmg]", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _can_be_a_variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise ValueError(f"'{name}' cannot be the name of an environment variable")
    return name


VariableName = Annotated[str, AfterValidator(_can_be_a_variable)]
"""Name of an environment variable."""


class BuildContext(Section):
    """A folder with a Dockerfile, from which Azure ML builds the image."""

    path: Name
    """The folder, relative to the project."""
    dockerfile_path: Name = "Dockerfile"
    """The Dockerfile, relative to that folder."""


class InlineEnvironment(Section):
    """An environment that is described here, in place of one that the workspace knows."""

    image: Name | None = None
    """A Docker image. Exactly one of this and `build`."""
    conda_file: (
        Annotated[Annotated[Name, TEXT] | Annotated[dict[str, Any], SECTION], BY_KIND] | None
    ) = None
    """A conda file, relative to the project, or its content. Goes with `image`."""
    build: BuildContext | None = None
    """A folder with a Dockerfile. Exactly one of this and `image`."""

    @model_validator(mode="after")
    def _image_or_build(self) -> InlineEnvironment:
        if (self.image is None) == (self.build is None):
            raise ValueError("write exactly one of 'image' and 'build'")
        if self.build is not None and self.conda_file is not None:
            raise ValueError("'conda_file' goes with 'image'; with 'build', the Dockerfile says it")
        return self


class Distribution(SectionWithType):
    """How the processes of a distributed step are started."""

    type: Literal["pytorch", "mpi", "tensorflow"]
    """The kind of processes."""
    process_count_per_instance: Count | None = None
    """Processes on each instance, for `pytorch` and `mpi`."""
    worker_count: Count | None = None
    """Workers, for `tensorflow`."""
    parameter_server_count: Annotated[int, Field(ge=0, le=LARGEST_COUNT)] | None = None
    """Parameter servers, for `tensorflow`."""

    @model_validator(mode="after")
    def _counts_fit_the_type(self) -> Distribution:
        of_others = {"process_count_per_instance"}
        if self.type != "tensorflow":
            of_others = {"worker_count", "parameter_server_count"}
        for key in sorted(of_others):
            if getattr(self, key) is not None:
                raise ValueError(f"'{key}' is not a setting of '{self.type}'")
        return self


class Identity(SectionWithType):
    """As whom a step asks for data and other services."""

    type: Literal["managed", "user_identity", "aml_token"]
    """Whose identity."""
    client_id: str | None = None
    """Which managed identity, where the compute has several."""
    object_id: str | None = None
    """The same by another id."""
    msi_resource_id: str | None = None
    """The same by its resource."""

    @model_validator(mode="after")
    def _ids_name_a_managed_identity(self) -> Identity:
        given = [k for k in ("client_id", "object_id", "msi_resource_id") if getattr(self, k)]
        if given and self.type != "managed":
            raise ValueError(f"'{given[0]}' goes with 'type: managed'")
        return self


Environment = Annotated[Annotated[Name, TEXT] | Annotated[InlineEnvironment, SECTION], BY_KIND]
"""A reference to an environment, or its description."""


class OutputPlace(Section):
    """Where and how a step leaves its outputs."""

    mode: Literal["rw_mount", "upload"] | None = None
    """`rw_mount` writes through, `upload` sends everything at the step's end."""
    datastore: Name | None = None
    """A datastore of the workspace; the default one otherwise."""
    path: Name | None = None
    r"""A folder in it. `\${{name}}` (the run) and `\${{output_name}}` may stand in it, each with a
    backslash before it, for `${` starts a reference to another setting."""


class StepSettings(Section):
    """What is different for some steps. A value that is not given is left to the job."""

    compute: Name | None = None
    """Name of an entry of `compute`."""
    instance_type: Name | None = None
    """For Kubernetes computes."""
    instance_count: Count | None = None
    """Machines that run the step together."""
    distribution: Distribution | None = None
    """How the processes of a distributed step are started."""
    environment: Environment | None = None
    """What the step runs in: `my-env@latest`, a reference into a registry, or a description."""
    timeout: Count | None = None
    """Seconds that the step may take."""
    environment_variables: dict[VariableName, TextOrNumber] = Field(default_factory=dict)
    """Variables of the step, by name."""
    shm_size: str | None = None
    """Shared memory of the container, for example `2g`."""
    docker_args: str | None = None
    """Arguments for `docker run`."""
    identity: Identity | None = None
    """As whom the step asks for data and other services."""
    input_mode: Literal["ro_mount", "download"] | None = None
    """How its inputs reach the step."""
    output: OutputPlace | None = None
    """Where and how the step leaves its outputs."""

    @field_validator("shm_size")
    @classmethod
    def _size_has_a_unit(cls, value: str | None) -> str | None:
        if value is not None and not _SIZE.fullmatch(value):
            raise ValueError(f"write a number and one of b, k, m, g, for example 2g, not '{value}'")
        return value
