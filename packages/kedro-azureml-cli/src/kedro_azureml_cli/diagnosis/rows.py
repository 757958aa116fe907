"""What a probe says: rows, each with its state, what was found, and the fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kedro_azureml_datasets import KedroAzureMLError


class State(str, Enum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"  # a job may run, and may not do what is wanted
    FAILED = "failed"
    SKIPPED = "skipped"  # not looked at, for a reason


@dataclass(frozen=True)
class Row:
    """One line of the diagnosis.

    Args:
        label: What it is about, as in `compute cpu-cluster`.
        state: How it stands.
        found: What was found; for what was skipped, the reason.
        fix: What to do where it is not ok; empty where `found` says it all.
        blame: Who must act on a failure: the user, or the machine, the network or Azure.
    """

    label: str
    state: State
    found: str
    fix: str = ""
    blame: Literal["user", "machine"] = "user"


class SkippedError(Exception):
    """Something cannot be looked at; the message is the reason."""


def ok(label: str, found: str) -> Row:
    """Return a row about what is fine.

    Args:
        label: What it is about.
        found: What was found.
    """
    return Row(label, State.OK, found)


def warning(label: str, found: str, fix: str) -> Row:
    """Return a row about what may go wrong.

    Args:
        label: What it is about.
        found: What was found.
        fix: What to do.
    """
    return Row(label, State.WARNING, found, fix)


def failed(label: str, found: str, fix: str) -> Row:
    """Return a row about what the user must change.

    Args:
        label: What it is about.
        found: What was found.
        fix: What to do.
    """
    return Row(label, State.FAILED, found, fix)


def skipped(label: str, reason: str) -> Row:
    """Return a row about what was not looked at.

    Args:
        label: What it is about.
        reason: Why.
    """
    return Row(label, State.SKIPPED, reason)


def failed_with(label: str, error: KedroAzureMLError) -> Row:
    """Return a row about an error of our packages.

    Args:
        label: What it is about.
        error: The error.
    """
    first, space, rest = error.message.partition(" ")
    # A word begins a sentence; a path is what it is.
    found = f"{first.capitalize() if first.isalpha() and first.islower() else first}{space}{rest}"
    return Row(label, State.FAILED, found, error.hint, error.blame)
