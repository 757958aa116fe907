"""Pipelines, and what each becomes on Azure ML: compared whole, judged by the SDK, executed.

Each folder of `golden/` holds a project in small: `pipeline.py`, `catalog.yml`, and where they are
needed `azureml.yml`, `parameters.yml`, `credentials.yml`, files below `data/` and `conf/`,
`arguments.txt` (of `kedro azureml compile`) and `kedro_run.txt` (of the `kedro run` that does the
same). With them lies what comes out, which `nox -s golden` writes: `expected.yml`, or where the
folder's name begins with `refused_` what the user is told, `expected_refusal.txt`.

What is accepted is executed step by step, and its nodes load and save what they do in `kedro run`.
"""

import json
import os
import re
import shlex
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from environments import judged
from small_projects import Bench, set_parameters, write_project
from stress import FACTOR

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
REFUSED = [name for name in NAMES if name.startswith("refused_")]
ACCEPTED = [name for name in NAMES if name not in REFUSED]
WRITE = bool(os.environ.get("KEDRO_AZUREML_WRITE_GOLDEN"))

AZUREML = """
workspace:
  __default__: {subscription_id: s, resource_group: r, name: w}
compute:
  __default__: {cluster_name: cpu}
execution: {environment: "env:1"}
jobs:
  job: {}
"""

KEDRO_RUN_FAILS_TOO = {
    "refused_empty_selection", "refused_input_missing",
    "refused_input_outside", "refused_nothing_produces", "refused_unknown_node",
    "refused_unknown_parameter", "refused_unknown_tag", "refused_unregistered_input",
    "refused_versioned_underneath",
}  # fmt: skip

HONEST = ("names", "promoted_parameters", "transcoding") if FACTOR > 1 else ("promoted_parameters",)
"""Executed with a real start of Python for every step, besides."""

SEVERAL_PROCESSES = {"step_settings"}
"""Distributed: each rank runs the node, so its calls are there once for each."""

OF_KEDRO = re.compile(r"^(\[[\d/: ]+\]| {19}) +(INFO|WARNING) .*\n( {29}.*\n)*", re.MULTILINE)
"""Lines of its log, the first of a second with the time."""

STORAGE = """
import fsspec
from fsspec.implementations.local import LocalFileSystem


class Storage(LocalFileSystem):
    # Stands for a storage account: a folder outside the project that all steps reach.
    protocol = "abfs"

    @classmethod
    def _strip_protocol(cls, path):
        path = str(path).removeprefix("abfs://")
        return path if path.startswith("/") else f"{os.environ['STORAGE']}/{path}"


fsspec.register_implementation("abfs", Storage, clobber=True)
"""


def text_of(name: str, file: str, otherwise: str = "") -> str:
    path = GOLDEN / name / file
    return path.read_text(encoding="utf-8") if path.is_file() else otherwise


def arguments(name: str) -> list[str]:
    return shlex.split(text_of(name, "arguments.txt", "-j job"))


class Project:
    """A case as a project, with a place for each of its two runs outside of it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        for where in ("local", "steps"):
            place = folder / "outside" / where / "container"
            place.mkdir(parents=True)
            (place / "in.csv").write_text("n\n1\n")
            with closing(sqlite3.connect(place.parent / "tables.db")) as tables:
                tables.execute("create table standing (n integer)")
                tables.execute("insert into standing values (1), (2)")
                tables.commit()
        azureml = text_of(name, "azureml.yml", AZUREML)
        azureml = azureml.replace("/home/it's me", str(folder / "image/it's me"))
        self.path = write_project(
            folder / "project",
            registry=text_of(name, "pipeline.py"),
            catalog=text_of(name, "catalog.yml"),
            azureml=azureml,
            parameters=text_of(name, "parameters.yml", "seed: 1\n"),
            credentials=text_of(name, "credentials.yml"),
            environ=self.environ("steps"),
            more_settings=STORAGE if "abfs://" in text_of(name, "catalog.yml") else "",
        )
        for part in ("data", "conf", "envs", ".amlignore"):
            source = GOLDEN / name / part
            if source.is_dir():
                shutil.copytree(source, self.path / part, dirs_exist_ok=True)
            elif source.is_file():
                shutil.copy(source, self.path / part)
        self.job = arguments(name)[1]
        self.bundle = self.path / "build/azureml" / self.job

    def environ(self, where: str) -> dict[str, str]:
        """What the project finds in its environment, in a local run or in a step's image."""
        place = self.folder / "outside" / where
        return {"DATABASE_URL": f"sqlite:///{place}/tables.db", "STORAGE": str(place)}

    def compile(self, bench: Bench) -> str:
        """Compile the job as a user does; give what they are told where it is refused."""
        told = bench.kedro(self.path, "azureml", "compile", *arguments(self.name))
        assert "Traceback" not in told.stderr
        if told.code == 0:
            return ""
        assert told.code == 1
        assert not (self.path / "build").exists()
        # What Kedro says in its own words and colours is not ours to compare.
        return OF_KEDRO.sub("", told.stderr).replace(str(self.path), "<project>")

    def kedro_run(self, bench: Bench):
        """Run it locally, in a copy."""
        copy = self.folder / "local"
        shutil.copytree(self.path, copy, ignore=shutil.ignore_patterns("build"))
        run = shlex.split(text_of(self.name, "kedro_run.txt"))
        if not run:
            settings = yaml.safe_load(text_of(self.name, "azureml.yml", AZUREML))
            job = settings.get("jobs", {}).get(self.job, {})
            set_parameters(copy, job.get("params", {}))
        return bench.kedro(copy, "run", *run, **self.environ("local"))

    def assets(self) -> dict[str, str]:
        """The job's data assets, each at a path that tells nothing of the catalog."""
        plan = json.loads((self.bundle / "plan.json").read_text(encoding="utf-8"))
        found = {}
        for dataset in plan["datasets"]:
            asset = dataset["asset"]
            if dataset["flow"] == "version":
                versions = self.path / asset["root_dir"] / asset["name"]
                newest = max((path.name for path in versions.iterdir()), key=int)
                source = versions / (asset["version"] or newest)
                blob = self.folder / "blobs" / asset["name"]
                if asset["is_file"]:
                    blob.mkdir(parents=True)
                    blob /= "part-0000"
                    shutil.copy(source / asset["file"], blob)
                else:
                    shutil.copytree(source, blob)
                version = f":{asset['version']}" if asset["version"] else "@latest"
                found[f"{asset['name']}{version}"] = str(blob)
        return found


@pytest.fixture(scope="module", params=ACCEPTED)
def accepted(request, bench, tmp_path_factory):
    """A case, compiled; all tests of it come one after another."""
    project = Project(request.param, tmp_path_factory.mktemp(request.param))
    assert project.compile(bench) == ""
    return project


def compare_with(expected: Path, made: str) -> None:
    if WRITE:
        expected.write_text(made, encoding="utf-8")
    assert made == expected.read_text(encoding="utf-8")


def test_a_pipeline_becomes_exactly_this(accepted):
    made = (accepted.bundle / "pipeline.yml").read_text(encoding="utf-8")
    made = made.replace(str(accepted.folder / "image/it"), "/home/it")
    assert str(accepted.folder) not in made
    compare_with(GOLDEN / accepted.name / "expected.yml", made)


def test_the_sdk_accepts_it(accepted, sdk):
    assert judged(accepted.bundle / "pipeline.yml", python=sdk) == {}


def test_steps_give_what_kedro_run_gives(accepted, bench, tmp_path):
    project, name = accepted, accepted.name
    local = project.kedro_run(bench)
    assert local.code == 0, local.stdout + local.stderr
    assert local.records
    if name == "image_flow":  # the image of this machine: the project where it is to be
        shutil.copytree(project.path, project.folder / "image/it's me")
    pythons = {"warm": None}
    if name in HONEST:
        pythons["real"] = Path(sys.executable)
    assets = project.assets()
    for kind, python in pythons.items():
        file, run = project.bundle / "pipeline.yml", tmp_path / kind
        result, seen = bench.simulate(file, run, assets=assets, python=python)
        logs = [step.log_path.read_text() for step in result.steps if step.log_path]
        assert {step.display_name: step.message for step in result.steps if step.message} == {}, (
            logs
        )
        if name in SEVERAL_PROCESSES:
            assert set(seen) == set(local.records)
        else:
            assert seen == local.records
    assert not list(project.folder.rglob("F"))  # what a hostile parameter would have made
    assert not list(tmp_path.rglob("F"))


@pytest.mark.parametrize("name", REFUSED)
def test_what_steps_cannot_do_is_refused_in_these_words(name, bench, tmp_path):
    project = Project(name, tmp_path)
    refusal = project.compile(bench)
    assert refusal
    compare_with(GOLDEN / name / "expected_refusal.txt", refusal)
    told = project.kedro_run(bench)
    assert (told.code != 0) == (name in KEDRO_RUN_FAILS_TOO), told.stdout + told.stderr
