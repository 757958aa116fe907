"""What is known about a project once it has been read: values without Kedro's objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_azureml_runner.reachability.addresses import Reach
from kedro_azureml_runner.reachability.verdicts import Role

from kedro_azureml_compiler.planning.parameter_values import find_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_compiler.findings import Finding


class DatasetKind(str, Enum):
    """What a dataset is, as far as the data flow is concerned."""

    PARAMETER = "parameter"
    ASSET = "asset"  # AzureMLAssetDataset
    PIPELINE = "pipeline"  # AzureMLPipelineDataset
    MEMORY = "memory"  # MemoryDataset in the catalog
    UNDECLARED = "undeclared"  # in no catalog
    STANDARD = "standard"  # any other


class AssetFacts(NamedTuple):
    """A data asset as the catalog names it.

    Args:
        name: Its name in the workspace.
        version: The pinned version; None is the latest.
        is_file: Whether the asset is one file (`uri_file`) and not a folder.
        root_dir: Folder of the local versions, relative to the project.
        file: The nested dataset's path inside the asset.
        workspace: The entry of `workspace` in `azureml.yml`; None is the default one.
    """

    name: str
    version: str | None
    is_file: bool
    root_dir: str
    file: str
    workspace: str | None = None


class LocalFile(NamedTuple):
    """A file or folder of this machine that an entry names.

    Args:
        path: Relative to the project, or absolute if it is outside.
        role: What it is to the entry.
        known: Whether it is certainly a path; otherwise the argument looks like one.
        table: Of a database: the table that the entry uses; None if that is not known.
    """

    path: str
    role: Role = Role.DATA
    known: bool = True
    table: str | None = None

    @property
    def is_outside(self) -> bool:
        """Whether it lies outside the project."""
        return is_outside(self.path)


class DataIdentity(NamedTuple):
    """What names the data of an entry, for it to be compared with other entries.

    Args:
        address: Its address in the one spelling that every entry with the same address has,
            without a user, a password or a signature.
        table: The table of it, with what is known of its schema; None if that is not known.
        query: The text of the query that is read from it.
        query_file: The file with that text, relative to the project.
        is_query: Whether it is read by a query, whose text need not be known.
        suffix: Of a folder: the end of the names of its files, if it has no others.
        appends: Whether what is written is added to what is there.
        exact: Whether an address above this one holds other data.
    """

    address: str
    table: str | None = None
    query: str | None = None
    query_file: str | None = None
    is_query: bool = False
    suffix: str = ""
    appends: bool = False
    exact: bool = False


class WrittenEntry(NamedTuple):
    """An entry that a wrapper could move to a mount, as the catalog has it.

    Args:
        key: Its name in the catalog, or the pattern that makes it.
        config: The entry as it is written, with its interpolations; or its outline.
        path_keys: The keys that lead to its path.
        path: The path, relative to the project, or absolute if it is outside.
        is_resolved: Whether it is an outline of the resolved entry: types, path and keys alone.
    """

    key: str
    config: Mapping[str, Any]
    path_keys: tuple[str, ...]
    path: str
    is_resolved: bool = True


class DatasetFacts(NamedTuple):
    """One dataset of the job.

    Args:
        name: Its name in the pipeline, with its transcoding (`x@pandas`).
        kind: What it is for the data flow.
        type_name: The catalog's `type`; empty if it is in no catalog.
        local_path: Where a local run keeps it: relative to the project, or absolute where it lies
            outside; None if it has an address of its own or none.
        reach: Of a standard dataset: who can reach its data.
        address: The address that decides this, in a few words that show no secret.
        argument: The argument that has it, with dots between nested keys.
        loopback: Whether it is a server on the machine itself.
        files: The files of this machine that a standard dataset names.
        mentions: Of a standard dataset whose address is unknown: what may be paths in the project.
        external: Whether the job says that every container reaches it.
        identity: Of a standard dataset: what names its data.
        cached: Whether a `CachedDataset` is in it.
        keeping_argument: Of a wrapped dataset: the argument, with its value, that asks to keep
            data of earlier runs when it saves; empty if there is none.
        keeps: Whether that argument has an effect.
        checkpoint: Of a wrapped dataset: whether it remembers what has been read.
        written: The entry as it is written, where a wrapper could carry its file.
        root_dir: Folder of a local run's pipeline datasets.
        asset: The data asset, for that kind.
        has_value: Whether the catalog itself holds the value (a `MemoryDataset` with `data`).
        versioned: Whether Kedro itself keeps versions of it.
        copy_mode: How a `MemoryDataset` hands its object over, where the entry says so.
        variables: Environment variables that the entry or its credentials need, without a default.
        secrets: Secrets of a key vault that its credentials need.
        entry: The resolved entry, the same wherever the project lies; it may hold secrets. None if
            it is in no catalog.
    """

    name: str
    kind: DatasetKind
    type_name: str = ""
    local_path: str | None = None
    written: WrittenEntry | None = None
    root_dir: str | None = None
    asset: AssetFacts | None = None
    has_value: bool = False
    versioned: bool = False
    copy_mode: str | None = None
    reach: Reach = Reach.REACHABLE
    address: str = ""
    argument: str = ""
    loopback: bool = False
    files: tuple[LocalFile, ...] = ()
    mentions: tuple[str, ...] = ()
    external: bool = False
    identity: DataIdentity | None = None
    cached: bool = False
    keeping_argument: str = ""
    keeps: bool = False
    checkpoint: bool = False
    variables: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    entry: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        """Return all but the entry, which may hold secrets."""
        shown = (f"{key}={value!r}" for key, value in self._asdict().items() if key != "entry")
        return f"DatasetFacts({', '.join(shown)})"

    @property
    def may_read(self) -> tuple[str, ...]:
        """Return the files and folders that a step may read from the code's folder."""
        return (*(file.path for file in self.files), *self.mentions)

    @property
    def local_copy(self) -> str | None:
        """Where a local run keeps what a step gets through a mount."""
        if self.asset is not None:
            return (PurePosixPath(self.asset.root_dir) / self.asset.name).as_posix()
        return self.local_path if self.kind is DatasetKind.PIPELINE else None


class NodeFacts(NamedTuple):
    """One Kedro node of the job."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tags: tuple[str, ...] = ()
    namespace: str | None = None
    confirms: tuple[str, ...] = ()


class ConfigFiles(NamedTuple):
    """The location of the configuration.

    Args:
        folders: Folders from which a step reads it, the one that wins first; relative to the
            project, or absolute if they are outside.
        settings_folders: Those from which `azureml.yml` is read.
        patterns: `catalog`, `parameters` and `azureml` to the globs of their files.
    """

    folders: tuple[str, ...] = ()
    settings_folders: tuple[str, ...] = ()
    patterns: Mapping[str, tuple[str, ...]] = {}


NO_CONFIG_FILES = ConfigFiles()
"""Of a project whose configuration has not been located."""


class OutsideModule(NamedTuple):
    """A module that the project imports and that lies neither in it nor in an installation.

    Args:
        name: Its name.
        file: Its file, absolute.
        importer: The file of the project that uses it, relative to the project.
    """

    name: str
    file: str
    importer: str


@dataclass(frozen=True)
class ProjectFacts:
    """All that the plan needs of a project.

    Args:
        root: The project's folder, absolute.
        pipelines: Names of the registered pipelines that the job runs.
        nodes: The job's nodes in an order in which they can run.
        datasets: The job's datasets by name, with transcoding.
        env: The requested Kedro environment; None leaves it to the project.
        params: Runtime parameters of every step.
        load_versions: Dataset name to version.
        conf_source: Folder or file of the configuration, relative to the project.
        asked_conf_source: The same where it is not the project's own; steps have to be told.
        conf_sources: That folder or file and the project's own, which may hold secrets too.
        run_env: Folder of the environment in it which every step needs, even when it is empty.
        producers: For a dataset that no node of the job produces: nodes of other pipelines that do.
        source: Folder of the project's package, relative to the project.
        local_copies: Files and folders, relative to the project, of data that steps get through
            mounts; of the whole catalog, not only of the job.
        parameters: The project's parameters, where the job makes inputs of some or is recorded.
        findings: What was found wrong while reading.
        opened: Files that the project's own code opened while it was read, relative to the project.
        files: The location of the configuration.
        registered: Names in the catalog, patterns included, to suggest one for an unknown name;
            empty if every name is known.
        unknown_tags: Tags that no node has: the filter or option, the tag, and a suggestion.
        outside_modules: Modules that the project imports from folders beside it.
        filters: Filters of the command, which leave out nodes of the job, by their option.
        nodes_of_job: All nodes that the job selects, whether the command leaves them out or not.
        datasets_left_out: Datasets that only the nodes use that the command leaves out.
        stored: Datasets that an earlier job has stored, to the addresses of their data.
        functions: Nodes to the functions that they call, where the job is recorded.
    """

    root: Path
    pipelines: tuple[str, ...]
    nodes: tuple[NodeFacts, ...]
    datasets: Mapping[str, DatasetFacts]
    env: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    load_versions: Mapping[str, str] = field(default_factory=dict)
    conf_source: str = "conf"
    asked_conf_source: str | None = None
    conf_sources: tuple[str, ...] = ("conf",)
    run_env: str = "local"
    producers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = "src"
    local_copies: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    opened: tuple[str, ...] = ()
    files: ConfigFiles = NO_CONFIG_FILES
    registered: tuple[str, ...] = ()
    unknown_tags: tuple[tuple[str, str, str], ...] = ()
    outside_modules: tuple[OutsideModule, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nodes_of_job: tuple[NodeFacts, ...] = ()
    datasets_left_out: Mapping[str, DatasetFacts] = field(default_factory=dict)
    stored: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)

    def parameter(self, name: str, default: Any = None) -> Any:
        """Return the value that a node gets for a parameter.

        Args:
            name: What the node reads: `parameters`, or `params:` with a dot for each level.
            default: What is returned where the project has none, since a hook adds it.
        """
        if name == "parameters":
            return self.parameters
        return find_parameter(self.parameters, name.removeprefix("params:"), default)


IN_MEMORY = frozenset({DatasetKind.MEMORY, DatasetKind.UNDECLARED})
"""What a local run keeps in memory."""


def is_outside(path: str) -> bool:
    """Check whether a path, relative to the project, leaves it.

    Example:
        >>> [is_outside(path) for path in ("data/x.csv", "/mnt/x", "../x", "~/x", "C:/x")]
        [False, True, True, True, True]
    """
    return (
        path.startswith(("/", "~", "\\\\"))
        or path.split("/", maxsplit=1)[0] == ".."
        or path[1:2] == ":"
    )


@lru_cache(maxsize=1 << 14)  # each name is asked for by every stage
def strip_transcoding(dataset: str) -> str:
    """Return a dataset's name without its transcoding: `x@pandas` and `x@spark` are one dataset."""
    return dataset.partition("@")[0]
