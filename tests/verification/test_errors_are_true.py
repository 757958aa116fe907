"""Every kind of error is true: somebody else than the check refuses the job, or sees it go wrong.

For each kind a project is written that the check refuses. Its bundle is then written all the
same, by the stages behind the check, and a judge looks at it: the local run succeeds and the
simulated job fails or differs; the SDK of Azure ML refuses the job; the secret is in the bundle;
Kedro, pip or the schema of azureml.yml refuses what is written; a number that Azure ML's
documentation gives is passed; or what the settings ask for is in no job.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from checked_project import CheckedProject
from environments import judged, needed, run_checked
from isolated_simulation import simulate_in_isolation
from kedro_azureml_cli.verification.verify import verify_compiled
from kedro_azureml_compiler import CompiledJob, ProjectRequest, collect_finding_kinds, examine_job
from kedro_azureml_compiler.azureml.rendering import render
from kedro_azureml_compiler.bundle.writing import write_bundle
from kedro_azureml_simulator import SimulatorError, simulate
from written_project import isolate_imports

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_azureml_compiler import ExaminedJob

pytestmark = pytest.mark.once

PASSWORD = "hunter2-and-more"
DSN = f"postgresql://me:{PASSWORD}@db.example.org/shop"
UNPROVED: frozenset[str] = frozenset({"unknown-reachability"})
"""Refused without proof: that nobody knows whether an address can be reached is the reason."""

NODES = """
    import time

    import pandas as pd

    def table(*inputs):
        return pd.DataFrame({"a": [1, 2]})

    def late_table():
        time.sleep(8)
        return table()

    def counted(*inputs):
        return pd.DataFrame({"rows": [sum(map(len, inputs))]})

    def register_pipelines():
        return {"__default__": Pipeline([LISTED])}
"""


@dataclass
class Case:
    """A project with one mistake, in which nodes can run."""

    project: CheckedProject
    folder: Path
    python: Path

    def nodes(self, *nodes: tuple[str, str, Any, Any]) -> None:
        """Write the pipeline: function, name, inputs and outputs of each node."""
        listed = ", ".join(f"node({f}, {i!r}, {o!r}, name={n!r})" for f, n, i, o in nodes)
        self.project.pipelines(NODES.replace("LISTED", listed))

    def examined(self, **request: Any) -> ExaminedJob:
        return examine_job(ProjectRequest(self.project.root, **request), "j")

    def bundle(self, name: str = "bundle", **request: Any) -> CompiledJob:
        """Write the bundle of a job that the check refuses."""
        examined = self.examined(**request)
        target = self.folder / name
        write_bundle(
            target,
            pipeline_yml=render(examined.pipeline_job),
            plan=examined.plan,
            project=examined.facts.root,
            code=examined.code,
            kept_folders=[f"{examined.facts.conf_source}/{examined.facts.run_env}"],
            environment_paths=[
                path for path in examined.environment_paths if (examined.facts.root / path).exists()
            ],
        )
        return CompiledJob(target, examined.plan, (), examined.config, examined.settings)

    def yml(self, name: str = "bundle", **request: Any) -> str:
        return (self.bundle(name, **request).bundle / "pipeline.yml").read_text()

    def kedro(self, *words: str) -> Any:
        import os
        import subprocess

        return subprocess.run(
            [str(self.python), "-m", "kedro", *words], cwd=self.project.root, text=True,
            env={**os.environ, "KEDRO_DISABLE_TELEMETRY": "1"}, capture_output=True, check=False,
        )  # fmt: skip


CASES: dict[str, Callable[[Case], None]] = {}


def case(code: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    """Let a function write a project and ask the judge of a kind of finding."""

    def add(function: Callable[[Case], None]) -> Callable[[Case], None]:
        assert code not in CASES
        CASES[code] = function
        return function

    return add


@pytest.fixture
def warm(bench) -> Path:
    return bench.image.path


# The judge is the job: it fails, or its data is other than that of a local run that succeeds


def refused(case: Case, code: str, **request: Any) -> None:
    found = case.examined(**request).findings
    errors = {finding.code for finding in found if finding.severity.value == "error"}
    assert errors == {code}, found


def job_goes_wrong(case: Case, code: str, *, locally: bool = True) -> None:
    """The check refuses it; without the check the local run succeeds and the job does not."""
    refused(case, code)
    try:
        verification = verify_compiled(case.bundle(), case.project.root, python=case.python)
    except SimulatorError:
        return  # the job is refused as a whole
    assert (verification.local.exit_code == 0) is locally, verification.local.log_path.read_text()
    assert verification.result in {"failed", "different"}, verification.datasets


CSV = "{name}: {{type: pandas.CSVDataset, filepath: {path}, save_args: {{index: false}}}}\n"
WRAPPED = (
    "{name}: {{type: kedro_azureml_datasets.AzureMLPipelineDataset, root_dir: data, "
    "dataset: {{type: pandas.CSVDataset, filepath: {path}, save_args: {{index: false}}}}}}\n"
)
ASSET = (
    "{name}: {{type: kedro_azureml_datasets.AzureMLAssetDataset, azureml_dataset: {asset}, "
    "{more} dataset: {{type: pandas.CSVDataset, filepath: t.csv, save_args: {{index: false}}}}}}\n"
)
RESULT = WRAPPED.format(name="y", path="y.csv")


def reads_a_file(case: Case, path: str) -> None:
    case.project.catalog(CSV.format(name="x", path=path) + RESULT)
    case.nodes(("counted", "a", "x", "y"))


@case("input-ignored")
def a_file_that_is_read_stays_at_home(case):
    reads_a_file(case, "data/x.csv")
    case.project.write("data/x.csv", "a\n1\n")
    case.project.write(".amlignore", "data/\n")
    job_goes_wrong(case, "input-ignored")


@case("input-missing")
def a_file_that_is_read_does_not_exist(case):
    reads_a_file(case, "data/x.csv")
    job_goes_wrong(case, "input-missing", locally=False)


@case("local-input-outside")
def a_file_outside_the_project_is_read(case):
    outside = case.folder / "outside"
    outside.mkdir()
    (outside / "x.csv").write_text("a\n1\n")
    reads_a_file(case, str(outside / "x.csv"))
    refused(case, "local-input-outside")
    bundle = case.bundle().bundle
    here = simulate(bundle / "pipeline.yml", run_dir=case.folder / "here", python=case.python)
    assert here.status == "completed"  # this machine has the file, and a container does not
    project, run = case.project.root, case.folder / "there"
    assert simulate_in_isolation(bundle, run, project, outside) == {"a": "failed"}


@case("local-data-between-steps")
def a_local_file_crosses_steps(case):
    case.project.catalog(CSV.format(name="x", path="data/x.csv") + RESULT)
    case.project.write("data/x.csv", "a\n")  # of an earlier run: the job would read it
    case.nodes(("table", "a", None, "x"), ("counted", "b", "x", "y"))
    job_goes_wrong(case, "local-data-between-steps")


@case("shared-local-file")
def two_entries_share_a_file(case):
    case.project.catalog(
        WRAPPED.format(name="x", path="x.csv") + CSV.format(name="z", path="data/x.csv") + RESULT
    )
    case.project.write("data/x.csv", "a\n")
    case.nodes(("table", "a", None, "x"), ("counted", "b", "z", "y"))
    job_goes_wrong(case, "shared-local-file")


@case("shared-address")
def two_entries_share_an_address(case):
    share = case.folder / "share/x.csv"
    case.project.catalog(
        CSV.format(name="x", path=share) + CSV.format(name="z", path=share) + RESULT
    )
    case.nodes(("late_table", "a", None, "x"), ("counted", "b", "z", "y"))
    case.project.settings_of({"j": {"external": ["x", "z"]}})
    refused(case, "shared-address")
    local = case.kedro("run")
    assert local.returncode == 0, local.stderr  # `a` runs before `b`
    share.unlink()
    bundle, run = case.bundle().bundle, case.folder / "run"
    # Nothing tells `b` to wait: it reads what is not there yet.
    result = simulate(bundle / "pipeline.yml", run_dir=run, python=case.python)
    assert {step.name: step.status for step in result.steps}["b"] == "failed"


@case("keeps-earlier-data")
def a_wrapped_file_is_appended_to(case):
    opened = "fs_args: {{open_args_save: {{mode: a}}}}, save_args"
    appended = WRAPPED.replace("save_args", opened)
    case.project.catalog(appended.format(name="x", path="x.csv") + RESULT)
    case.project.write("data/x.csv", "a\n7\n")  # of the run before
    case.nodes(("table", "a", None, "x"), ("counted", "b", "x", "y"))
    refused(case, "keeps-earlier-data")
    bundle, run = case.bundle().bundle, case.folder / "run"
    local = case.kedro("run")
    assert local.returncode == 0, local.stderr
    assert (case.project.root / "data/y.csv").read_text() == "rows\n4\n"  # header, 1, 2 after 7
    result = simulate(bundle / "pipeline.yml", run_dir=run, python=case.python)
    (output,) = next(step for step in result.steps if step.name == "b").outputs.values()
    assert (output / "y.csv").read_text() == "rows\n2\n"


@case("mixed-entries")
def one_of_two_transcoded_entries_is_wrapped(case):
    case.project.catalog(
        WRAPPED.format(name="x@a", path="x.csv")
        + CSV.format(name="x@b", path="data/x.csv")
        + RESULT
    )
    case.nodes(("table", "a", None, "x@a"), ("counted", "b", "x@b", "y"))
    job_goes_wrong(case, "mixed-entries")


@case("transcoded-apart")
def transcoded_entries_have_two_paths(case):
    case.project.catalog(
        WRAPPED.format(name="x@a", path="one.csv")
        + WRAPPED.format(name="x@b", path="two.csv")
        + RESULT
    )
    case.project.write("data/two.csv", "a\n")
    case.nodes(("table", "a", None, "x@a"), ("counted", "b", "x@b", "y"))
    job_goes_wrong(case, "transcoded-apart")


@case("nothing-produces")
def nothing_produces_an_input(case):
    case.project.catalog(WRAPPED.format(name="x", path="x.csv") + RESULT)
    case.nodes(("counted", "a", "x", "y"))
    job_goes_wrong(case, "nothing-produces", locally=False)


@case("unregistered-name")
def a_name_is_in_no_catalog(case):
    case.project.catalog(RESULT)
    case.nodes(("counted", "a", "x", "y"))
    job_goes_wrong(case, "unregistered-name", locally=False)


@case("unknown-parameter")
def a_parameter_is_missing(case):
    case.project.catalog(RESULT)
    case.nodes(("table", "a", "params:rate", "y"))
    job_goes_wrong(case, "unknown-parameter", locally=False)


@case("promoted-parameter")
def a_promoted_parameter_does_not_exist(case):
    case.project.catalog(RESULT)
    case.project.write("conf/base/parameters.yml", "size: {a: 1}")
    case.nodes(("table", "a", "params:size", "y"))
    case.project.settings_of({"j": {"inputs": {"size": "params:size"}}})
    refused(case, "promoted-parameter")
    document = yaml.safe_load(case.yml())
    # A mapping is no literal of Azure ML: what is asked for is in no job that can be built.
    assert "size" not in document.get("inputs", {})


@case("credential-stays")
def credentials_stay_at_home(case):
    case.project.catalog(
        "x: {type: pandas.CSVDataset, filepath: 's3://b/x.csv', credentials: lake}\n" + RESULT
    )
    case.project.write("conf/local/credentials.yml", "lake: {key: k, secret: s}")
    case.nodes(("counted", "a", "x", "y"))
    refused(case, "credential-stays")
    bundle = case.bundle().bundle
    result = simulate(bundle / "pipeline.yml", run_dir=case.folder / "run", python=case.python)
    assert result.status == "failed"
    assert "Unable to find credentials" in result.steps[0].log_path.read_text()


@case("secret-outside-credentials")
def a_secret_is_referred_to_in_the_catalog(case):
    case.project.catalog(
        CSV.format(name="x", path="'data/${azureml.secret:name-of-table}.csv'") + RESULT
    )
    case.nodes(("counted", "a", "x", "y"))
    refused(case, "secret-outside-credentials")
    bundle = case.bundle().bundle
    run = {"run_dir": case.folder / "run", "python": case.python}
    case.project.write("data/t.csv", "a\n1\n")
    result = simulate(bundle / "pipeline.yml", variables={"NAME_OF_TABLE": "t"}, **run)
    assert result.status == "failed"
    assert "is resolved only in credentials" in result.steps[0].log_path.read_text()


@case("code-ignored")
def the_project_itself_stays_at_home(case):
    case.project.catalog(RESULT)
    case.nodes(("table", "a", None, "y"))
    case.project.write(".amlignore", "pyproject.toml\n")
    job_goes_wrong(case, "code-ignored")


@case("import-ignored")
def a_module_that_is_imported_stays_at_home(case):
    case.project.catalog(RESULT)
    case.project.write(f"src/{case.project.package}/tidying.py", "def tidy(x):\n    return x\n")
    case.nodes(("table", "a", None, "y"))
    registry = case.project.root / f"src/{case.project.package}/pipeline_registry.py"
    registry.write_text(f"from {case.project.package}.tidying import tidy\n{registry.read_text()}")
    case.project.write(".amlignore", "tidying.py\n")
    job_goes_wrong(case, "import-ignored")


@case("mlflow-between-steps")
def one_step_writes_to_the_mlflow_run_that_another_reads(case):
    case.project.catalog(
        "m: {type: kedro_mlflow.io.metrics.MlflowMetricDataset, key: m}\n" + RESULT
    )
    case.nodes(("table", "a", None, "m"), ("counted", "b", "m", "y"))
    refused(case, "mlflow-between-steps")
    # Each step has an MLflow run of its own, so the reader looks into another one.
    step = {"type": "command", "command": "echo $MLFLOW_RUN_ID", "environment": "azureml:e:1"}
    content = {"type": "pipeline", "settings": {"default_compute": "azureml:c"},
               "jobs": {"a": step, "b": step}}  # fmt: skip
    (case.folder / "runs.yml").write_text(yaml.safe_dump(content))
    result = simulate(case.folder / "runs.yml", run_dir=case.folder / "run")
    first, second = (one.log_path.read_text().strip() for one in result.steps)
    assert first
    assert second
    assert first != second


@case("step-name-twice")
def a_group_has_the_name_of_another_node(case):
    case.project.catalog(WRAPPED.format(name="x", path="x.csv") + RESULT)
    case.nodes(("table", "a", None, "x"), ("counted", "b", "x", "y"))
    case.project.settings_of({"j": {"grouping": {"a": ["b"]}}})
    refused(case, "step-name-twice")
    # The keys of a job are unique: the group that is to be called `a` is called otherwise.
    steps = yaml.safe_load(case.yml())["jobs"].values()
    assert [step["display_name"] for step in steps] == ["a", "a_"]


@case("asset-registered-twice")
def two_entries_register_one_asset(case):
    case.project.catalog(
        ASSET.format(name="x", asset="things", more="")
        + ASSET.format(name="y", asset="things", more="root_dir: other,")
    )
    case.nodes(("table", "a", None, "x"), ("counted", "b", None, "y"))
    refused(case, "asset-registered-twice")
    # Both register a version of one name: which one a reader of the latest gets is left to chance.
    steps = yaml.safe_load(case.yml())["jobs"].values()
    assert [output["name"] for step in steps for output in step["outputs"].values()] == [
        "things", "things",
    ]  # fmt: skip


@case("one-output-path")
def two_outputs_are_written_to_one_place(case):
    case.project.catalog(
        WRAPPED.format(name="x", path="t.csv") + WRAPPED.format(name="y", path="u")
    )
    case.nodes(("table", "a", None, ["x", "y"]), ("counted", "b", ["x", "y"], None))
    case.project.settings_of({"j": {"steps": {"a": {"output": {"path": r"m/\${{name}}"}}}}})
    refused(case, "one-output-path")
    outputs = yaml.safe_load(case.yml())["jobs"]["a"]["outputs"].values()
    paths = [output["path"] for output in outputs]
    assert len(paths) == 2
    assert len(set(paths)) == 1


@case("reuse-refused")
def a_step_is_reused_that_reads_what_azure_ml_does_not_see(case):
    table = case.folder / "table.csv"
    table.write_text("a\n1\n")
    reads_a_file(case, str(table))
    case.project.settings_of(
        {"j": {"deterministic": True, "checks": {"local-input-outside": "info"}}}
    )
    refused(case, "reuse-refused")
    bundle = case.bundle().bundle

    def run() -> Any:
        return simulate(
            bundle / "pipeline.yml", run_dir=case.folder / "run", python=case.python, reuse=True
        )

    assert run().steps[0].reused is False
    table.write_text("a\n1\n2\n")
    again = run()
    assert again.steps[0].reused is True
    (output,) = again.steps[0].outputs.values()
    assert (output / "y.csv").read_text() == "rows\n1\n"  # and the table has two


@case("local-version")
def the_local_version_of_an_asset_is_asked_for(case):
    case.project.catalog(
        ASSET.format(name="x", asset="things", more="azureml_version: local,") + RESULT
    )
    case.nodes(("counted", "a", "x", "y"))
    refused(case, "local-version")
    # Versions in a workspace come from registrations; `local` names a folder of this machine.
    assert "things" not in case.yml()


@case("circular-groups")
def two_groups_wait_for_each_other(case):
    case.project.catalog(RESULT)
    case.nodes(("table", "a", None, "x"), ("table", "b", "x", "z"), ("counted", "c", "z", "y"))
    case.project.settings_of({"j": {"grouping": {"outer": ["a", "c"]}}})
    refused(case, "circular-groups")
    step = {"type": "command", "command": "true", "environment": "azureml:e:1"}
    asked = {
        "outer": {**step, "inputs": {"z": "${{parent.jobs.b.outputs.z}}"},
                  "outputs": {"x": {"type": "uri_folder"}}},
        "b": {**step, "inputs": {"x": "${{parent.jobs.outer.outputs.x}}"},
              "outputs": {"z": {"type": "uri_folder"}}},
    }  # fmt: skip
    content = {"type": "pipeline", "settings": {"default_compute": "azureml:c"}, "jobs": asked}
    (case.folder / "asked.yml").write_text(yaml.safe_dump(content))
    with pytest.raises(SimulatorError, match=r"wait for each other|cycle"):
        simulate(case.folder / "asked.yml", run_dir=case.folder / "run", python=case.python)


@case("unreadable-file")
def a_link_leads_back_to_itself(case):
    (case.project.root / "loop").symlink_to("loop")
    refused(case, "unreadable-file")
    with pytest.raises(OSError, match="symbolic links"):
        (case.project.root / "loop").read_bytes()


# The judge is the SDK of Azure ML


def the_sdk_refuses(case: Case, code: str) -> None:
    refused(case, code)
    file = case.bundle().bundle / "pipeline.yml"
    assert judged(file)[str(file)]


@case("no-environment")
def no_environment_is_named(case):
    case.project.settings_of({"j": {}}, execution={})
    refused(case, "no-environment")
    document = yaml.safe_load(case.yml())
    for step in document["jobs"].values():
        assert step["component"].pop("environment") == "azureml:"  # which names none
    file = case.bundle().bundle / "pipeline.yml"
    file.write_text(yaml.safe_dump(document))
    assert judged(file)[str(file)]


@case("environment-reference")
def an_environment_has_no_version(case):
    case.project.settings_of({"j": {}}, execution={"environment": "env"})
    refused(case, "environment-reference")
    # Documented: `azureml:NAME:VERSION` or `azureml:NAME@LABEL`. The SDK asks the workspace first.
    (step,) = yaml.safe_load(case.yml())["jobs"].values()
    assert not re.fullmatch(r"azureml:[^:@]+[:@][^:@]+", step["component"]["environment"])


@case("environment-file")
def a_conda_file_does_not_exist(case):
    environment = {"image": "ubuntu:22.04", "conda_file": "no.yml"}
    case.project.settings_of({"j": {"steps": {"a": {"environment": environment}}}})
    the_sdk_refuses(case, "environment-file")


# The judge is a number in the documentation of Azure ML


def passes_a_limit(case: Case, code: str, write: Callable[[Case, int], None], limit: int) -> None:
    """At the limit there is no finding, and one beyond it there is."""
    for number in (limit, limit + 1):
        # Python imports each package once, so each number has a project of its own.
        folder = case.folder / str(number)
        one = Case(CheckedProject(folder / "farm"), folder, case.python)
        write(one, number)
        found = {finding.code for finding in one.examined().findings}
        assert (code in found) is (number > limit), found


@case("step-name-too-long")
def the_display_name_of_a_step_has_256_characters(case):
    passes_a_limit(
        case,
        "step-name-too-long",
        lambda one, length: one.nodes(("table", "a" * length, None, "x")),
        256,
    )


@case("text-too-long")
def a_description_has_5000_characters(case):
    def write(one: Case, length: int) -> None:
        one.project.settings_of({"j": {"description": "x" * length}})

    passes_a_limit(case, "text-too-long", write, 5000)


@case("too-many-ports")
def a_run_has_20_outputs(case):
    def write(one: Case, count: int) -> None:
        names = [f"x{i}" for i in range(count)]
        one.nodes(("table", "a", None, names), ("counted", "b", names, None))

    passes_a_limit(case, "too-many-ports", write, 20)


@case("too-many-tags")
def a_job_has_50_tags(case):
    from kedro_azureml_compiler import JobChanges

    def codes(count: int) -> set[str]:
        changes = JobChanges(tags={f"t{i}": "x" for i in range(count)})
        request = ProjectRequest(case.project.root)
        return {finding.code for finding in examine_job(request, "j", changes=changes).findings}

    own = len(yaml.safe_load(case.yml()).get("tags", {}))
    assert "too-many-tags" not in codes(50 - own)
    assert "too-many-tags" in codes(51 - own)


@case("too-many-steps")
def a_pipeline_has_30000_steps(case):
    from kedro_azureml_compiler.examination import examine_facts

    examined = case.examined()
    (node,) = examined.facts.nodes
    for count, codes in ((30_000, []), (30_001, ["too-many-steps"])):
        nodes = tuple(node._replace(name=f"a{i}", outputs=()) for i in range(count))
        facts = replace(examined.facts, nodes=nodes, datasets={})
        found = examine_facts("j", examined.config, examined.settings, facts).findings
        assert [finding.code for finding in found] == codes


@case("experiment-name")
def the_name_of_an_experiment_has_a_space(case):
    # Documented: letters, digits, `_` and `-`, the first no `-` (experiment names of MLflow runs).
    def codes(name: str) -> set[str]:
        case.project.settings_of({"j": {"experiment_name": name}})
        return {finding.code for finding in case.examined().findings}

    assert [bool(codes(name)) for name in ("ok-1", "a_b", "my experiment", "a/b")] == [
        False, False, True, True,
    ]  # fmt: skip


@case("compute-local")
def a_cluster_is_called_local(case):
    case.project.settings_of({"j": {}}, compute={"__default__": {"cluster_name": "local"}})
    refused(case, "compute-local")
    # Documented: `local` is a compute target of command jobs alone, not of pipeline jobs.
    assert yaml.safe_load(case.yml())["settings"]["default_compute"] == "azureml:local"


@case("param-not-json")
def a_parameter_is_not_a_number(case):
    case.project.settings_of({"j": {"params": {"rate": float("nan")}}})
    refused(case, "param-not-json")
    with pytest.raises(ValueError, match="JSON compliant"):  # RFC 8259 has no NaN
        json.dumps({"rate": float("nan")}, allow_nan=False)


# The judge is whoever finds the secret in the bundle


def the_secret_is_in_the_bundle(case: Case, code: str) -> None:
    refused(case, code)
    bundle = case.bundle().bundle
    holding = [p for p in bundle.rglob("*") if p.is_file() and PASSWORD in p.read_text("latin-1")]
    assert holding


@case("credential-travels")
def a_credentials_file_holds_a_literal(case):
    case.project.write("conf/base/credentials.yml", f"lake: {{key: {PASSWORD}}}")
    the_secret_is_in_the_bundle(case, "credential-travels")


@case("secret-travels")
def a_private_key_is_uploaded(case):
    case.project.write("id_rsa", f"-----BEGIN RSA PRIVATE KEY-----\n{PASSWORD}\n")
    the_secret_is_in_the_bundle(case, "secret-travels")


@case("secret-in-configuration")
def an_entry_of_the_catalog_holds_a_password(case):
    case.project.write("conf/base/globals.yml", f"dsn: {DSN}\n")
    the_secret_is_in_the_bundle(case, "secret-in-configuration")


@case("secret-value-in-job")
def a_description_holds_a_password(case):
    case.project.settings_of({"j": {"description": f"see {DSN}"}})
    the_secret_is_in_the_bundle(case, "secret-value-in-job")


# The judge is another tool that reads the same file


@case("catalog-entry")
def the_type_of_an_entry_is_a_number(case):
    case.project.catalog("x: {type: 3, filepath: data/x.csv}")
    refused(case, "catalog-entry")
    assert case.kedro("run").returncode != 0


@case("unknown-dataset-type")
def the_type_of_an_entry_does_not_exist(case):
    case.project.catalog("x: {type: pandas.CSVDatset, filepath: data/x.csv}")
    refused(case, "unknown-dataset-type")
    assert case.kedro("run").returncode != 0


@case("unknown-dataset-argument")
def an_entry_has_an_argument_that_its_class_does_not_take(case):
    case.project.catalog("x: {type: json.JSONDataset, filepath: data/x.json, savee_args: {}}")
    refused(case, "unknown-dataset-argument")
    assert case.kedro("run").returncode != 0


@case("project-error")
def the_catalog_is_no_yaml(case):
    from kedro_azureml_compiler import check_jobs

    case.project.catalog("x: {type: [")
    (job,) = check_jobs(ProjectRequest(case.project.root))
    assert [finding.code for finding in job.findings] == ["project-error"]
    assert case.kedro("run").returncode != 0


@case("settings-mistake")
def the_settings_have_an_unknown_key(case):
    import jsonschema
    from kedro_azureml_compiler import check_jobs

    case.project.settings_of({"j": {"computer": "gpu"}})
    (job,) = check_jobs(ProjectRequest(case.project.root))
    assert {finding.code for finding in job.findings} == {"settings-mistake"}
    schema = json.loads((Path(__file__).parents[2] / "docs/azureml.schema.json").read_text())
    written = yaml.safe_load((case.project.root / "conf/base/azureml.yml").read_text())
    with pytest.raises(jsonschema.ValidationError, match="computer"):
        jsonschema.validate(written, schema)


@case("conda-file")
def a_conda_file_names_the_project(case):
    case.project.write("env.yml", "dependencies: [pip, {pip: ['-r more/missing.txt']}]\n")
    environment = {"image": "ubuntu:22.04", "conda_file": "env.yml"}
    case.project.settings_of({"j": {}}, execution={"environment": environment})
    refused(case, "conda-file")
    with pytest.raises(AssertionError, match=r"missing\.txt"):
        run_checked(needed("UV"), "pip", "compile", "--offline", "more/missing.txt")


# The judge is the job itself: what is asked for is not in it, or two things are asked for


def changes_nothing(case: Case, code: str, sound: dict[str, Any], **asked: Any) -> None:
    """The job is the same with the setting as without: it is refused since it does nothing."""
    case.project.settings_of({"j": sound})
    without = case.yml("without")
    case.project.settings_of({"j": {**sound, **asked}})
    refused(case, code)
    assert case.yml("with") == without


def cannot_be_both(case: Case, code: str, one: Any, other: Any, both: Any) -> None:
    """Each of two settings makes a job of its own, so both together have no meaning."""
    jobs = []
    for settings in (one, other):
        case.project.settings_of({"j": settings})
        jobs.append(case.yml(f"bundle-{len(jobs)}"))
    assert jobs[0] != jobs[1]
    case.project.settings_of({"j": both})
    refused(case, code)


@case("pattern-matches-nothing")
def a_pattern_matches_nothing(case):
    changes_nothing(case, "pattern-matches-nothing", {}, steps={"nobody": {"timeout": 5}})


@case("unordered-dataset")
def an_order_is_left_out_of_a_dataset_that_nobody_uses(case):
    changes_nothing(case, "unordered-dataset", {}, unordered=["other"])


@case("external-dataset")
def a_dataset_is_declared_external_that_nobody_uses(case):
    changes_nothing(case, "external-dataset", {}, external=["other"])


@case("unknown-check")
def a_check_does_not_exist(case):
    changes_nothing(case, "unknown-check", {}, checks={"large-inptu": "error"})


@case("fixed-check")
def a_check_that_cannot_be_lowered_is(case):
    changes_nothing(case, "fixed-check", {}, checks={"nothing-produces": "info"})


@case("code-directory")
def the_code_directory_is_a_subfolder(case):
    case.project.settings_of({"j": {}})
    without = case.yml("without")
    execution = {"environment": "env@latest", "code_directory": "src"}
    case.project.settings_of({"j": {}}, execution=execution)
    refused(case, "code-directory")
    assert case.yml("with") == without


@case("unknown-entry")
def a_compute_does_not_exist(case):
    case.project.settings_of({"j": {"compute": "gpu"}})
    refused(case, "unknown-entry")
    assert "gpu" not in case.yml()  # what is asked for is in no job


@case("node-in-two-groups")
def a_node_is_in_two_groups(case):
    one, two = {"one": ["a"]}, {"two": ["a"]}
    cannot_be_both(
        case, "node-in-two-groups",
        {"grouping": one}, {"grouping": two}, {"grouping": {**one, **two}},
    )  # fmt: skip


@case("settings-contradict")
def two_patterns_contradict_each_other(case):
    one, other = {"a*": {"timeout": 5}}, {"*a": {"timeout": 6}}
    cannot_be_both(
        case, "settings-contradict", {"steps": one}, {"steps": other}, {"steps": {**one, **other}}
    )


TWO = {
    "__default__": {"subscription_id": "s", "resource_group": "r", "name": "w"},
    "two": {"subscription_id": "s", "resource_group": "r", "name": "v"},
}


@case("other-workspace")
def an_asset_belongs_to_another_workspace(case):
    case.project.catalog(
        ASSET.format(name="x", asset="things", more="workspace: two, azureml_version: '1',")
    )
    case.nodes(("counted", "a", "x", None))
    case.project.settings_of({"j": {}}, workspace=TWO)
    refused(case, "other-workspace")
    # Documented: `azureml:NAME:VERSION` is an asset of the workspace to which the job is sent.
    assert "azureml:things:1" in case.yml()
    assert "/workspaces/v/" not in case.yml()


@case("asset-folder-shared")
def assets_of_two_workspaces_share_a_folder(case):
    case.project.catalog(
        ASSET.format(name="other", asset="things", more="workspace: two, azureml_version: '1',")
        + ASSET.format(name="x", asset="things", more="azureml_version: '1',")
    )
    case.nodes(("counted", "a", ["other", "x"], None))
    checks = {"other-workspace": "info"}
    case.project.settings_of({"j": {"checks": checks}}, workspace=TWO)
    refused(case, "asset-folder-shared")
    from kedro_azureml_datasets import AzureMLAssetDataset

    places = [
        AzureMLAssetDataset(
            "things", {"type": "pandas.CSVDataset", "filepath": "t.csv"},
            root_dir=str(case.folder), azureml_version="1", workspace=workspace,
        )._describe()["root_dir"]
        for workspace in (None, "two")
    ]  # fmt: skip
    assert places[0] == places[1]


# The tests


@pytest.mark.parametrize("code", sorted(CASES))
def test_an_error_has_a_judge_who_agrees(code, tmp_path, warm, monkeypatch):
    isolate_imports(monkeypatch)
    monkeypatch.setenv("PYTHONPATH", "")
    CASES[code](Case(CheckedProject(tmp_path / "farm"), tmp_path, warm))


def test_every_kind_of_error_has_a_judge():
    errors = {
        code for code, kind in collect_finding_kinds().items() if kind.severity.value == "error"
    }
    assert set(CASES) | UNPROVED & errors == errors


def test_the_judge_acquits_a_sound_job(tmp_path, warm, monkeypatch):
    isolate_imports(monkeypatch)
    monkeypatch.setenv("PYTHONPATH", "")
    case = Case(CheckedProject(tmp_path / "farm"), tmp_path, warm)
    case.project.catalog(
        WRAPPED.format(name="x", path="x.csv") + CSV.format(name="z", path="data/z.csv") + RESULT
    )
    case.project.write("data/z.csv", "a\n1\n")
    case.nodes(("table", "a", None, "x"), ("counted", "b", ["x", "z"], "y"))
    assert not [f for f in case.examined().findings if f.severity.value == "error"]
    verification = verify_compiled(case.bundle(), case.project.root, python=case.python)
    assert verification.passes(strict=True), verification.datasets
