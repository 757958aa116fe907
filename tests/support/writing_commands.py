"""The commands that write files or send something: what is killed, and what gets no disk."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from fault_commands import AzureCommand, completed, failed, nothing_sent, pulled

if TYPE_CHECKING:
    from collections.abc import Callable

    from sent_project import SentProject

INTERRUPTIBLE = """
import os
import sys

sys.executable = os.environ.get("WARM_PYTHON", sys.executable)
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.commands import project_commands
from kedro_azureml_cli.terminal.start_up import early_interruption

project, *words = sys.argv[1:]
sys.argv = ["kedro", "azureml", *words]
early_interruption.begin()
print("begun", flush=True)
project_commands(["azureml", *words], obj=bootstrap_project(project))
"""
"""Runs a command as Kedro does, which lets it look after Ctrl-C before it opens the project."""

UNWRAPPED = """
clean:
  type: text.TextDataset
  filepath: data/02/clean.txt
"""


def fixable(farm: SentProject) -> str:
    """Let the catalog have an entry that `check --fix` wraps."""
    nothing_sent(farm)
    farm.shop.write("conf/base/catalog.yml", farm.shop.read("conf/base/catalog.yml") + UNWRAPPED)
    return ""


def simulated(farm: SentProject) -> str:
    """Let a simulation of the project have failed at its second step."""
    pulled(farm)
    nodes = farm.shop.read("src/shop/nodes.py")
    farm.write_nodes(nodes.replace('if "bad" in table', "if True"))
    python = farm.shop.environ["WARM_PYTHON"]
    farm.run("simulate", "-j", "all", "--python", python, code=1)
    farm.write_nodes(nodes)
    return ""


WRITING: dict[Callable[[SentProject], str], dict[str, AzureCommand]] = {
    nothing_sent: {
        "compile": AzureCommand("compile -j all", "Compiled the job 'all'"),
        "run": AzureCommand("run -j all", "https://ml.azure.com/runs/all-"),
        "assets pull": AzureCommand("assets pull penguins", "ersion 7 of the data"),
        "assets push": AzureCommand("assets push penguins --yes", "Registered version "),
    },
    fixable: {"check --fix": AzureCommand("check -j all --fix --yes", "0 errors")},
    pulled: {
        "simulate": AzureCommand("simulate -j all --python {python}", "3 completed"),
        "verify": AzureCommand("verify -j all --python {python}", "3 of 3 datasets are the same"),
    },
    simulated: {
        "simulate --resume": AzureCommand(
            "simulate -j all --resume build/azureml-runs/all --accept-code-changes "
            "--python {python}",
            "completed in",
        ),
    },
    failed: {
        "data get": AzureCommand("data get {job} --yes", "clean: "),
        "data get --to": AzureCommand(
            "data get {job} --to here --yes",
            "clean: ",
            rerun="data get {job} --to here --yes --force",
        ),
        "replay": AzureCommand("replay {job} fit --yes --python {python}", "a bad row", code=1),
        "resume": AzureCommand("resume {job}", "https://ml.azure.com/runs/all-"),
    },
    completed: {
        "download": AzureCommand(
            "download {job}", "data/report.txt", rerun="download {job} --force"
        ),
        "verify --against": AzureCommand(
            "verify --against {job} --yes --python {python}", "3 of 3 datasets are the same"
        ),
    },
}
"""The commands by what they start from."""

EACH = [(start, name) for start, commands in WRITING.items() for name in commands]

LOCAL = {"compile", "check --fix", "simulate", "verify", "simulate --resume"}
USING_AZURE_ML = [(start, name) for start, name in EACH if name not in LOCAL]
"""Those that ask Azure ML, all of which ask the storage as well."""


def find_processes(folder: Path) -> dict[int, str]:
    """Return the processes that work in a folder, or were started for what is in it."""
    found = {}
    for place in Path("/proc").iterdir():
        if not place.name.isdecimal():
            continue
        try:
            words = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            works_in = (place / "cwd").resolve(strict=True)
        except OSError:  # it has ended
            continue
        if works_in.is_relative_to(folder) or re.search(re.escape(str(folder)), words):
            found[int(place.name)] = words
    return found
