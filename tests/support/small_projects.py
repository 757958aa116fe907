"""Small Kedro projects, run by `kedro run` and as simulated jobs, with what their nodes have seen.

Every program here is a `WarmPython`: a project of three nodes would else wait for ten imports.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from kedro_azureml_simulator import RunResult, simulate
from warm_python import WarmPython

if TYPE_CHECKING:
    from types import TracebackType

PARTS = Path(__file__).with_name("small_project")
PREFIX = "RECORD "

PYPROJECT = """
[tool.kedro]
package_name = "small"
project_name = "Small"
kedro_init_version = "1.2.0"
"""

AZUREML: dict[str, Any] = {
    "workspace": {"__default__": {"subscription_id": "s", "resource_group": "r", "name": "w"}},
    "compute": {"__default__": {"cluster_name": "cpu"}},
    "execution": {"environment": "env:1"},
    "jobs": {"job": {}},
}

SETTINGS = """
import os

from small.recording import Recorder

for name, value in {environ!r}.items():  # what the image of a step has
    os.environ.setdefault(name, value)
HOOKS = (Recorder(),)
"""

FRAMEWORK = (
    "kedro.framework.session", "kedro.framework.cli.cli", "kedro.framework.cli.project",
    "kedro.framework.cli.registry", "kedro.framework.context.context",
    "kedro.framework.session.store", "kedro.runner.sequential_runner", "kedro.config",
    "kedro.validation.api", "kedro_telemetry.plugin", "kedro_azureml_datasets.hooks", "cloudpickle",
)  # fmt: skip
"""What every process of a project imports."""

KEDRO = (
    *FRAMEWORK, "kedro_azureml_datasets.asset_dataset", "kedro_azureml_datasets.pipeline_dataset",
    "kedro_azureml_datasets.rebinding", "kedro_datasets.pickle.pickle_dataset",
    "kedro_datasets.json.json_dataset", "kedro_datasets.text.text_dataset",
    "kedro_datasets.pandas.csv_dataset", "kedro_datasets.pandas.parquet_dataset",
    "kedro_datasets.partitions.partitioned_dataset", "pyarrow.parquet", "sqlite3",
    "fsspec.implementations.local", "pydantic.main", "image_without_mlflow",
    "data_in_memory",
)  # fmt: skip
"""What a step imports of its image; not the runner, which each bundle brings along."""

COMPILER = (
    "kedro_azureml_cli.commands", "kedro_azureml_cli.bundles.compile_command",
    "kedro_azureml_cli.simulation.asset_paths",
    "kedro_azureml_compiler.compilation", "kedro_azureml_compiler.finding_registry",
    "kedro_azureml_simulator.terminal.console",
)  # fmt: skip

COMPILE = """
import dataclasses, json, sys
from pathlib import Path

from kedro_azureml_cli.simulation.asset_paths import find_local_assets
from kedro_azureml_compiler import FindingsError, compile_job
from kedro_azureml_compiler.examination import examine_job
from kedro_azureml_compiler.project.opening import ProjectRequest

job = sys.argv[1]
answer = {"compiled": True}
try:
    made = compile_job(Path.cwd(), job)
    answer["assets"] = {k: str(v) for k, v in find_local_assets(made.plan, Path.cwd()).items()}
except FindingsError:
    answer["compiled"] = False
    made = examine_job(ProjectRequest(Path.cwd()), job)
answer["steps"] = {step.name: step.nodes for step in made.plan.steps}
answer["findings"] = [
    (f.code, f.severity.value, f.where, f.message, f.hint) for f in made.findings
]
print("ANSWER", json.dumps(answer))
"""


@dataclass(frozen=True)
class Told:
    """What a program has printed, and its exit code."""

    code: int
    stdout: str
    stderr: str

    @property
    def records(self) -> Counter[str]:
        """What the project's nodes have loaded and saved."""
        return records(self.stdout)


@dataclass(frozen=True)
class Answer:
    """What the compiler says of a job.

    Args:
        compiled: Whether there is a bundle.
        steps: Name of each step to its nodes.
        findings: Code, severity, place, message and hint of each finding.
        assets: Reference of each data asset to its copy on this machine.
    """

    compiled: bool
    steps: Mapping[str, list[str]]
    findings: list[tuple[str, str, str, str, str]]
    assets: Mapping[str, str]


def records(text: str) -> Counter[str]:
    """Count the lines of the recording hook in an output or a log."""
    return Counter(line for line in text.splitlines() if line.startswith(PREFIX))


def write_project(
    folder: Path,
    *,
    registry: str,
    catalog: str,
    azureml: str = json.dumps(AZUREML),
    parameters: str = "seed: 1\n",
    credentials: str = "",
    environ: Mapping[str, str] | None = None,
    more_settings: str = "",
) -> Path:
    """Write a small project with the recording hook.

    Args:
        folder: Where, which does not exist.
        registry: `pipeline_registry.py`.
        catalog: `catalog.yml`.
        azureml: `azureml.yml`.
        parameters: `parameters.yml`.
        credentials: `credentials.yml` of the base environment, where there is one.
        environ: Environment variables that a step's image has.
        more_settings: What else stands in `settings.py`.
    """
    package, conf = folder / "src/small", folder / "conf/base"
    for path in (package, conf, folder / "conf/local"):
        path.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (package / "__init__.py").touch()
    for part in ("recording.py", "tables.py"):
        shutil.copy(PARTS / part, package / part)
    settings = SETTINGS.format(environ=dict(environ or {})) + more_settings
    (package / "settings.py").write_text(settings)
    (package / "pipeline_registry.py").write_text(registry)
    files = {"catalog": catalog, "azureml": azureml, "parameters": parameters}
    if credentials:
        files["credentials"] = credentials
    for name, text in files.items():
        (conf / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def set_parameters(project: Path, params: Mapping[str, Any]) -> None:
    """Make runtime parameters of a job parameters of the project: `--params` knows no lists."""
    path = project / "conf/base/parameters.yml"
    merged = _merged(yaml.safe_load(path.read_text(encoding="utf-8")) or {}, params)
    path.write_text(yaml.safe_dump(merged, allow_unicode=True), encoding="utf-8")


def _merged(below: Any, above: Any) -> Any:
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}


class Bench:
    """Where small projects are run: a user's Python and one like a step image's, as a context.

    Args:
        user: What the user's has imported.
        image: What the other has; not the runner, which each bundle brings along.
    """

    def __init__(
        self, user: Sequence[str] = (*KEDRO, *COMPILER), image: Sequence[str] = KEDRO
    ) -> None:
        self._stack = ExitStack()
        self._user, self._image = user, image

    def __enter__(self) -> Bench:
        made = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="warm-"))
        folders = [Path(made, name) for name in ("user", "image")]
        for folder in folders:
            folder.mkdir()
        self.user = self._stack.enter_context(WarmPython(folders[0], self._user))
        self.image = self._stack.enter_context(WarmPython(folders[1], self._image))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def run(self, project: Path, *args: str, **environ: str) -> Told:
        """Run the user's Python in the project's folder, as in a shell of their own."""
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(project.parent),
            "KEDRO_DISABLE_TELEMETRY": "1",
            "COLUMNS": "200",
            **environ,
        }
        done = subprocess.run(
            [self.user.path, *args],
            cwd=project,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Told(done.returncode, done.stdout, done.stderr)

    def kedro(self, project: Path, *args: str, **environ: str) -> Told:
        """Run Kedro's command line."""
        return self.run(project, "-m", "kedro", *args, **environ)

    def compile(self, project: Path, job: str = "job") -> Answer:
        """Compile a job, or learn all that is wrong with it."""
        told = self.run(project, "-c", COMPILE, job)
        lines = [line for line in told.stdout.splitlines() if line.startswith("ANSWER ")]
        assert lines, told.stdout + told.stderr
        answer = json.loads(lines[0].removeprefix("ANSWER "))
        findings = [tuple(finding) for finding in answer["findings"]]
        return Answer(answer["compiled"], answer["steps"], findings, answer.get("assets", {}))

    def simulate(
        self,
        pipeline_file: Path,
        run_dir: Path,
        *,
        assets: Mapping[str, str] | None = None,
        python: Path | None = None,
    ) -> tuple[RunResult, Counter[str]]:
        """Simulate a pipeline; give its result and what the nodes of all steps have seen.

        Args:
            pipeline_file: The bundle's `pipeline.yml`.
            run_dir: The folder of the run.
            assets: Copies of data assets.
            python: The steps' interpreter, where it is not to be the warm one.
        """
        result = simulate(
            pipeline_file,
            run_dir=run_dir,
            python=python or self.image.path,
            assets={reference: Path(path) for reference, path in (assets or {}).items()},
        )
        seen: Counter[str] = Counter()
        for step in result.steps:
            if step.log_path is not None:
                seen += records(step.log_path.read_text(encoding="utf-8"))
        return result, seen
