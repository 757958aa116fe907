"""A step inside Azure ML logs into the job's MLflow run; the store is a folder of this machine."""

import json
import os
import subprocess
import textwrap
from pathlib import Path

import pytest
from environments import Environment
from warm_python import WarmPython

PYPROJECT = """
[tool.kedro]
package_name = "orchard"
project_name = "Orchard"
kedro_init_version = "1.2.0"
"""

REGISTRY = """
from kedro.pipeline import Pipeline, node


def grow(count):
    try:
        import mlflow
    except ImportError:
        return count
    mlflow.log_metric("grown", count)
    return count


def fail(count):
    raise ValueError("a worm " + "x" * 5000)


def register_pipelines():
    return {"fruit": Pipeline([
        node(grow, "params:count", "apples", name="grow"),
        node(fail, "params:count", "pears", name="eat"),
    ])}
"""

ASK = """
import json, sys
import mlflow
client = mlflow.MlflowClient()
if sys.argv[1] == "create":
    experiment = client.create_experiment("orchard-job")
    print(client.create_run(experiment).info.run_id)
else:
    runs = client.search_runs([e.experiment_id for e in client.search_experiments()])
    print(json.dumps({r.info.run_id: {
        "experiment": client.get_experiment(r.info.experiment_id).name,
        "status": r.info.status,
        "tags": r.data.tags, "params": r.data.params, "metrics": r.data.metrics,
    } for r in runs}))
"""

# What is off this machine cannot be reached: a connection is refused before it is tried.
NO_SOCKET = """
import sys

def refuse(event, args):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        print("A SOCKET:", event, args, file=sys.stderr)
        raise OSError(f"{event} {args}")

sys.addaudithook(refuse)
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Path:
    """A Python that asks the store, as Azure ML does, and has imported what it needs for it."""
    with WarmPython(tmp_path_factory.mktemp("client"), ["mlflow"]) as python:
        yield python.path


@pytest.fixture(scope="module")
def lean(built, wheels) -> Environment:
    """An image with the extra, and with nothing of MLflow besides."""
    datasets = f"kedro-azureml-datasets[mlflow] @ file://{wheels['kedro_azureml_datasets']}"
    return built("lean", datasets, wheels["kedro_azureml_runner"])


@pytest.fixture(scope="module")
def full(with_kedro_mlflow) -> Environment:
    """The same with kedro-mlflow."""
    return with_kedro_mlflow


@pytest.fixture(scope="module")
def bare(built, wheels) -> Environment:
    """An image without MLflow."""
    return built("bare", wheels["kedro_azureml_datasets"], wheels["kedro_azureml_runner"])


class Job:
    """A project whose steps run as those of a job, with a tracking store of its own."""

    def __init__(self, root: Path, client: Path) -> None:
        self.root = root
        self._client = client
        files = {
            "pyproject.toml": PYPROJECT,
            "src/orchard/__init__.py": "",
            "src/orchard/settings.py": "",
            "src/orchard/pipeline_registry.py": REGISTRY,
            "conf/base/parameters.yml": "count: 3\n",
            "conf/base/catalog.yml": "{}\n",
            "conf/local/.gitkeep": "",
            "audit/sitecustomize.py": NO_SOCKET,
        }
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.environ = {
            "MLFLOW_TRACKING_URI": (root / "store").as_uri(),
            "MLFLOW_ALLOW_FILE_STORE": "true",  # newer ones ask for it
            "PYTHONPATH": str(root / "audit"),
        }

    def ask(self, *args: str) -> str:
        done = subprocess.run(
            [self._client, "-c", ASK, *args],
            cwd=self.root,
            env={"PATH": os.environ["PATH"], **self.environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()[-1]

    def runs(self) -> dict[str, dict]:
        return json.loads(self.ask("show"))

    def step(
        self, environment: Environment, node: str, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        argv = ("--protocol", "1", "--pipeline", "fruit", "--node", node)
        done = environment.run(
            "python", "-m", "kedro_azureml_runner", *argv,
            cwd=self.root, **{**self.environ, **environ},
        )  # fmt: skip
        assert "A SOCKET" not in done.stderr
        return done


@pytest.fixture
def job(tmp_path, client) -> Job:
    return Job(tmp_path / "orchard", client)


@pytest.mark.parametrize("kind", ["lean", "full"])
def test_a_step_logs_into_the_jobs_run_and_says_what_it_is(job, kind, request):
    environment = request.getfixturevalue(kind)
    run = job.ask("create")
    done = job.step(environment, "grow", MLFLOW_RUN_ID=run)
    assert done.returncode == 0, done.stderr
    assert "Cannot" not in done.stdout + done.stderr
    runs = job.runs()
    assert list(runs) == [run]  # and no other
    assert runs[run]["experiment"] == "orchard-job"
    assert runs[run]["metrics"] == {"grown": 3}
    assert runs[run]["tags"]["kedro.node_name"] == "grow"
    assert runs[run]["tags"]["kedro.pipeline_name"] == "fruit"
    if kind == "full":  # kedro-mlflow logs a node's parameters by itself
        assert runs[run]["params"] == {"count": "3"}
        assert runs[run]["status"] == "FINISHED"


@pytest.mark.parametrize("kind", ["lean", "full"])
def test_a_failure_is_reported_in_the_jobs_run(job, kind, request):
    environment = request.getfixturevalue(kind)
    run = job.ask("create")
    done = job.step(environment, "eat", MLFLOW_RUN_ID=run)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Step failed in node 'eat': ValueError: a worm")
    runs = job.runs()
    assert list(runs) == [run]
    assert runs[run]["tags"]["kedro.error"].startswith("ValueError: a worm xxx")
    assert len(runs[run]["tags"]["kedro.error"]) == 1000
    assert runs[run]["tags"]["kedro.failed_node"] == "eat"
    if kind == "full":
        assert runs[run]["status"] == "FAILED"


def test_a_store_that_does_not_answer_fails_no_step(job, lean):
    done = job.step(lean, "grow", MLFLOW_RUN_ID="0" * 32)
    shown = " ".join((done.stdout + done.stderr).split())
    assert "Cannot name the step's node in the job's MLflow run" in shown


def test_only_the_first_rank_speaks_for_the_step(job, lean):
    run = job.ask("create")
    done = job.step(lean, "eat", MLFLOW_RUN_ID=run, RANK="1", WORLD_SIZE="2")
    assert done.returncode == 1
    assert not [tag for tag in job.runs()[run]["tags"] if tag.startswith("kedro.")]


@pytest.mark.parametrize("run_id", [{}, {"MLFLOW_RUN_ID": "0" * 32}])
def test_without_mlflow_nothing_is_looked_for(job, bare, run_id):
    """In a bare image Azure ML sets its variables all the same."""
    code = textwrap.dedent(
        """
        import sys
        from importlib.abc import MetaPathFinder
        from kedro_azureml_runner.__main__ import main

        class Note(MetaPathFinder):
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] == "mlflow":
                    print("LOOKED FOR", name, file=sys.stderr)

        sys.meta_path.insert(0, Note())
        sys.exit(main(["--protocol", "1", "--pipeline", "fruit", "--node", "eat"]))
        """
    )
    done = bare.run("python", "-c", code, cwd=job.root, **{**job.environ, **run_id})
    assert done.returncode == 1
    assert "ValueError: a worm" in done.stderr
    assert "warning" not in done.stderr.lower()
    assert done.stderr.count("LOOKED FOR mlflow") == len(run_id)  # one look, and no import


def test_the_extra_is_importable_and_without_it_there_is_no_mlflow(lean, bare, tmp_path):
    done = lean.run("python", "-c", "import mlflow, azureml.mlflow", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = bare.run("python", "-c", "import mlflow", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ModuleNotFoundError")
