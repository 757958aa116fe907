"""What is known of a job in a workspace, and of its steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

COMPLETED = "Completed"
FAILED = "Failed"
CANCELED = "Canceled"
FINAL = frozenset({COMPLETED, FAILED, CANCELED, "NotResponding"})
"""States after which nothing happens any more."""


def read_state_name(status: object) -> str:
    """Return a state as the service writes it; the SDK has it as an enumeration, or as text."""
    return str(getattr(status, "value", status) or "")


@dataclass(frozen=True)
class StepState:
    """One step of a job.

    Args:
        step: Its name in the job, as Azure ML has it.
        display_name: Kedro's name of the node or of the group.
        run_id: Name of its own run.
        status: What Azure ML says of it: `Queued`, `Running`, `Completed`, `Failed`, ...
        started: When Azure ML made its run, with the time zone; None where nothing of it runs yet.
        ended: When it ended.
        data_run_id: Name of the run that has left its outputs: another one's, where those were
            reused.
    """

    step: str
    display_name: str
    run_id: str
    status: str
    started: datetime | None = None
    ended: datetime | None = None
    data_run_id: str = ""

    @property
    def is_final(self) -> bool:
        """Whether nothing happens any more."""
        return self.status in FINAL


@dataclass(frozen=True)
class JobState:
    """A job and its steps.

    Args:
        name: Its name in Azure ML.
        job: Its name in `azureml.yml`; empty where it has none.
        display_name: Its name in Studio.
        status: As for a step.
        steps: In the order in which Azure ML made them.
        created: When it was submitted.
        studio_url: Its page in Studio.
        experiment_name: The experiment that it belongs to.
        tags: Its tags.
    """

    name: str
    job: str
    display_name: str
    status: str
    steps: tuple[StepState, ...] = ()
    created: datetime | None = None
    studio_url: str = ""
    experiment_name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        """Whether nothing happens any more."""
        return self.status in FINAL
