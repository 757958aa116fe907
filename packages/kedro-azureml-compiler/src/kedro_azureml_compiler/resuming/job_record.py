"""What a job's nodes were made from: written when the job starts, compared when it is resumed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from kedro_azureml_datasets import KedroAzureMLError

_FORMAT = 2


class RecordError(KedroAzureMLError):
    """The record of a job cannot be read."""

    blame = "user"


@dataclass(frozen=True)
class NodeRecord:
    """One node of a job.

    Args:
        name: Its name.
        step: The step that runs it; empty if it was taken over from an earlier job.
        facts: What it is made from, in words, to a digest: parameters, entries, versions.
        reads: Datasets that it reads, without transcoding and without parameters.
        writes: Datasets that it writes, without transcoding.
    """

    name: str
    step: str
    facts: Mapping[str, str]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobRecord:
    """What a job was made from.

    Args:
        job: Name of the job in `azureml.yml`.
        nodes: Its nodes, in an order in which they can run.
        code: Files of the snapshot to their digests; those of the configuration that the facts of
            the nodes tell, and data that they read, are left out.
        external: Datasets that nodes write to addresses of their own.
        overwritten: Datasets stored at an address that each job shares with the next one.
        outside: Datasets that nodes read from addresses of their own, and that no node writes.
        unread: Parameters that no node reads, with a dot for each level, to digests.
        places: Of nodes that were taken over: the datasets that they had stored, to the places.
        salt: What the digests of values were made with.
    """

    job: str
    nodes: tuple[NodeRecord, ...]
    code: Mapping[str, str]
    external: tuple[str, ...] = ()
    overwritten: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    salt: str = ""

    def to_json(self) -> str:
        """Return the record as text."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> JobRecord:
        """Read a record.

        Args:
            text: What `to_json` returned.

        Raises:
            RecordError: It is not a record, or one of another version.

        Example:
            >>> JobRecord.from_json(JobRecord("train", (), {}).to_json()).job
            'train'
        """
        try:
            content: Any = json.loads(text)
            if content["format"] != _FORMAT:
                raise RecordError(
                    "The record of the job was written by another version of this plugin.",
                    hint="Run the whole job again.",
                )
            nodes = tuple(
                NodeRecord(
                    _text(node["name"]),
                    _text(node["step"]),
                    _texts(node["facts"]),
                    tuple(map(_text, node["reads"])),
                    tuple(map(_text, node["writes"])),
                )
                for node in content["nodes"]
            )
            return cls(
                _text(content["job"]),
                nodes,
                _texts(content["code"]),
                tuple(map(_text, content["external"])),
                tuple(map(_text, content["overwritten"])),
                tuple(map(_text, content["outside"])),
                _texts(content["unread"]),
                _texts(content["places"]),
                _text(content["salt"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RecordError(
                "The record of the job is damaged, so nothing tells what its nodes were made from.",
                hint="Run the whole job again.",
            ) from error


def name_parameter_fact(name: str) -> str:
    """Return what the facts of a node call a parameter.

    Args:
        name: With a dot for each level; empty for all parameters together.
    """
    return f"the parameter '{name}'" if name else "a parameter"


def name_parameter_facts(name: str) -> set[str]:
    """Return the names of all facts of nodes that depend on a parameter.

    Args:
        name: With a dot for each level.

    Example:
        >>> sorted(name_parameter_facts("model.rate"))
        ['a parameter', "the parameter 'model'", "the parameter 'model.rate'"]
    """
    parts = name.split(".")
    return {name_parameter_fact(".".join(parts[:count])) for count in range(len(parts) + 1)}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _texts(value: Mapping[object, object]) -> dict[str, str]:
    return {_text(name): _text(inner) for name, inner in value.items()}
