"""The commands that speak to Azure ML: what each starts from, and what it shows at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml
from followed_project import COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable

    from sent_project import SentProject

NO_PYTHON = "#!/bin/sh\necho this python ran >&2\nexit 9\n"
"""An interpreter that ends as soon as it is started: what is judged here comes before it."""

NOTEBOOK = """
import sys

from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "kedro.ipython")
shell.run_line_magic("reload_kedro", sys.argv[1])
loaded = shell.run_cell(f"%load_azureml {sys.argv[2]}")
if not loaded.success:
    sys.exit(1)
try:
    print([shell.user_ns["catalog"].load(name) for name in sys.argv[3:]])
except Exception as error:
    print(f"Error: {error}", file=sys.stderr)
    sys.exit(1)
"""
"""A notebook that Kedro has prepared, in which a job is loaded, and then datasets of it."""

COMPLETE = dict.fromkeys(("clean", "fit", "report__it", ""), "Completed")
RESUMED = dict.fromkeys(("fit", "report__it", ""), "Completed")
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
        program: The code that runs it.
        failed: Its exit code where the network, the machine or Azure has failed.
        rerun: Its words after it was ended somewhere, if they are others.
    """

    words: str
    shows: str
    code: int = 0
    script: tuple[dict[str, str], ...] = ()
    rows: bool = False
    program: str = COMMAND
    failed: int = 3
    rerun: str = ""


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


def with_channels(farm: SentProject) -> str:
    """Subscribe a channel to the start and the end of the project's job."""
    settings = yaml.safe_load(farm.shop.read("conf/base/azureml.yml"))
    channel = {"apprise_env": "CHATS", "events": ["start", "success", "failure"]}
    settings["notifications"] = {"chat": channel}
    settings["jobs"]["all"]["notifications"] = "chat"
    farm.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    return ""


def pulled(farm: SentProject) -> str:
    """Let the project have an asset, and the workspace an environment."""
    nothing_sent(farm)
    farm.run("assets", "pull", "penguins")
    farm.run("environment", "register", "shop-env", "--python", "3.11")
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
        "run --open": AzureCommand("run -j all --open", "https://ml.azure.com/runs/all-"),
        "doctor": AzureCommand("doctor", " ok", rows=True),
        "doctor --assumptions": AzureCommand(
            "doctor --assumptions -j all",
            "does not hold",
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
    with_channels: {
        "run --wait with notifications": AzureCommand(
            "run -j all --wait", "the job is Completed", script=({}, COMPLETE)
        ),
    },
    pulled: {
        "assets pull, already here": AzureCommand("assets pull penguins", "ersion 7 of the data"),
        "assets pull --replace": AzureCommand(
            "assets pull penguins --replace", "Downloaded version 7"
        ),
        "environment register, unchanged": AzureCommand(
            "environment register shop-env --python 3.11", "shop-env"
        ),
    },
    scheduled: {
        "schedule --list": AzureCommand("schedule --list", "shop-all-"),
        "schedule, unchanged": AzureCommand("schedule -j all", "shop-all-"),
        "schedule --dry-run": AzureCommand("schedule -j all --dry-run", "shop-all-"),
        "schedule --enable": AzureCommand("schedule -j all --enable", "shop-all-"),
        "schedule --prune": AzureCommand("schedule -j all --prune", "shop-all-"),
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
        "status --open": AzureCommand("status {job} --open", "Canceled"),
        "status --watch of a job that has ended": AzureCommand(
            "status {job} --watch", "Canceled", code=1
        ),
        "logs": AzureCommand("logs {job}", "a line of the log"),
        "logs of one step": AzureCommand("logs {job} clean", "a line of the log"),
        "jobs": AzureCommand("jobs", "Failed"),
        "jobs --all": AzureCommand("jobs --all", "Failed"),
        "jobs --open": AzureCommand("jobs --open", "Failed"),
        "plan --resume": AzureCommand("plan -j all --resume {job}", "taken over"),
        "plan --advise --from-job": AzureCommand("plan --advise --from-job {job}", "time"),
        "data list": AzureCommand("data list {job}", "clean"),
        "data get": AzureCommand("data get {job} --to here --yes", "clean: "),
        "data get of one dataset": AzureCommand("data get {job} clean --yes", "clean: "),
        "replay --from": AzureCommand(
            "replay {job} fit --from --yes --python {python}", "exit status 9", code=1
        ),
        "replay": AzureCommand("replay {job} fit --yes --python {python}", "exit status 9", code=1),
        "resume": AzureCommand("resume {job}", "https://ml.azure.com/runs/all-"),
        "resume --dry-run": AzureCommand("resume {job} --dry-run", "taken over"),
        "resume --wait": AzureCommand(
            "resume {job} --wait", "the job is Completed", script=({}, RESUMED)
        ),
    },
    completed: {
        "download": AzureCommand("download {job}", "data/report.txt"),
        "download --force": AzureCommand("download {job} report --force", "data/report.txt"),
        "%load_azureml": AzureCommand(
            "{job} penguins clean model report",
            "['ONE', 'one', 'one3', 'One3']",
            program=NOTEBOOK,
            failed=1,
        ),
        "verify --against": AzureCommand(
            "verify --against {job} --yes --python {python}", "this python ran", code=1
        ),
    },
}
"""The commands by what they start from; `nothing_sent` and the others make that."""
