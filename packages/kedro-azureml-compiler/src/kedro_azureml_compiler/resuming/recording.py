"""Record what the nodes of a job are made from: a function of facts, plan and files."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_runner.reachability.addresses import Reach

from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.planning.facts import DatasetKind, strip_transcoding
from kedro_azureml_compiler.planning.plan import Flow
from kedro_azureml_compiler.resuming.digests import digest_path, digest_secret, digest_value
from kedro_azureml_compiler.resuming.job_record import JobRecord, NodeRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from kedro_azureml_compiler.planning.facts import DatasetFacts, NodeFacts, ProjectFacts
    from kedro_azureml_compiler.planning.plan import Plan

_UNDERSTOOD = ("catalog", "parameters", "azureml", "globals")
"""Kinds of configuration whose effect on a node is among its facts."""

_ELSEWHERE = frozenset({Reach.REACHABLE, Reach.UNRESOLVED})


class UnreadableError(KedroAzureMLError):
    """A file that a job needs cannot be read, so a later resume could not tell if it changed."""

    blame = "user"


def record_job(
    facts: ProjectFacts,
    plan: Plan,
    code: Sequence[str] | None,
    *,
    images: Mapping[str, str],
    variables: Mapping[str, Mapping[str, str]],
    versions: Mapping[str, str],
    values: Mapping[str, str],
    salt: str,
    overwritten: Collection[str] = (),
) -> JobRecord:
    """Record what the nodes of a job are made from.

    Args:
        facts: What is known about the project, with its parameters.
        plan: The plan of the whole job.
        code: Files of the snapshot, relative to the project; None if the image contains the code.
        images: Name of each step to its environment, which stands for code in images.
        variables: Name of each step to the environment variables that it gets.
        versions: Datasets that nothing produces to what says which data it is.
        values: Inputs of the job that get another value this time.
        salt: What the digests are made with: that of the record with which this one is compared.
        overwritten: Datasets whose address each job shares with the next one.

    Raises:
        UnreadableError: A file cannot be read.
    """
    steps = {node: step.name for step in plan.steps for node in step.nodes}
    writer = {strip_transcoding(o): node.name for node in facts.nodes for o in node.outputs}
    digests = _Digests(facts.root)
    known = _Known(facts, plan, writer, digests, versions, values, salt)
    of_variables = {
        step: digest_secret(dict(found), salt) if found else "" for step, found in variables.items()
    }
    nodes = tuple(
        NodeRecord(
            node.name,
            steps[node.name],
            {
                "its environment variables": of_variables.get(steps[node.name], ""),
                **known.list_facts(node),
            },
            tuple(dict.fromkeys(strip_transcoding(n) for n in node.inputs if not _is_param(n))),
            tuple(dict.fromkeys(map(strip_transcoding, node.outputs))),
        )
        for node in facts.nodes
    )
    if code is None:
        files = {f"the environment of {step}": image for step, image in images.items()}
    else:
        understood = set(_list_understood(facts))
        files = {path: digests.of(path) for path in code if path not in understood}
    by_name: dict[str, list[Any]] = {}
    for dataset in facts.datasets.values():
        by_name.setdefault(strip_transcoding(dataset.name), []).append(dataset)
    return JobRecord(
        plan.job,
        nodes,
        files,
        external=tuple(
            name
            for name in writer
            if all(
                entry.kind is DatasetKind.STANDARD
                and (entry.external or (entry.reach in _ELSEWHERE and not entry.files))
                for entry in by_name.get(name, [])
            )
            and by_name.get(name)
        ),
        overwritten=tuple(sorted(overwritten)),
        salt=salt,
    )


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


class _Digests:
    """Digests of files of the project, each read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, str] = {}

    def of(self, path: str) -> str:
        if path not in self._known:
            full = self._root / path
            try:
                executable = bool(full.stat().st_mode & stat.S_IXUSR)
                self._known[path] = digest_path(full) + ("x" if executable else "")
            except OSError as error:
                raise UnreadableError(
                    f"'{path}' cannot be read: {error.strerror or error}.",
                    hint="Make it readable, or list it in .amlignore if no step reads it.",
                ) from error
        return self._known[path]


class _Known:
    """What is known of each dataset, as facts of the nodes that use it."""

    def __init__(
        self,
        facts: ProjectFacts,
        plan: Plan,
        writer: Mapping[str, str],
        digests: _Digests,
        versions: Mapping[str, str],
        values: Mapping[str, str],
        salt: str,
    ) -> None:
        self._facts, self._plan, self._writer = facts, plan, writer
        self._digests, self._versions, self._salt = digests, versions, salt
        self._entries: dict[str, str] = {}
        self._changed = {p.parameter: values[p.name] for p in plan.promoted if p.name in values}

    def list_facts(self, node: NodeFacts) -> dict[str, str]:
        """Return what a node is made from, in words, to digests."""
        found = {
            "its inputs and outputs": self._digest([list(node.inputs), list(node.outputs)]),
            "the Kedro environment": self._facts.env or "",
        }
        for name in node.inputs:
            found.update(self._of_parameter(name) if _is_param(name) else self._of_input(name))
        for name in node.outputs:
            found.update(self._of_entry(name))
        return found

    def _of_parameter(self, name: str) -> dict[str, str]:
        value: Any = self._facts.parameters
        key = name.removeprefix("params:") if name != "parameters" else ""
        label = f"the parameter '{key}'" if key else "a parameter"
        for part in key.split(".") if key else ():
            value = value.get(part) if isinstance(value, Mapping) else None
        changed = {
            f"the input of the job for '{parameter}'": self._digest(text)
            for parameter, text in self._changed.items()
            if not key
            or parameter == key
            or parameter.startswith(f"{key}.")
            or key.startswith(f"{parameter}.")
        }
        return {label: self._digest(value), **changed}

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
        found = {**self._of_entry(name), f"what writes '{base}'": self._writer.get(base, "")}
        asked = [v for n, v in self._facts.load_versions.items() if strip_transcoding(n) == base]
        if asked:
            found[f"the version of '{base}'"] = asked[0]
        if base in self._writer:
            return found
        planned = self._plan.dataset(base)
        if base in self._versions:
            found[f"the data of '{base}'"] = self._versions[base]
        elif planned.flow is Flow.UPLOAD and planned.source is not None:
            found[f"the data of '{base}'"] = self._digests.of(planned.source)
        elif planned.flow is Flow.VERSION and planned.asset is not None:
            found[f"the version of '{base}'"] = planned.asset.version or "latest"
        elif name in self._facts.datasets:
            for path in self._facts.datasets[name].may_read:
                if not PurePosixPath(path).is_absolute() and (self._facts.root / path).exists():
                    found[f"the file '{path}'"] = self._digests.of(path)
        return found
