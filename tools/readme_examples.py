"""Execute the examples of each package's README where that package is installed from its wheel.

`tools/release_check.py` calls `check_examples`. A block is Python, YAML of a catalog, or commands;
what is around it, such as the project in which a user runs it, is set up here. A command that is
not executed stands in `NOT_EXECUTED` with its reason.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^ {4}\S.*\n(?:^ {4}.*\n|^\n(?= {4}))*)", re.MULTILINE)
COMMANDS = ("pip ", "kedro ", "azureml-simulate ", "python ", "eval ")

NOT_EXECUTED = {
    "pip install": "the package was just installed, from its wheel",
    "kedro azureml run": "it sends a job to Azure ML",
    "kedro azureml init": "it is for a project that lacks the files the starter's has",
    "eval ": "completion is tried in real shells by the tests of the command line",
    "python -m kedro_azureml_runner ...": "the three dots stand for what the compiler writes",
}
"""How a command begins that is not executed here, and why."""

SHOWN = {"text"}
"""Blocks that nobody types."""

TABLE = "species,mass\nGentoo,5.0\nAdelie,3.7\n"

STEPS = """
type: pipeline
settings: {default_compute: azureml:cpu-cluster}
inputs:
  penguins: {type: uri_folder, path: azureml:penguins:1}
  learning_rate: 0.1
  epochs: 1
outputs:
  model: {type: uri_folder}
jobs:
  split:
    type: command
    component:
      type: command
      environment: azureml:base:1
      command: cp ${{inputs.data}}/* ${{outputs.rows}}
      inputs: {data: {type: uri_folder}}
      outputs: {rows: {type: uri_folder}}
    inputs: {data: "${{parent.inputs.penguins}}"}
  train:
    type: command
    component:
      type: command
      environment: azureml:base:1
      command: >-
        cat ${{inputs.rows}}/* > ${{outputs.model}}/model.pkl &&
        echo ${{inputs.rate}} ${{inputs.epochs}} >> ${{outputs.model}}/model.pkl
      inputs: {rows: {type: uri_folder}, rate: {type: number}, epochs: {type: integer}}
      outputs: {model: {type: uri_folder}}
    inputs:
      rows: ${{parent.jobs.split.outputs.rows}}
      rate: ${{parent.inputs.learning_rate}}
      epochs: ${{parent.inputs.epochs}}
    outputs: {model: "${{parent.outputs.model}}"}
"""
"""The pipeline that the simulator's README calls `pipeline.yml`."""

TRAIN = """
type: command
environment: azureml:sklearn-1.5:1
command: echo ready
"""

PROJECT = {
    "pyproject.toml": """
        [tool.kedro]
        package_name = "birds"
        project_name = "Birds"
        kedro_init_version = "1.2.0"
        """,
    "src/birds/__init__.py": "",
    "src/birds/settings.py": "",
    "src/birds/pipeline_registry.py": """
        from kedro.pipeline import node, pipeline


        def register_pipelines():
            return {"__default__": pipeline([node(len, "params:birds", "count", name="count")])}
        """,
    "conf/local/.gitkeep": "",
    "conf/base/parameters.yml": "birds: [robin, wren]\n",
    "conf/base/catalog.yml": """
        count:
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          dataset: {type: pickle.PickleDataset, filepath: count.pkl}
        """,
    "conf/base/azureml.yml": """
        workspace: {__default__: {subscription_id: s, resource_group: r, name: w}}
        compute: {__default__: {cluster_name: cpu}}
        execution: {environment: "birds:1"}
        jobs: {training: {}}
        """,
}
"""A project for the compiler, whose README begins where one exists."""

CATALOG = """
import sys

import pandas as pd
import yaml
from kedro.io import DataCatalog

catalog = DataCatalog.from_config(yaml.safe_load(open(sys.argv[1])))
for name in catalog.keys():
    catalog[name].save(pd.DataFrame({"mass": [5.0, 3.7]}))
    print(name, sorted(str(path) for path in __import__("pathlib").Path("data").rglob("*.*")))
"""
"""Saves each entry of a catalog, which is then where the README says."""


@dataclass(frozen=True)
class Setting:
    """What a README's examples need besides the package itself.

    Args:
        requirements: What a reader of the example has installed.
        files: Files of the folder in which they run.
        words: Words of a command that stand for a name, and the name.
        settings: File for which its blocks of YAML are, and a command that reads it.
    """

    requirements: Sequence[str] = ()
    files: dict[str, str] | None = None
    words: tuple[tuple[str, str], ...] = ()
    settings: tuple[str, str] | None = None

    def complete(self, command: str) -> str:
        """Return a command with names in the place of words that stand for them."""
        for word, name in self.words:
            command = command.replace(word, name)
        return command


SETTINGS = {
    "kedro-azureml-cli": Setting(
        (
            "kedro-datasets[json-jsondataset,pandas-csvdataset]>=9,<10",
            "kedro-datasets[pandas-parquetdataset,plotly-jsondataset]>=9,<10",
            "plotly>=5.18",
            "scikit-learn>=1.4,<2",
        ),
        words=(
            ("-j JOB", "-j training"),
            ("--starter azureml", "--starter azureml --name Birds"),
        ),
    ),
    "kedro-azureml-compiler": Setting(("kedro-datasets",), PROJECT),
    "kedro-azureml-datasets": Setting(
        ("kedro-datasets[pandas-csvdataset,pandas-parquetdataset]",),
        {"data/penguins/1/penguins.csv": TABLE},
    ),
    "kedro-azureml-runner": Setting(),
    "kedro-azureml-simulator": Setting(
        ("azure-ai-ml>=1.27", "pytest>=8.2"),
        {
            "pipeline.yml": STEPS,
            "azureml-simulate.yml": "assets: {'penguins:1': data/penguins}\n",
            "data/penguins/rows.csv": TABLE,
            "data/rows.csv": TABLE,
            "data/table.csv": TABLE,
            "requirements.txt": "",
            "components/train.yml": TRAIN,
        },
        settings=("azureml-simulate.yml", "azureml-simulate pipeline.yml --validate --strict"),
    ),
}


def check_examples(readme: Path, name: str, python: str) -> Iterator[str]:
    """Execute the examples of a README, and yield what went wrong.

    Args:
        readme: The file.
        name: The package.
        python: An interpreter in which the package and its `Setting.requirements` are installed.
    """
    setting = SETTINGS[name]
    folder = Path(python).parents[1] / "examples"
    for path, text in (setting.files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(textwrap.dedent(text).lstrip("\n"))
    folder.mkdir(exist_ok=True)
    text, executed = readme.read_text(encoding="utf-8"), 0
    program, place = [], folder
    for language, block in _read_blocks(text):
        if language == "python" and "def test_" in block:
            (folder / "test_example.py").write_text(block)
            failed = _run([python, "-m", "pytest", "-q", "test_example.py"], place, python)
        elif language == "python":
            program.append(block)
            (folder / "example.py").write_text("\n".join(program))
            failed = _run([python, str(folder / "example.py")], place, python)
        elif language == "yaml" and "type: kedro_azureml_datasets." in block:
            (folder / "catalog.yml").write_text(block)
            failed = _run([python, "-c", CATALOG, "catalog.yml"], place, python)
        elif language == "yaml" and setting.settings:
            file, command = setting.settings
            (folder / file).write_text(block)
            failed = _run(["bash", "-c", command], place, python)
        elif language == "commands":
            failed = ""
            for command in _read_commands(block):
                failed = failed or _run(["bash", "-c", setting.complete(command)], place, python)
                if command.startswith("kedro new"):
                    (place,) = (path.parent for path in folder.glob("*/pyproject.toml"))
                executed += 1
        elif language in SHOWN:
            continue
        else:
            failed = f"nothing executes its block of {language}: '{block.splitlines()[0]}'"
        executed += language != "commands"
        if failed:
            yield f"{readme.parent.name}/README.md: {failed}"
    if not executed:
        yield f"{readme.parent.name}/README.md has no example"
    if (folder / "azureml-simulation/run.json").exists():
        status = json.loads((folder / "azureml-simulation/run.json").read_text())["status"]
        if status != "completed":
            yield f"{readme.parent.name}/README.md: the run of its example is {status}"


def _read_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield the blocks of a README in their order, indented ones of commands too."""
    found = [(match.start(), match[1], match[2]) for match in FENCED.finditer(text)]
    inside = [match.span() for match in FENCED.finditer(text)]
    for match in INDENTED.finditer(text):
        if not any(start <= match.start() < end for start, end in inside):
            block = textwrap.dedent(match[0])
            kind = "console" if block.removeprefix("$ ").startswith(COMMANDS) else "python"
            found.append((match.start(), kind, block))
    for _, language, block in sorted(found):
        if language == "python" and not re.search(r"^(from|import|def|>>>) ?", block, re.MULTILINE):
            continue  # output that is shown
        yield ("commands" if language in {"console", "bash"} else language), block


def _read_commands(block: str) -> Iterator[str]:
    """Yield the commands of a block that are executed."""
    prompted = "$ " in block
    for line in block.splitlines():
        if prompted and not line.startswith("$ "):
            continue
        command = re.sub(r"\s+#.*", "", line.removeprefix("$ ")).strip()
        if command.startswith(COMMANDS) and not command.startswith(tuple(NOT_EXECUTED)):
            yield command


def _run(command: Sequence[str], folder: Path, python: str) -> str:
    """Run a command as in a shell with the environment active; return how it failed, or nothing."""
    path = os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", "")])
    quiet = {"KEDRO_DISABLE_TELEMETRY": "1", "PATH": path, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **quiet}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if not done.returncode:
        return ""
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    shown = "; ".join(line.strip() for line in said[-4:])
    return f"'{command[-1].strip().splitlines()[-1]}' ended with {done.returncode}: {shown}"
