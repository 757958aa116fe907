"""Record what the nodes of a job are made from: a function of facts, plan and files."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_runner.protocol.notification import SEND_VARIABLE, VARIABLE
from kedro_azureml_runner.reachability.addresses import Reach

from kedro_azureml_compiler.bundle_layout import KEEP_FILE, RUNNER_FOLDER
from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.planning.facts import DatasetKind, strip_transcoding
from kedro_azureml_compiler.resuming.digests import digest_path, digest_secret, digest_value
from kedro_azureml_compiler.resuming.functions import describe_function
from kedro_azureml_compiler.resuming.job_record import (
    JobRecord,
    NodeRecord,
    name_parameter_fact,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from kedro_azureml_compiler.planning.facts import DatasetFacts, NodeFacts, ProjectFacts

_UNDERSTOOD = ("catalog", "parameters", "azureml", "globals")
"""Kinds of configuration whose effect on a node is among its facts."""

_OF_NOTIFICATIONS = frozenset({VARIABLE, SEND_VARIABLE})

_ELSEWHERE = frozenset({Reach.REACHABLE, Reach.UNRESOLVED})


class UnreadableError(KedroAzureMLError):
    """A file that a job needs cannot be read, so a later resume could not tell if it changed."""

    blame = "user"


def record_job(
    facts: ProjectFacts,
    job: str,
    steps: Mapping[str, str],
    code: Mapping[str, str],
    *,
    variables: Mapping[str, Mapping[str, str]],
    environments: Mapping[str, str],
    versions: Mapping[str, str],
    files: Collection[str] | None,
    digests: FileDigests,
    salt: str,
    overwritten: Collection[str] = (),
) -> JobRecord:
    """Record what the nodes of a job are made from.

    Args:
        facts: What is known about the project, with the parameters as steps get them.
        job: Name of the job.
        steps: Name of each node to the step that runs it.
        code: Files of the snapshot to their digests: `digest_code`.
        variables: Name of each step to the environment variables that it gets.
        environments: Name of each step to what says which environment it runs in.
        versions: Datasets that nothing produces to what says which data it is: all that steps
            mount.
        files: Files of the snapshot, relative to the project; None if the image contains them.
        digests: Those of the project's files.
        salt: What the digests are made with: that of the record with which this one is compared.
        overwritten: Datasets whose address each job shares with the next one.

    Raises:
        UnreadableError: A file cannot be read.
    """
    written = dict.fromkeys(strip_transcoding(o) for node in facts.nodes for o in node.outputs)
    known = _Known(facts, written, versions, files, digests, salt)
    # Whom a step notifies changes nothing that it writes.
    own = {
        step: {name: value for name, value in found.items() if name not in _OF_NOTIFICATIONS}
        for step, found in variables.items()
    }
    of_variables = {
        step: digest_secret(found, salt) if found else "" for step, found in own.items()
    }
    nodes = tuple(
        NodeRecord(
            node.name,
            steps[node.name],
            {
                "its environment": environments.get(steps[node.name], ""),
                "its environment variables": of_variables.get(steps[node.name], ""),
                **known.list_facts(node),
            },
            tuple(dict.fromkeys(strip_transcoding(n) for n in node.inputs if not _is_param(n))),
            tuple(dict.fromkeys(map(strip_transcoding, node.outputs))),
        )
        for node in facts.nodes
    )
    elsewhere = _list_elsewhere(facts)
    read = {dataset for node in nodes for dataset in node.reads}
    return JobRecord(
        job,
        nodes,
        code,
        external=tuple(name for name in written if name in elsewhere),
        overwritten=tuple(sorted(overwritten)),
        outside=tuple(sorted(read & elsewhere - written.keys())),
        unread=_digest_unread(facts, salt),
        salt=salt,
    )


def _list_elsewhere(facts: ProjectFacts) -> set[str]:
    """Return the datasets whose data has an address of its own, in all entries that name it."""
    by_name: dict[str, list[DatasetFacts]] = {}
    for dataset in facts.datasets.values():
        by_name.setdefault(strip_transcoding(dataset.name), []).append(dataset)
    return {
        name
        for name, entries in by_name.items()
        if all(
            entry.kind is DatasetKind.STANDARD
            and (entry.external or (entry.reach in _ELSEWHERE and not entry.files))
            for entry in entries
        )
    }


def _digest_unread(facts: ProjectFacts, salt: str) -> dict[str, str]:
    """Return the parameters that no node reads: a hook may, or the function of a pipeline."""
    read = {n.removeprefix("params:") for node in facts.nodes for n in node.inputs if _is_param(n)}
    if "parameters" in read:
        return {}
    found: dict[str, str] = {}

    def add(values: Mapping[Any, Any], above: str) -> None:
        for key, value in values.items():
            path = f"{above}{key}"
            if path in read:
                continue
            if isinstance(value, Mapping) and value:
                add(value, f"{path}.")
            else:
                found[path] = digest_value(value, salt)

    add(facts.parameters, "")
    return found


def digest_code(
    facts: ProjectFacts, files: Iterable[str], digests: FileDigests, *, with_modes: bool = True
) -> dict[str, str]:
    """Return the files of a snapshot with digests of their contents.

    Those of the configuration are left out whose effect on each node is among its facts, and what
    the plugin adds.

    Args:
        facts: What is known about the project.
        files: The files, relative to its folder.
        digests: Those of its files.
        with_modes: Whether it counts that a file can be executed; Azure ML does not keep that.

    Raises:
        UnreadableError: A file cannot be read.
    """
    understood = set(_list_understood(facts))
    return {
        path: digests.of(path) + (digests.mode(path) if with_modes else "")
        for path in files
        if path not in understood
        and not path.startswith(f"{RUNNER_FOLDER}/")
        and not path.endswith(f"/{KEEP_FILE}")
    }


def join_docker_args(environment: str, step: Mapping[str, Any]) -> str:
    """Return what says of a step which environment it runs in, with the arguments of its container.

    Args:
        environment: What says it without them.
        step: The step, as it stands in the YAML of Azure ML.

    Example:
        >>> join_docker_args("env:1", {"resources": {"docker_args": "-e MODE=fast"}})
        'env:1 -e MODE=fast'
        >>> join_docker_args("env:1", {"resources": {"instance_count": 2}})
        'env:1'
    """
    resources = step.get("resources")
    arguments = resources.get("docker_args") if isinstance(resources, Mapping) else None
    return f"{environment} {arguments}" if arguments else environment


def _is_param(name: str) -> bool:
    return name == "parameters" or name.startswith("params:")


def _may_tell(dataset: DatasetFacts | None) -> bool:
    """Check whether an entry may hold the value of a secret."""
    return dataset is not None and bool(
        dataset.variables
        or dataset.secrets
        or any(mark in str(dataset.entry) for mark in ("credentials", "@"))
    )


def _list_understood(facts: ProjectFacts) -> list[str]:
    files = facts.files
    return [
        path
        for kind in _UNDERSTOOD
        for path in list_config_files(facts.root, files.folders, files.patterns.get(kind, ()))
    ]


class FileDigests:
    """Digests of files of a project, each read once.

    Args:
        root: The project's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[tuple[str, str], str] = {}

    def of(self, path: str, within: str = "") -> str:
        """Return the digest of the contents of a file or folder.

        Args:
            path: It, relative to the project.
            within: As for `digest_path`.

        Raises:
            UnreadableError: It cannot be read.
        """
        if (path, within) not in self._known:
            with _refuse_unreadable(path):
                self._known[path, within] = digest_path(self._root / path, within)
        return self._known[path, within]

    def mode(self, path: str) -> str:
        """Return what the digest of a file gets besides if the file can be executed.

        Args:
            path: The file, relative to the project.

        Raises:
            UnreadableError: It cannot be looked at.
        """
        with _refuse_unreadable(path):
            return "x" if (self._root / path).stat().st_mode & stat.S_IXUSR else ""


@contextmanager
def _refuse_unreadable(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnreadableError(
            f"'{path}' cannot be read: {error.strerror or error}.",
            hint="Make it readable, or list it in .amlignore if no step reads it.",
        ) from error


class _Known:
    """What is known of each dataset, as facts of the nodes that use it."""

    def __init__(
        self,
        facts: ProjectFacts,
        written: Collection[str],
        versions: Mapping[str, str],
        files: Collection[str] | None,
        digests: FileDigests,
        salt: str,
    ) -> None:
        self._facts, self._written, self._versions = facts, written, versions
        self._files, self._digests, self._salt = files, digests, salt
        self._entries: dict[str, str] = {}

    def list_facts(self, node: NodeFacts) -> dict[str, str]:
        """Return what a node is made from, in words, to digests."""
        found = {
            "its inputs and outputs": self._digest([list(node.inputs), list(node.outputs)]),
            "the Kedro environment": self._facts.env or "",
            "its function": self._digest(describe_function(self._facts.functions.get(node.name))),
        }
        for name in node.inputs:
            found.update(self._of_parameter(name) if _is_param(name) else self._of_input(name))
        for name in node.outputs:
            found.update(self._of_entry(name))
        return found

    def _of_parameter(self, name: str) -> dict[str, str]:
        key = name.removeprefix("params:") if name != "parameters" else ""
        return {name_parameter_fact(key): self._digest(self._facts.parameter(name))}

    def _of_entry(self, name: str) -> dict[str, str]:
        if name not in self._entries:
            dataset = self._facts.datasets.get(name)
            entry = None if dataset is None else (dataset.kind.value, dataset.entry)
            made = digest_secret(entry, self._salt) if _may_tell(dataset) else self._digest(entry)
            self._entries[name] = made
        return {f"the catalog entry '{name}'": self._entries[name]}

    def _digest(self, value: object) -> str:
        return digest_value(value, self._salt)

    def _of_input(self, name: str) -> dict[str, str]:
        base = strip_transcoding(name)
        found = self._of_entry(name)
        if base in self._written or base in self._facts.stored:
            return found
        if base in self._versions:
            return {**found, f"the data of '{base}'": self._versions[base]}
        asked = [v for n, v in self._facts.load_versions.items() if strip_transcoding(n) == base]
        if asked:
            found[f"the version of '{base}'"] = asked[0]
        dataset = self._facts.datasets.get(name)
        for path in dataset.may_read if dataset is not None else ():
            if not PurePosixPath(path).is_absolute():
                found.update(self._of_file(path))
        return found

    def _of_file(self, path: str) -> dict[str, str]:
        """Return a fact of a file or folder that travels, if there is one."""
        if self._files is None:
            exists = (self._facts.root / path).exists()
            return {f"the file '{path}'": self._digests.of(path)} if exists else {}
        inside = [file for file in self._files if file == path or file.startswith(f"{path}/")]
        made = self._digest(sorted((file, self._digests.of(file)) for file in inside))
        return {f"the file '{path}'": made} if inside else {}
