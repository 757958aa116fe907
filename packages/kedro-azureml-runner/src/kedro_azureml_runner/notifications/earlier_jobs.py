"""Find how the last job before this one ended, through the MLflow tracking of the workspace."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

WARNED_TAG = "kedro.warnings"
"""Tag of a job's run: how many warnings it had."""

SENT_TAG = "kedro.warning_sent"
"""Tag of a job's run: when a warning was last sent, in seconds since 1970."""

SAME_TAGS = ("kedro_job", "kedro_project", "kedro_env")
"""Tags in which the runs of one job agree."""

_LOOKED_AT = 500
_ENDED = frozenset({"FINISHED", "FAILED"})


class UnknownJobsError(Exception):
    """Earlier jobs cannot be asked for; the text is the reason."""


@dataclass(frozen=True)
class EarlierJob:
    """How the job ran before.

    Args:
        failed: Whether it failed.
        warned: Whether it succeeded with warnings.
        warning_sent_s: When its warning, or an earlier one that it repeated, was sent.
    """

    failed: bool
    warned: bool
    warning_sent_s: float | None = None


class JobHistory:
    """The runs of one job in its experiment.

    Raises:
        UnknownJobsError: This step has no tracking, or cannot reach it.
    """

    def __init__(self) -> None:
        self._run_id = os.environ.get("AZUREML_ROOT_RUN_ID", "")
        if not self._run_id or not os.environ.get("MLFLOW_TRACKING_URI"):
            raise UnknownJobsError("this step is not one of Azure ML, which keeps earlier jobs")
        if find_spec("mlflow") is None:
            raise UnknownJobsError(
                "the step's image has no MLflow, with which earlier jobs are found: pip install "
                '"kedro-azureml-datasets[mlflow]"'
            )
        try:
            self._client: Any = import_module("mlflow").MlflowClient()
            self._run: Any = self._client.get_run(self._run_id)
        except Exception as error:
            raise UnknownJobsError(_shorten(error)) from error

    def find_earlier(self) -> EarlierJob | None:
        """Return the newest earlier job that has ended, other than by being cancelled.

        Raises:
            UnknownJobsError: The workspace did not answer.
        """
        mine = self._run
        try:
            found = self._client.search_runs(
                [mine.info.experiment_id],
                filter_string="tags.kedro_job != ''",  # the runs of steps have no such tag
                order_by=["attributes.start_time DESC"],
                max_results=_LOOKED_AT,
            )
        except Exception as error:
            raise UnknownJobsError(_shorten(error)) from error
        for run in found:
            same = all(run.data.tags.get(tag) == mine.data.tags.get(tag) for tag in SAME_TAGS)
            earlier = (run.info.start_time or 0) <= (mine.info.start_time or 0)
            if not same or not earlier or run.info.run_id == self._run_id:
                continue
            if run.info.status in _ENDED:
                failed = run.info.status == "FAILED"
                warned = not failed and run.data.tags.get(WARNED_TAG, "0") != "0"
                return EarlierJob(failed, warned, _read_time(run.data.tags.get(SENT_TAG)))
        return None

    def note_warnings(self, count: int, sent_s: float | None) -> None:
        """Note the warnings of this job for the next one.

        Args:
            count: How many.
            sent_s: When they, or those that they repeat, were sent.

        Raises:
            UnknownJobsError: The workspace did not take it.
        """
        tags = {WARNED_TAG: str(count)} | ({SENT_TAG: f"{sent_s:.0f}"} if sent_s else {})
        try:
            for key, value in tags.items():
                self._client.set_tag(self._run_id, key, value)
        except Exception as error:
            raise UnknownJobsError(_shorten(error)) from error


def _read_time(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _shorten(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
