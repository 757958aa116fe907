"""The commands that speak to Azure ML: what each starts from, and what it shows at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sent_project import SentProject

NO_PYTHON = "#!/bin/sh\necho this python ran >&2\nexit 9\n"
"""An interpreter that ends as soon as it is started: what is judged here comes before it."""

COMPLETE = dict.fromkeys(("clean", "fit", "report__it", ""), "Completed")
LOG = """\
kedro-azureml step started 2026-11-29T05:01:00.000Z
a line of the log
kedro-azureml step ended 2026-11-29T05:02:00.000Z
"""


@dataclass(frozen=True)
class AzureCommand:
    """A command, as the faults are put into it.

    Args:
        words: Its words; `{job}` is the job that it starts from, `{python}` an interpreter.
        shows: What it prints if it has reached its end.
        code: Its exit code then.
        script: What happens to the job with each look at its steps.
        rows: Whether it reports what fails in rows of its own instead of in one message.
    """

    words: str
    shows: str
    code: int = 0
    script: tuple[dict[str, str], ...] = ()
    rows: bool = False


def nothing_sent(farm: SentProject) -> str:
    """Leave the workspace without a job; the project can schedule, register, push and pull."""
    farm.settings_of(schedule={"cron": {"expression": "0 3 * * *"}})
    farm.shop.write("requirements.txt", "click>=8\nkedro\n")
    farm.shop.write(".amlignore", "conf/local\n")
    farm.shop.write("data/penguins/local/p.txt", "mine")
    compute = {
        "computeType": "AmlCompute",
        "provisioningState": "Succeeded",
        "properties": {
            "vmSize": "Standard_DS3_v2",
            "vmPriority": "Dedicated",
            "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4},
        },
    }
    place = farm.azure.path("computes", "cpu")
    farm.azure.control.put(place, {"location": "loopback", "properties": compute})
    return ""


def scheduled(farm: SentProject) -> str:
    """Let the workspace have the schedule of the job."""
    nothing_sent(farm)
    farm.run("schedule", "-j", "all")
    return ""


def running(farm: SentProject) -> str:
    """Let a job of the project be at work, with a log."""
    name = farm.send()
    farm.jobs.play(name, clean="Running", job="Running")
    farm.azure.put_log(name, "clean", LOG)
    return name


def failed(farm: SentProject) -> str:
    """Let a job of the project have failed, with what its first step has left, and with logs."""
    name = farm.fail()
    for step in ("clean", "fit"):
        farm.azure.put_log(name, step, LOG)
    return name


def completed(farm: SentProject) -> str:
    """Let a job of the project have completed, with all of its data."""
    return farm.complete()


STARTS: dict[Callable[[SentProject], str], dict[str, AzureCommand]] = {
    nothing_sent: {
        "run": AzureCommand("run -j all", "https://ml.azure.com/runs/all-"),
        "run --wait": AzureCommand(
            "run -j all --wait", "the job is Completed", script=({}, COMPLETE)
        ),
        "doctor": AzureCommand("doctor", " ok", rows=True),
        "doctor --assumptions": AzureCommand(
            "doctor --assumptions -j all",
            "assumptions",
            code=1,  # its steps have left neither logs nor data
            script=({"write": "Completed", "read": "Completed", "": "Completed"},),
            rows=True,
        ),
        "schedule": AzureCommand("schedule -j all", "shop-all-"),
        "jobs, where there is none": AzureCommand("jobs", "has no jobs"),
        "assets list": AzureCommand("assets list", "penguins"),
        "assets show": AzureCommand("assets show penguins", "7"),
        "assets pull": AzureCommand("assets pull penguins", "Downloaded version 7"),
        "assets push": AzureCommand("assets push penguins --yes", "Registered version 8"),
        "environment register": AzureCommand(
            "environment register shop-env --python 3.11", "shop-env"
        ),
    },
    scheduled: {
        "schedule --list": AzureCommand("schedule --list", "shop-all-"),
        "schedule, unchanged": AzureCommand("schedule -j all", "shop-all-"),
        "schedule --disable": AzureCommand("schedule -j all --disable", "shop-all-"),
        "schedule --delete": AzureCommand("schedule -j all --delete", "shop-all-"),
    },
    running: {
        "run, unchanged": AzureCommand("run -j all", "https://ml.azure.com/runs/all-"),
        "status --watch": AzureCommand(
            "status {job} --watch", "the job is Completed", script=({}, COMPLETE)
        ),
        "logs --follow": AzureCommand(
            "logs {job} --follow", "a line of the log", script=({}, COMPLETE)
        ),
        "cancel": AzureCommand("cancel {job}", "Azure ML is cancelling"),
    },
    failed: {
        "status": AzureCommand("status {job}", "Canceled"),
        "status by the name in azureml.yml": AzureCommand("status all", "Canceled"),
        "logs": AzureCommand("logs {job}", "a line of the log"),
        "jobs": AzureCommand("jobs", "Failed"),
        "plan --advise --from-job": AzureCommand("plan --advise --from-job {job}", "time"),
        "data list": AzureCommand("data list {job}", "clean"),
        "data get": AzureCommand("data get {job} --to here --yes", "clean: "),
        "replay": AzureCommand("replay {job} fit --yes --python {python}", "exit status 9", code=1),
        "resume": AzureCommand("resume {job}", "https://ml.azure.com/runs/all-"),
    },
    completed: {
        "download": AzureCommand("download {job}", "data/report.txt"),
        "verify --against": AzureCommand(
            "verify --against {job} --yes --python {python}", "this python ran", code=1
        ),
    },
}
"""The commands by what they start from; `nothing_sent` and the others make that."""
