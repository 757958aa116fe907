"""What a page shows of steps and datasets beside the plan: plain values, whoever collects them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class NodeDetails(NamedTuple):
    """One node of a step.

    Args:
        name: Its name.
        files: What it reads of this machine: name of the dataset, and the file or folder.
    """

    name: str
    files: tuple[tuple[str, str], ...] = ()


class StepDetails(NamedTuple):
    """One step as Azure ML gets it.

    Args:
        runs_on: The compute.
        environment: The environment.
        command: The command.
        mounts: A line for each input and output.
        yaml: Its part of `pipeline.yml`.
        nodes: Its nodes.
    """

    runs_on: str = ""
    environment: str = ""
    command: str = ""
    mounts: tuple[str, ...] = ()
    yaml: str = ""
    nodes: tuple[NodeDetails, ...] = ()


class FindingNote(NamedTuple):
    """One finding.

    Args:
        severity: `error`, `warning` or `info`.
        code: The name of its kind.
        where: The step, dataset, file or setting that it is about.
        text: All that it says, with the place and the hint.
    """

    severity: str
    code: str
    where: str
    text: str


class PageDetails(NamedTuple):
    """What is known of a job beside its plan.

    Args:
        steps: Name of a step to its details.
        files: Name of a dataset to the file or folder of this machine.
        findings: The findings.
    """

    steps: Mapping[str, StepDetails] = {}
    files: Mapping[str, str] = {}
    findings: tuple[FindingNote, ...] = ()


NO_DETAILS = PageDetails()
