"""Names, code, and order: the job fails, or its data differs from the local run's."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from kedro_azureml_simulator import SimulatorError, simulate

from .data_flow import reads_a_file
from .written_case import ASSET, CSV, RESULT, WRAPPED, Cases, job_goes_wrong, refused

CASES = Cases()


@CASES.of("nothing-produces")
def nothing_produces_an_input(case):
    case.project.catalog(WRAPPED.format(name="x", path="x.csv") + RESULT)
    case.nodes(("counted", "a", "x", "y"))
    job_goes_wrong(case, "nothing-produces", locally=False)


@CASES.of("unregistered-name")
def a_name_is_in_no_catalog(case):
    case.project.catalog(RESULT)
    case.nodes(("counted", "a", "x", "y"))
    job_goes_wrong(case, "unregistered-name", locally=False)


@CASES.of("unknown-parameter")
def a_parameter_is_missing(case):
    case.project.catalog(RESULT)
    case.nodes(("table", "a", "params:rate", "y"))
    job_goes_wrong(case, "unknown-parameter", locally=False)


@CASES.of("promoted-parameter")
def a_promoted_parameter_does_not_exist(case):
    case.project.catalog(RESULT)
    case.project.write("conf/base/parameters.yml", "size: {a: 1}")
    case.nodes(("table", "a", "params:size", "y"))
    case.project.settings_of({"j": {"inputs": {"size": "params:size"}}})
    refused(case, "promoted-parameter")
    document = yaml.safe_load(case.yml())
    # A mapping is no literal of Azure ML: what is asked for is in no job that can be built.
    assert "size" not in document.get("inputs", {})


@CASES.of("credential-stays")
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


@CASES.of("secret-outside-credentials")
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


@CASES.of("code-ignored")
def the_project_itself_stays_at_home(case):
    case.project.catalog(RESULT)
    case.nodes(("table", "a", None, "y"))
    case.project.write(".amlignore", "pyproject.toml\n")
    job_goes_wrong(case, "code-ignored")


@CASES.of("import-ignored")
def a_module_that_is_imported_stays_at_home(case):
    case.project.catalog(RESULT)
    case.project.write(f"src/{case.project.package}/tidying.py", "def tidy(x):\n    return x\n")
    case.nodes(("table", "a", None, "y"))
    registry = case.project.root / f"src/{case.project.package}/pipeline_registry.py"
    registry.write_text(f"from {case.project.package}.tidying import tidy\n{registry.read_text()}")
    case.project.write(".amlignore", "tidying.py\n")
    job_goes_wrong(case, "import-ignored")


@CASES.of("mlflow-between-steps")
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


@CASES.of("step-name-twice")
def a_group_has_the_name_of_another_node(case):
    case.project.catalog(WRAPPED.format(name="x", path="x.csv") + RESULT)
    case.nodes(("table", "a", None, "x"), ("counted", "b", "x", "y"))
    case.project.settings_of({"j": {"grouping": {"a": ["b"]}}})
    refused(case, "step-name-twice")
    # The keys of a job are unique: the group that is to be called `a` is called otherwise.
    steps = yaml.safe_load(case.yml())["jobs"].values()
    assert [step["display_name"] for step in steps] == ["a", "a_"]


@CASES.of("asset-registered-twice")
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


@CASES.of("one-output-path")
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


@CASES.of("reuse-refused")
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


@CASES.of("local-version")
def the_local_version_of_an_asset_is_asked_for(case):
    case.project.catalog(
        ASSET.format(name="x", asset="things", more="azureml_version: local,") + RESULT
    )
    case.nodes(("counted", "a", "x", "y"))
    refused(case, "local-version")
    # Versions in a workspace come from registrations; `local` names a folder of this machine.
    assert "things" not in case.yml()


@CASES.of("circular-groups")
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


@CASES.of("unreadable-file")
def a_link_leads_back_to_itself(case):
    (case.project.root / "loop").symlink_to("loop")
    refused(case, "unreadable-file")
    with pytest.raises(OSError, match="symbolic links"):
        (case.project.root / "loop").read_bytes()
