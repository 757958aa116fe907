"""The settings in `azureml.yml`, as models.

The docstrings below the fields are the reference page of the settings.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from kedro_azureml_compiler.settings.fields import (
    BY_KIND,
    LIST,
    SECTION,
    TEXT,
    AnySection,
    Count,
    Name,
    Section,
    Texts,
    Whole,
)
from kedro_azureml_compiler.settings.overrides import Overrides
from kedro_azureml_compiler.settings.schedule_models import Schedule
from kedro_azureml_compiler.settings.steps import Environment, StepSettings

DEFAULT = "__default__"
"""Name of the entry that is used if no other is named."""

_INPUT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PARAMETER = "params:"
_PLACEHOLDER = re.compile(r"<[^<>]+>")


def _default_if_null(value: Any) -> Any:
    return DEFAULT if value is None else value


def _can_be_an_input(name: str) -> str:
    if not _INPUT_NAME.fullmatch(name):
        raise ValueError(
            f"'{name}' cannot be the name of an input: start with a letter, and use only letters, "
            "digits and _"
        )
    return name


def _names_a_parameter(reference: str) -> str:
    if not reference.removeprefix(_PARAMETER).strip(".") or not reference.startswith(_PARAMETER):
        raise ValueError(f"expected the name of a parameter, 'params:NAME', found '{reference}'")
    return reference


def _is_a_key_vault(vault: str) -> str:
    # Few projects name a vault, and every command reads azureml.yml.
    from kedro_azureml_datasets.azure_ml.clouds import find_known_cloud
    from kedro_azureml_datasets.azure_ml.errors import KeyVaultError
    from kedro_azureml_datasets.azure_ml.key_vault import find_vault_host

    cloud = find_known_cloud()
    if cloud is not None and not _PLACEHOLDER.search(vault):
        try:
            find_vault_host(vault, cloud)
        except KeyVaultError as error:
            raise ValueError(f"{error.message.partition(', so')[0]}. {error.hint}") from error
    return vault


EntryName = Annotated[
    Name,
    BeforeValidator(_default_if_null),
    WithJsonSchema({"type": ["string", "null"], "minLength": 1}),
]
"""Name of an entry in another section; null is the entry `__default__`."""

InputName = Annotated[str, AfterValidator(_can_be_an_input)]
"""Name of an input of a job. Azure ML refuses other names, and cannot bind one with a dot."""

ParameterName = Annotated[str, AfterValidator(_names_a_parameter)]
"""A parameter of the project, as a node's input names it."""

Patterns = Annotated[tuple[Name, ...], Field(min_length=1)]
"""Which nodes: names, globs (`load_*`), `tag:NAME`, `namespace:NAME`."""


KeyVault = Annotated[Name, AfterValidator(_is_a_key_vault)]
"""Name or address of a key vault in the cloud of this process."""


class Workspace(Section):
    """One Azure ML workspace."""

    subscription_id: Name
    """The Azure subscription."""
    resource_group: Name
    """The resource group."""
    name: Name
    """The workspace."""
    key_vault: KeyVault | None = None
    """The key vault with the secrets to which credentials refer, by name or address
    (`https://NAME.vault.azure.net/`); the workspace's own by default."""


class Compute(Section):
    """One compute. Its name in `azureml.yml` is also a node tag: nodes with the tag run there."""

    cluster_name: str | None = None
    """The compute in Azure ML. Required for `__default__`; the others inherit it."""
    instance_type: str | None = None
    """For Kubernetes computes."""


class Execution(Section):
    """The environment of the steps, and how the code reaches them."""

    environment: Environment | None = None
    """The environment of the steps: `my-env@latest`, `my-env:3`, a reference to a registry, or a
    description."""
    code_directory: str | None = "."
    """`.` uploads the project with each job; null takes the code from the environment's image."""
    working_directory: str | None = None
    """With the code in the image: path of the project there."""


class Notifications(Section):
    """Who is notified about a job."""

    webhook_env: str | None = None
    """Name of the environment variable of the step that holds the webhook's address, or
    `${azureml.secret:NAME}`. Never the address itself."""
    token_env: str | None = None
    """Name of the environment variable that holds a token, or `${azureml.secret:NAME}`. Without
    `webhook_env` it is a token of the Slack API."""
    apprise_env: str | None = None
    """Name of the environment variable of the machine on which `run --wait` or `status --watch`
    waits: it holds addresses for apprise, separated by spaces."""
    channel: str | None = None
    """The channel, where the receiver has several."""
    events: tuple[Literal["start", "success", "failure", "warning", "recovered"], ...] = ()
    """The events to notify about. `success`, `warning` and `recovered` cost one more step."""
    payload: str | None = None
    """`module:function` of the project that makes the JSON object which is sent, from a dictionary
    that says what happened; None sends nothing."""
    format: Literal["slack", "teams", "json"] | None = None
    """The form of the message; the webhook's host decides by default."""
    wait_timeout: Whole | None = None
    """Accepted and not used: nothing waits."""
    warning_repeat_hours: Whole | None = None
    """Hours after which a warning is sent again while job after job has warnings; each one by
    default. Needs MLflow in the image, as `recovered` does."""
    warning_repeat_tolerance_minutes: Whole | None = None
    """Minutes by which it may be sent again earlier, as a schedule is not exact."""


class PipelineSelection(Section):
    """Which nodes a job runs: a registered pipeline and Kedro's own filters."""

    pipeline_name: Name | None = None
    """A registered pipeline; `__default__` by default."""
    pipeline_names: tuple[Name, ...] = ()
    """Several registered pipelines, combined."""
    from_nodes: Texts = ()
    """Start at these nodes."""
    to_nodes: Texts = ()
    """End at these nodes."""
    node_names: Texts = ()
    """Only these nodes."""
    from_inputs: Texts = ()
    """Start at the nodes that read these datasets."""
    to_outputs: Texts = ()
    """End at the nodes that write these datasets."""
    node_namespaces: Texts = ()
    """The nodes of these namespaces."""
    tags: Texts = ()
    """The nodes with any of these tags."""

    @model_validator(mode="after")
    def _one_way_to_name_pipelines(self) -> PipelineSelection:
        if self.pipeline_name is not None and self.pipeline_names:
            raise ValueError("write only one of 'pipeline_name' and 'pipeline_names'")
        return self

    @property
    def registered(self) -> tuple[str, ...]:
        """Names of the registered pipelines."""
        return self.pipeline_names or (self.pipeline_name or DEFAULT,)


class Limits(Section):
    """Limits of each step."""

    timeout: Count
    """Maximum duration of every step in seconds."""


ScheduleOrName = Annotated[Annotated[str, TEXT] | Annotated[Schedule, SECTION], BY_KIND]
"""A schedule, or the name of an entry of `schedules`."""

Schedules = Annotated[
    Annotated[str, TEXT]
    | Annotated[Schedule, SECTION]
    | Annotated[tuple[ScheduleOrName, ...], LIST],
    BY_KIND,
]
"""One schedule or several."""

Grouping = Annotated[
    Annotated[Literal["node", "namespace", "memory", "pipeline"], TEXT]
    | Annotated[dict[Name, Patterns], SECTION],
    BY_KIND,
]
"""Which nodes share a step."""


class Job(Section):
    """One Azure ML pipeline job."""

    pipeline: PipelineSelection = PipelineSelection.model_construct()
    """Which nodes run."""
    workspace: EntryName = DEFAULT
    """Name of an entry of `workspace`."""
    compute: EntryName = DEFAULT
    """Name of an entry of `compute`."""
    experiment_name: str | None = None
    """The experiment in Azure ML."""
    display_name: str | None = None
    """The job's name in Studio; its name in this file by default."""
    description: str | None = None
    """Shown in Studio."""
    schedule: Schedules | None = None
    """Schedules, or names of entries of `schedules`; `kedro azureml schedule` creates them."""
    params: AnySection = Field(default_factory=dict)
    """Runtime parameters of every step; `--params` wins."""
    inputs: dict[InputName, ParameterName] = Field(default_factory=dict)
    """Parameters that can be changed in Studio, by REST and by schedules, each as an input of the
    job: `learning_rate: params:model.learning_rate`."""
    grouping: Grouping = "node"
    """Which nodes share a step: `node` creates one for each node, `namespace` one for each
    top-level namespace, `memory` combines the nodes that exchange data in memory, `pipeline` all
    nodes; or named groups, each with its nodes: names, globs, `tag:NAME`, `namespace:NAME`."""
    steps: dict[Name, StepSettings] = Field(default_factory=dict)
    """Settings of single steps, by the name of a node or a group, a glob, `tag:NAME` or
    `namespace:NAME`. The more specific pattern wins."""
    deterministic: bool = False
    """Let Azure ML reuse every step whose code and inputs have not changed. To mark single nodes,
    use the node tag `deterministic` instead."""
    unordered: tuple[Name, ...] = ()
    """Datasets with their own address, such as tables of a database, whose readers need not wait
    for the step that writes them."""
    external: tuple[Name, ...] = ()
    """Datasets that every container reaches, though their entries do not show it: by name or glob
    (`warehouse_*`). For example files on a share that all nodes mount, or a class of the project's
    own. It outranks what is otherwise found of them."""
    overrides: Overrides = Field(default_factory=dict)
    """YAML of Azure ML that is merged into the job as it is, and below `jobs`, by the name of the
    step, into its steps: mappings are merged, lists replace, null deletes a key."""
    checks: dict[Name, Literal["error", "warning", "info", "ignore"]] = Field(default_factory=dict)
    """Severity of findings by their code, if not the default."""
    limits: Limits | None = None
    """Limits of each step."""
    notifications: str | None = None
    """Name of an entry of `notifications`: who is notified about the job."""


class AzureMLConfig(Section):
    """All of `azureml.yml`."""

    workspace: dict[str, Workspace] = Field(default_factory=dict)
    """By name; `__default__` is required. Without `workspace`, the default one is that of this
    machine: the `config.json` of the Azure ML SDK, then the defaults of `az configure`."""
    compute: dict[str, Compute]
    """By name; `__default__` is required. A name is also a node tag."""
    execution: Execution = Execution.model_construct()
    """The environment of the steps, and how the code reaches them."""
    schedules: dict[str, Schedule] = Field(default_factory=dict)
    """By name, for jobs to refer to."""
    notifications: dict[str, Notifications] = Field(default_factory=dict)
    """By name, for jobs to refer to."""
    jobs: dict[str, Job] = Field(default_factory=dict)
    """By name: `kedro azureml compile -j NAME`. A name with a `{token}` creates several jobs."""

    @field_validator("workspace", "compute")
    @classmethod
    def _has_default(cls, value: dict[str, Any]) -> dict[str, Any]:
        if DEFAULT not in value:
            raise ValueError(
                f"the entry '{DEFAULT}' is missing; jobs that name no other entry use it"
            )
        return value

    @field_validator("compute")
    @classmethod
    def _default_has_cluster(cls, value: dict[str, Compute]) -> dict[str, Compute]:
        if not value[DEFAULT].cluster_name:
            raise ValueError(f"'{DEFAULT}' needs a 'cluster_name', which the other entries inherit")
        return value

    _workspace_source: str = PrivateAttr("azureml.yml")

    @property
    def workspace_source(self) -> str:
        """Where the workspaces are named, for people: `azureml.yml`, or a setting of this machine.

        See `with_workspace`.
        """
        return self._workspace_source

    def with_workspace(self, workspace: Workspace, source: str) -> AzureMLConfig:
        """Return these settings with a default workspace.

        Args:
            workspace: The workspace.
            source: Where it is named, for people.
        """
        changed = self.model_copy(update={"workspace": {DEFAULT: workspace}})
        changed._workspace_source = source
        return changed

    def workspace_named(self, name: str | None) -> Workspace:
        """Return an entry of `workspace`; `__default__` if there is none of that name.

        Args:
            name: Name of the entry; None is a job that names none.
        """
        return self.workspace.get(name or DEFAULT, self.workspace[DEFAULT])

    def cluster(self, name: str) -> Compute:
        """Return a compute entry, with the cluster of `__default__` if it names none.

        An entry that does not exist is a finding, and here the entry `__default__`.
        """
        compute = self.compute.get(name, self.compute[DEFAULT])
        if compute.cluster_name:
            return compute
        return compute.model_copy(update={"cluster_name": self.compute[DEFAULT].cluster_name})
