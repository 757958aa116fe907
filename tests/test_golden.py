"""Pipelines and the Azure ML pipeline that each becomes, compared whole and judged by the SDK.

Each folder of `golden/` holds a project in small: `pipeline.py`, `catalog.yml`, sometimes
`azureml.yml`, `credentials.yml` and files below `data/`; and `expected.yml`, which
`nox -s golden` writes.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from environments import judged
from kedro_azureml_simulator import simulate

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
WRITE = bool(os.environ.get("KEDRO_AZUREML_WRITE_GOLDEN"))

PYPROJECT = """
[tool.kedro]
package_name = "golden"
project_name = "Golden"
kedro_init_version = "1.2.0"
"""

AZUREML = """
workspace:
  __default__: {subscription_id: s, resource_group: r, name: w}
compute:
  __default__: {cluster_name: cpu}
execution: {environment: "env:1"}
jobs:
  job: {}
"""

COMPILE = """
import sys
from pathlib import Path
from kedro_azureml_compiler import compile_job
compile_job(Path.cwd(), "job")
"""


def compiled(case: str, folder: Path) -> Path:
    source, project = GOLDEN / case, folder / "project"
    for name in ("conf/base", "conf/local", "src/golden"):
        (project / name).mkdir(parents=True)
    (project / "pyproject.toml").write_text(PYPROJECT)
    (project / "src/golden/__init__.py").touch()
    (project / "src/golden/settings.py").touch()
    shutil.copy(source / "pipeline.py", project / "src/golden/pipeline_registry.py")
    shutil.copy(source / "catalog.yml", project / "conf/base/catalog.yml")
    settings = source / "azureml.yml"
    (project / "conf/base/azureml.yml").write_text(
        settings.read_text() if settings.is_file() else AZUREML
    )
    parameters = source / "parameters.yml"
    (project / "conf/base/parameters.yml").write_text(
        parameters.read_text() if parameters.is_file() else "seed: 1\n"
    )
    if (source / "credentials.yml").is_file():
        shutil.copy(source / "credentials.yml", project / "conf/base/credentials.yml")
    if (source / "data").is_dir():
        shutil.copytree(source / "data", project / "data")
    done = subprocess.run(
        [sys.executable, "-c", COMPILE], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return project / "build/azureml/job/pipeline.yml"


@pytest.fixture(scope="module")
def pipeline_file(tmp_path_factory):
    """Compile a case once; its pipeline file lies beside its code/, which the SDK looks for."""
    made: dict[str, Path] = {}

    def compile_case(case: str) -> Path:
        if case not in made:
            made[case] = compiled(case, tmp_path_factory.mktemp(case))
        return made[case]

    return compile_case


@pytest.mark.parametrize("case", CASES)
def test_a_pipeline_becomes_exactly_this(case, pipeline_file):
    made = pipeline_file(case).read_text()
    expected = GOLDEN / case / "expected.yml"
    if WRITE:
        expected.write_text(made)
    assert made == expected.read_text()


def test_the_sdk_accepts_every_one_of_them(pipeline_file):
    files = [pipeline_file(case) for case in CASES]
    assert judged(*files) == {}


@pytest.mark.parametrize(
    "case", ["long_params", "names", "pipeline_dataset_uploaded", "settings", "shapes"]
)
def test_a_pipeline_that_needs_nothing_from_outside_runs_step_by_step(
    case, pipeline_file, tmp_path
):
    result = simulate(pipeline_file(case), run_dir=tmp_path / "run", python=Path(sys.executable))
    assert {step.display_name: step.message for step in result.steps if step.message} == {}
    assert result.status == "completed"
    assert not list(tmp_path.rglob("F"))  # what a hostile parameter would have made
