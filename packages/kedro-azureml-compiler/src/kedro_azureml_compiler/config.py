"""The settings in `azureml.yml`, as models that say where a file is wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from kedro_azureml_datasets import KedroAzureMLError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

DEFAULT = "__default__"
"""Name of the entry that serves where no other is named."""

Name = Annotated[str, Field(min_length=1)]


class ConfigError(KedroAzureMLError):
    """`azureml.yml` says something that has no meaning; every place is named at once."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Workspace(_Section):
    """One Azure ML workspace."""

    subscription_id: Name
    resource_group: Name
    name: Name


class Compute(_Section):
    """One compute. Its name in `azureml.yml` doubles as a node tag: such a node runs there."""

    cluster_name: str | None = None
    instance_type: str | None = None


class Execution(_Section):
    """What the code of a step runs in, and how it gets there."""

    environment: str | None = None
    code_directory: str | None = "."
    working_directory: str | None = None


class Cron(_Section):
    """A schedule as a cron expression."""

    expression: Name
    time_zone: str = "UTC"
    start_time: str | None = None
    end_time: str | None = None


class RecurrencePattern(_Section):
    """The hours, minutes and week days of a recurrence."""

    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    week_days: tuple[str, ...] = ()


class Recurrence(_Section):
    """A schedule as an interval."""

    frequency: Literal["minute", "hour", "day", "week", "month"]
    interval: Annotated[int, Field(ge=1)]
    time_zone: str = "UTC"
    start_time: str | None = None
    end_time: str | None = None
    pattern: RecurrencePattern | None = Field(None, alias="schedule")


class Schedule(_Section):
    """When a job runs by itself."""

    cron: Cron | None = None
    recurrence: Recurrence | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Schedule:
        if (self.cron is None) == (self.recurrence is None):
            raise ValueError("write exactly one of 'cron' and 'recurrence'")
        return self


class Notifications(_Section):
    """Whom to tell about a job."""

    webhook_env: str | None = None
    token_env: str | None = None
    channel: str | None = None
    events: tuple[Literal["start", "success", "failure", "warning", "recovered"], ...] = ()
    payload: str | None = None
    wait_timeout: int | None = None
    warning_repeat_hours: int | None = None
    warning_repeat_tolerance_minutes: int | None = None


class PipelineSelection(_Section):
    """Which nodes a job runs: a registered pipeline and Kedro's own filters."""

    pipeline_name: Name = DEFAULT
    from_nodes: tuple[str, ...] = ()
    to_nodes: tuple[str, ...] = ()
    node_names: tuple[str, ...] = ()
    from_inputs: tuple[str, ...] = ()
    to_outputs: tuple[str, ...] = ()
    node_namespaces: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @field_validator("*", mode="before")
    @classmethod
    def _no_null(cls, value: Any) -> Any:
        return () if value is None else value


class Limits(_Section):
    """What a step may use."""

    timeout: Annotated[int, Field(ge=1, description="seconds, for every step")]


class Job(_Section):
    """One Azure ML pipeline job."""

    pipeline: PipelineSelection = PipelineSelection()
    workspace: Name = DEFAULT
    compute: Name = DEFAULT
    experiment_name: str | None = None
    display_name: str | None = None
    description: str | None = None
    schedule: str | Schedule | tuple[str | Schedule, ...] | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    limits: Limits | None = None
    notifications: str | None = None


class AzureMLConfig(_Section):
    """All of `azureml.yml`."""

    workspace: dict[str, Workspace]
    compute: dict[str, Compute]
    execution: Execution = Execution()
    schedules: dict[str, Schedule] = Field(default_factory=dict)
    notifications: dict[str, Notifications] = Field(default_factory=dict)
    jobs: dict[str, Job] = Field(default_factory=dict)

    @field_validator("workspace", "compute")
    @classmethod
    def _has_default(cls, value: dict[str, Any]) -> dict[str, Any]:
        if DEFAULT not in value:
            raise ValueError(
                f"the entry '{DEFAULT}' is missing, which serves every job that names no other"
            )
        return value

    @field_validator("compute")
    @classmethod
    def _default_has_cluster(cls, value: dict[str, Compute]) -> dict[str, Compute]:
        if not value[DEFAULT].cluster_name:
            raise ValueError(f"'{DEFAULT}' needs a 'cluster_name', which the other entries inherit")
        return value

    @model_validator(mode="after")
    def _names_exist(self) -> AzureMLConfig:
        problems = []
        for name, job in self.jobs.items():
            references: list[tuple[str, str, Mapping[str, Any]]]
            references = [("workspace", job.workspace, self.workspace)]
            references += [("compute", job.compute, self.compute)]
            references += [("schedule", n, self.schedules) for n in _schedule_names(job)]
            if job.notifications:
                references.append(("notifications", job.notifications, self.notifications))
            for key, wanted, known in references:
                if wanted not in known:
                    problems.append(
                        f"jobs.{name}.{key}: there is no '{wanted}' {did_you_mean(wanted, known)}"
                    )
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def cluster(self, name: str) -> Compute:
        """Give a compute entry, with the cluster of `__default__` where it names none."""
        compute = self.compute[name]
        if compute.cluster_name:
            return compute
        return compute.model_copy(update={"cluster_name": self.compute[DEFAULT].cluster_name})


def read_config(raw: Mapping[str, Any], where: str = "azureml.yml") -> AzureMLConfig:
    """Check the content of `azureml.yml`.

    Args:
        raw: The content, as a config loader gives it.
        where: The file's name, for messages.

    Returns:
        The settings, with their defaults.

    Raises:
        ConfigError: Something is missing, unknown or of a wrong type. The message names each place.

    Example:
        >>> try:
        ...     read_config({"workspaces": {}, "compute": {"__default__": {"cluster_name": "c"}}})
        ... except ConfigError as error:
        ...     print(error.message)
        azureml.yml has 2 mistakes:
          workspace: is missing
          workspaces: is not a key here (did you mean 'workspace'?)
    """
    if "azure" in raw and "workspace" not in raw:
        raise ConfigError(
            f"{where} has the single section 'azure' of kedro-azureml 1.0.",
            hint="Write the sections 'workspace', 'compute', 'execution' and 'jobs' in its place; "
            "'kedro azureml init' writes a file to start from.",
        )
    try:
        return AzureMLConfig.model_validate(dict(raw))
    except ValidationError as error:
        lines = [line for detail in error.errors() for line in _explain(detail)]
    count = "a mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
    listed = "\n".join(f"  {line}" for line in lines)
    raise ConfigError(f"{where} has {count}:\n{listed}") from None


def did_you_mean(word: str, known: Mapping[str, Any] | list[str]) -> str:
    """Suggest a known word, or list them all where none is near.

    Example:
        >>> did_you_mean("trainign", ["training", "scoring"])
        "(did you mean 'training'?)"
        >>> did_you_mean("x", ["training", "scoring"])
        '(there are: scoring, training)'
    """
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1)
    if near:
        return f"(did you mean '{near[0]}'?)"
    return f"(there are: {', '.join(words)})" if words else "(there are none)"


def _schedule_names(job: Job) -> list[str]:
    given = job.schedule if isinstance(job.schedule, tuple) else (job.schedule,)
    return [item for item in given if isinstance(item, str)]


def _explain(detail: Any) -> list[str]:
    location = [part for part in detail["loc"] if not _is_union_branch(part)]
    where = ".".join(map(str, location)) or "the file"
    kind, message = detail["type"], detail["msg"]
    if kind == "missing":
        return [f"{where}: is missing"]
    if kind == "extra_forbidden":
        known = list(_keys_at(location[:-1]))
        return [f"{where}: is not a key here {did_you_mean(str(location[-1]), known)}"]
    if kind == "value_error":
        text = message.removeprefix("Value error, ")
        return [
            line if "." in line.split(":")[0] else f"{where}: {line}" for line in text.split("\n")
        ]
    given = repr(detail.get("input"))
    return [f"{where}: {message[:1].lower()}{message[1:]}, not {given[:60]}"]


def _is_union_branch(part: Any) -> bool:
    # pydantic puts the tried type into the place where a value may be one of several.
    return isinstance(part, str) and bool(re.fullmatch(r"(str|Schedule|tuple)(\[.*\])?", part))


def _keys_at(location: list[Any]) -> list[str]:
    model: type[BaseModel] = AzureMLConfig
    keys: dict[str, type[BaseModel]] = {
        "workspace": Workspace, "compute": Compute, "schedules": Schedule, "jobs": Job,
        "notifications": Notifications, "execution": Execution, "pipeline": PipelineSelection,
        "limits": Limits, "cron": Cron, "recurrence": Recurrence,
    }  # fmt: skip
    for part in location:
        model = keys.get(str(part), model)
    if location and str(location[-1]) == "schedule":
        model = RecurrencePattern if "recurrence" in location else Schedule
    return [field.alias or name for name, field in model.model_fields.items()]
