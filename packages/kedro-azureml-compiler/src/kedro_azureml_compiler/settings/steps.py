"""Settings of single steps in `azureml.yml`, as models: the entries of `jobs.<job>.steps`.

The docstrings below the fields are the reference page of the settings.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from kedro_azureml_compiler.settings.fields import (
    BY_KIND,
    SECTION,
    TEXT,
    Count,
    CountOrZero,
    Name,
    Section,
    SectionWithType,
    TextOrNumber,
)

_SIZE = re.compile(r"[1-9]\d*[bkmg]", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _can_be_a_variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise ValueError(f"'{name}' is not a valid name of an environment variable")
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
    """An environment that is described here, instead of a registered one."""

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
            raise ValueError("'conda_file' needs 'image'; with 'build', use the Dockerfile")
        return self


class Distribution(SectionWithType):
    """How the processes of a distributed step are started."""

    type: Literal["pytorch", "mpi", "tensorflow"]
    """The kind of processes."""
    process_count_per_instance: Count | None = None
    """Processes on each instance, for `pytorch` and `mpi`."""
    worker_count: Count | None = None
    """Workers, for `tensorflow`."""
    parameter_server_count: CountOrZero | None = None
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
    """The identity with which a step accesses data and other services."""

    type: Literal["managed", "user_identity", "aml_token"]
    """The kind of identity."""
    client_id: str | None = None
    """The managed identity, if the compute has several."""
    object_id: str | None = None
    """The same by its object id."""
    msi_resource_id: str | None = None
    """The same by its resource."""

    @model_validator(mode="after")
    def _ids_name_a_managed_identity(self) -> Identity:
        given = [k for k in ("client_id", "object_id", "msi_resource_id") if getattr(self, k)]
        if given and self.type != "managed":
            raise ValueError(f"'{given[0]}' needs 'type: managed'")
        return self


Environment = Annotated[Annotated[Name, TEXT] | Annotated[InlineEnvironment, SECTION], BY_KIND]
"""A reference to an environment, or its description."""


class OutputPlace(Section):
    """Where and how a step stores its outputs."""

    mode: Literal["rw_mount", "upload"] | None = None
    """`rw_mount` writes directly, `upload` uploads everything at the end of the step."""
    datastore: Name | None = None
    """A datastore of the workspace; the default one otherwise."""
    path: Name | None = None
    r"""A folder in it. It may contain `\${{name}}` (the run) and `\${{output_name}}`, each with a
    backslash, because `${` starts a reference to another setting."""


class StepSettings(Section):
    """Settings of some steps. The job's setting applies to a value that is not set."""

    compute: Name | None = None
    """Name of an entry of `compute`."""
    instance_type: Name | None = None
    """For Kubernetes computes."""
    instance_count: Count | None = None
    """Number of machines that run the step."""
    distribution: Distribution | None = None
    """How the processes of a distributed step are started."""
    environment: Environment | None = None
    """The environment of the step: `my-env@latest`, a reference to a registry, or a description."""
    timeout: Count | None = None
    """Maximum duration of the step in seconds."""
    environment_variables: dict[VariableName, TextOrNumber] = Field(default_factory=dict)
    """Environment variables of the step, by name."""
    shm_size: str | None = None
    """Shared memory of the container, for example `2g`."""
    docker_args: str | None = None
    """Arguments for `docker run`."""
    identity: Identity | None = None
    """The identity with which the step accesses data and other services."""
    input_mode: Literal["ro_mount", "download"] | None = None
    """How the inputs reach the step."""
    output: OutputPlace | None = None
    """Where and how the step stores its outputs."""

    @field_validator("shm_size")
    @classmethod
    def _size_has_a_unit(cls, value: str | None) -> str | None:
        if value is not None and not _SIZE.fullmatch(value):
            raise ValueError(
                f"expected a number with a unit (b, k, m, g), for example 2g, found '{value}'"
            )
        return value
