"""Jobs in the style of Azure ML's documentation, each with its results; and twins that fail."""

from __future__ import annotations

import copy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from kedro_azureml_simulator import PipelineError, RunResult, simulate

CORPUS = Path(__file__).parent / "pipelines" / "corpus"
ASSETS = {
    "numbers:3": CORPUS / "data/numbers",
    "table@latest": CORPUS / "data/table.csv",
    "azureml://datastores/lake/paths/numbers/": CORPUS / "data/numbers",
    "https://example.com/table.csv": CORPUS / "data/table.csv",
}
COMPONENTS = {
    "sum_numbers": CORPUS / "components/sum.yml",
    "add:2": CORPUS / "components/add.yml",
}
WORKSPACE = (
    "azureml://subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups"
    "/simulated-resource-group/workspaces/simulated-workspace"
)
ROWS = "parallel_run_step.txt"

EXPECTED: dict[str, dict[str, str]] = {
    "artifacts_of_a_run": {"result/w.txt": "world"},
    "assets_with_versions_and_labels": {"result/counts.txt": "4 5 4 5"},
    "command_job": {"model/model.txt": "4 1"},
    "command_job_without_a_type": {"out/n.txt": "12"},
    "component_defaults_and_limits": {"result/total.txt": "100"},
    "components_in_files": {"result/total.txt": "42"},
    "direct_inputs": {
        "result/addresses.txt": f"https://example.com/a.csv\n{WORKSPACE}/data/words/versions/9"
    },
    "distribution_mpi": {f"result/{n}_of_2.txt": f"{n} of 2" for n in range(2)},
    "distribution_pytorch": {f"result/{n}_of_4.txt": f"{n} of 4" for n in range(4)},
    "distribution_tensorflow": {
        "result/ps_0.txt": "ps 0",
        "result/worker_0.txt": "worker 0",
        "result/worker_1.txt": "worker 1",
    },
    "dump_flat": {"result/n.txt": "4\nb 0.1"},
    "dump_nested_with_untyped_inputs": {"final/n.txt": "4\n0.1 3"},
    "dump_sweep": {"best/best.txt": "3"},
    "dump_with_truth_values": {"result/flags.txt": "True False True"},
    "dump_parallel": {f"result/{ROWS}": "a.txt 5\nb.txt 10\nc.txt 15\nd.txt 20"},
    "enum_values_of_other_types": {"result/v.txt": "224 True"},
    "environments_of_every_kind": {"result/e.txt": "registry\nimage"},
    "file_between_steps": {"result": "42"},
    "file_where_a_folder_is_declared": {"result/n.txt": "5"},
    "folder_between_steps": {"result/square.txt": "100"},
    "init_and_finalize": {"first/n.txt": "begin", "middle/n.txt": "work", "last/n.txt": "end"},
    "inline_component_with_includes": {"result/g.txt": "hello\n5"},
    "literals_of_every_type": {"result/values.txt": "hello world|3|1e-5|True|a/b|0.25|"},
    "local_data_on_the_step": {"result/n.txt": "4\nx,y"},
    "models_as_inputs": {"result/n.txt": "5\n10"},
    "nested_after_a_step": {"result/total.txt": "42"},
    "nested_around_a_parallel_step": {"result": "a.txt 3\nb.txt 6\nc.txt 9\nd.txt 12"},
    "nested_once": {"result/total.txt": "25"},
    "nested_output_that_registers": {"sums:1/total.txt": "25"},
    "nested_side_by_side": {"result/both.txt": "7\n9"},
    "nested_twice": {"result/total.txt": "225"},
    "nested_with_a_default": {"result/total.txt": "45"},
    "nested_with_an_extra_input": {"result/total.txt": "25"},
    "optional_inputs": {"plain/model.txt": "2 1", "scaled/model.txt": "20 1"},
    "outputs_that_register_assets": {
        "model/model.txt": "2 1",
        "line:7/model.txt": "2 1",
        "notes:1/x": "1",
        "note:2": "2",
    },
    "parallel_component": {"result": "a.txt 10\nb.txt 20\nc.txt 30\nd.txt 40"},
    "parallel_files": {f"result/{ROWS}": "a.txt 2\nb.txt 4\nc.txt 6\nd.txt 8"},
    "parallel_rows_of_a_frame": {f"result/{ROWS}": "a.txt 2\nb.txt 2\nc.txt 2\nd.txt 2"},
    "parallel_that_ignores_failures": {
        f"result/{ROWS}": "four.txt plumplum\none.txt appleapple\nthree.txt pearpear"
    },
    "parallel_with_a_time_limit": {f"result/{ROWS}": "a.txt 2\nb.txt 4\nc.txt 6"},
    "parallel_with_failed_mini_batches": {f"result/{ROWS}": "a.txt 2\nb.txt 4\nd.txt 8"},
    "pipeline_component_as_the_job": {"sum/total.txt": "13"},
    "registered_component": {"result/total.txt": "15"},
    "settings_bound_to_inputs": {f"result/{n}_of_4.txt": f"{n} of 4" for n in range(4)},
    "settings_and_computes": {"result/ok.txt": "ok"},
    "sweep_component": {"result/best.txt": "3"},
    "sweep_grid": {"result/best.txt": "3"},
    "sweep_job": {"model/best.txt": "3"},
    "sweep_random": {"result/best.txt": "2.97542"},
    "sweep_sobol": {"result/best.txt": "3"},
    "sweep_that_maximizes": {"result/best.txt": "9"},
    "sweep_with_an_early_end": {"result/best.txt": "3"},
    "undocumented_variables": {"result/n.txt": "5\n5"},
}

STEP = "jobs.double"
TWINS: dict[str, tuple[str, dict[str, Any], str]] = {
    "an output that nobody has": (
        "folder_between_steps",
        {"jobs.square.inputs.total": "${{parent.jobs.total.outputs.sum}}"},
        "has no output `sum`",
    ),
    "an empty file name": (
        "file_between_steps", {"jobs.write.command": "true"}, "StreamAccess.NotFound"
    ),
    "a null literal": ("literals_of_every_type", {"inputs.real": None}, "null is not a literal"),
    "an asset without data": (
        "assets_with_versions_and_labels", {"inputs.pinned.path": "azureml:numbers:4"},
        "has no local data",
    ),
    "a changed read-only input": (
        "local_data_on_the_step",
        {"jobs.count.command": "echo 1 > ${{inputs.file}}"},
        "ended with exit code 1",
    ),
    "artifacts without the file": (
        "artifacts_of_a_run", {"jobs.make.command": "true"}, "ended with exit code 1"
    ),
    "a literal above its maximum": (
        "component_defaults_and_limits", {"inputs.start": 101}, "above the component's max"
    ),
    "a component that is not mapped": (
        "registered_component",
        {"jobs.total.component": "azureml:other:1"},
        "--component other=<file>",
    ),
    "an enum of numbers": (
        "enum_values_of_other_types",
        {"jobs.resize.component.inputs.size.enum": [224]},
        "224 is not a string",
    ),
    "nested: an input that is needed": (
        "nested_once", {"jobs.twice.inputs": {}}, "needs this input"
    ),
    "nested: a literal of another type": (
        "nested_with_a_default", {"jobs.twice.inputs.b": "many"}, "is not of the type integer"
    ),
    "nested: an output that nobody has": (
        "nested_side_by_side",
        {"jobs.join.inputs.l": "${{parent.jobs.left.outputs.total}}"},
        "has no output `total`",
    ),
    "nested: inside a failing step": (
        "nested_after_a_step", {"jobs.make.command": "echo x y > ${{outputs.out}}/n.txt"},
        "ended with exit code 1",
    ),
    "dump: data that is not there": (
        "dump_flat", {"inputs.data.path": "azureml:./data/nowhere"}, "does not exist"
    ),
    "dump: a component without its command": (
        "dump_flat", {"jobs.count.component.command": ""}, "is empty"
    ),
    "dump: an untyped input that nobody gives": (
        "dump_nested_with_untyped_inputs", {"jobs.inner.inputs": {"data": {"path": "./data"}}},
        "the pipeline has no input `rate`",
    ),
    "parallel: one item too many": (
        "parallel_that_ignores_failures", {f"{STEP}.error_threshold": 0},
        "1 items failed, more than the error_threshold of 0",
    ),
    "parallel: one mini-batch too many": (
        "parallel_with_failed_mini_batches", {f"{STEP}.mini_batch_error_threshold": 0},
        "1 mini-batches failed",
    ),
    "parallel: a share of failed mini-batches": (
        "parallel_with_failed_mini_batches",
        {f"{STEP}.task.program_arguments": "--fail-on 3 --allowed_failed_percent 10"},
        "allowed_failed_percent of 10",
    ),
    "parallel: a threshold among the arguments": (
        "parallel_that_ignores_failures",
        {f"{STEP}.task.program_arguments": "--error_threshold 0"},
        "error_threshold of 0",
    ),
    "parallel: mini-batches of a table": (
        "parallel_files", {f"{STEP}.mini_batch_size": "10kb"}, "cuts a table"
    ),
    "parallel: an init that fails": (
        "parallel_files", {f"{STEP}.task.program_arguments": "--factor many"}, "init() failed"
    ),
    "parallel: a script that is not there": (
        "parallel_files", {f"{STEP}.task.entry_script": "nowhere.py"}, "is not in"
    ),
    "parallel: rows for an output that is none": (
        "parallel_component", {"jobs.double.inputs.factor": 1.5}, "is not of the type integer"
    ),
    "sweep: no metric": (
        "sweep_grid", {"jobs.search.objective.primary_metric": "accuracy"},
        "no trial logged the metric `accuracy`",
    ),
    "sweep: a grid over a range": (
        "sweep_grid",
        {"jobs.search.search_space.value": {"type": "uniform", "min_value": 0, "max_value": 1}},
        "grid sampling cannot draw from `uniform`",
    ),
    "sweep: a value that no space has": (
        "sweep_random", {"jobs.search.trial.command": "echo ${{search_space.rate}}"},
        "is undefined",
    ),
    "sweep: trials that all fail": (
        "sweep_that_maximizes", {"jobs.search.trial.command": "false"}, "3 of 3 trials failed"
    ),
    "sweep: no end": ("sweep_sobol", {"jobs.search.limits": {}}, "is missing"),
    "distribution: a rank that fails": (
        "distribution_pytorch", {"jobs.ranks.command": "test $RANK -ne 2"}, "rank 2 of 4"
    ),
    "distribution: Ray": (
        "distribution_mpi", {"jobs.ranks.distribution": {"type": "ray"}}, "Ray is not simulated"
    ),
    "a command job without its input": (
        "command_job", {"command": "echo ${{inputs.rates}}"}, "did you mean `inputs.rate`?"
    ),
    "a command job that takes too long": (
        "command_job_without_a_type", {"command": "sleep 60", "limits.timeout": 1},
        "ran longer than its limits.timeout of 1 s",
    ),
    "a component's file that is not there": (
        "components_in_files", {"jobs.more.component": "./components/ad.yml"},
        "No such file or directory",
    ),
    "a component's file that is not YAML": (
        "components_in_files", {"jobs.more.component": "./data/table.csv"},
        "must be a mapping",
    ),
    "a component's input of another kind": (
        "components_in_files",
        {"jobs.more.inputs.b": "${{parent.jobs.total.outputs.total}}"},
        "the component needs a integer, and gets a uri_folder",
    ),
    "data of a direct input": (
        "direct_inputs", {"jobs.show.command": "cat ${{inputs.web}}"}, "ended with exit code 1"
    ),
    "distribution: no parameter server is counted": (
        "distribution_tensorflow", {"jobs.ranks.distribution.parameter_server_count": "some"},
        "must be a whole number",
    ),
    "distribution: TensorFlow's rank fails": (
        "distribution_tensorflow", {"jobs.ranks.command": 'case "$TF_CONFIG" in *ps*0*) ;; esac;'
        " test $(python -c \"import json, os;"
        " print(json.loads(os.environ['TF_CONFIG'])['task']['type'])\") != ps"},
        "rank 2 of 3 ended with exit code 1",
    ),
    "distribution: MPI without a number": (
        "distribution_mpi", {"jobs.ranks.resources.instance_count": "two"},
        "must be a whole number, not the string 'two'",
    ),
    "distribution: a name that is none": (
        "distribution_pytorch", {"jobs.ranks.distribution.type": "torch"},
        "unknown distribution `torch`",
    ),
    "dump: a parallel step without its files": (
        "dump_parallel", {"inputs.files.path": "azureml:./data/nowhere"}, "does not exist"
    ),
    "dump: a sweep without its metric": (
        "dump_sweep", {"jobs.search.objective.primary_metric": "f1"},
        "no trial logged the metric `f1`",
    ),
    "dump: a truth value that is none": (
        "dump_with_truth_values", {"inputs.shown": 2}, "`2` is not of the type boolean"
    ),
    "an environment without its prefix": (
        "environments_of_every_kind", {"jobs.registry.environment": "sklearn-1.5:3"},
        "write `azureml:sklearn-1.5:3`",
    ),
    "an environment with a key that is none": (
        "environments_of_every_kind", {"jobs.image.environment": {"imgae": "python"}},
        "did you mean `image`?",
    ),
    "a folder where the command reads a file": (
        "file_where_a_folder_is_declared", {"jobs.fit.inputs.data.path": "./data"},
        "ended with exit code 1",
    ),
    "an include that is not there": (
        "inline_component_with_includes",
        {"jobs.greet.component.additional_includes": ["./extra/nowhere.txt"]},
        "does not exist",
    ),
    "an include on an inline step": (
        "folder_between_steps", {"jobs.square.additional_includes": ["./extra"]},
        "Azure ML refuses this on an inline step",
    ),
    "a first step that fails": (
        "init_and_finalize", {"jobs.begin.command": "exit 3"}, "ended with exit code 3"
    ),
    "a last step that is read": (
        "init_and_finalize",
        {"jobs.work.inputs": {"x": "${{parent.jobs.end.outputs.out}}"}},
        "exchanges data with other steps",
    ),
    "a last step that nobody has": (
        "init_and_finalize", {"settings.on_finalize": "ende"}, "did you mean `end`?"
    ),
    "a model that is not there": (
        "models_as_inputs", {"inputs.model.path": "./data/model.pkl"}, "does not exist"
    ),
    "a kind of model that is none": (
        "models_as_inputs", {"inputs.tree.type": "onnx_model"}, "is not a type of data"
    ),
    "a model for a number": (
        "component_defaults_and_limits",
        {"inputs.start": {"type": "custom_model", "path": "./data/table.csv"}},
        "the component needs a integer, and gets a custom_model",
    ),
    "nested: a parallel step inside without files": (
        "nested_around_a_parallel_step", {"jobs.inner.inputs.files": "a b"},
        "the component needs a uri_folder, and gets the string `a b`",
    ),
    "nested: an asset that is registered twice": (
        "nested_output_that_registers",
        {"jobs.again": {
            "component": "./components/twice.yml",
            "inputs": {"a": {"type": "uri_folder", "path": "./data/single"}},
            "outputs": {"sum": {"type": "uri_folder", "name": "sums", "version": 1}},
        }},
        "sums:1",
    ),
    "nested: an input of the innermost component": (
        "nested_twice", {"jobs.four.inputs": {"a": "${{parent.inputs.b}}"}},
        "the pipeline has no input `b`",
    ),
    "nested: a literal for a folder": (
        "nested_with_an_extra_input", {"jobs.twice.inputs.a": "numbers"},
        "the component needs a uri_folder, and gets the string `numbers`",
    ),
    "nested: the job's own component has no such input": (
        "pipeline_component_as_the_job", {"inputs.b": "many"}, "is not of the type integer"
    ),
    "nested: two jobs in one": (
        "pipeline_component_as_the_job", {"jobs": {"a": {"type": "command"}}},
        "stands beside `jobs`",
    ),
    "nested: a bound number that is none": (
        "settings_bound_to_inputs", {"inputs.nodes": "few"}, "is not of the type integer"
    ),
    "an optional input outside of brackets": (
        "optional_inputs",
        {"jobs.plain.component": {
            "type": "command", "command": "echo ${{inputs.rate}}", "environment": "azureml:base:1",
            "inputs": {"table": {"type": "uri_file"}, "rate": {"type": "number", "optional": True}},
            "outputs": {"model": {"type": "custom_model"}},
        }},
        "put it into $[[...]], or give the optional input",
    ),
    "an asset that is not written": (
        "outputs_that_register_assets", {"jobs.note.command": "echo 1 > ${{outputs.a}}/x"},
        "the output `b` was not written, so the asset note:2 cannot be registered",
    ),
    "a file where an output is a folder": (
        "outputs_that_register_assets",
        {"jobs.note.command": "rm -r ${{outputs.a}}; echo > ${{outputs.a}}; echo > ${{outputs.b}}"},
        "the output `a` is a uri_folder, but no folder is there",
    ),
    "a version without a name": (
        "outputs_that_register_assets", {"jobs.note.outputs.a": {"version": 3}},
        "a version without a name registers nothing",
    ),
    "parallel: a frame that cannot be written": (
        "parallel_rows_of_a_frame", {f"{STEP}.task.append_row_to": "${{outputs.row}}"},
        "the step has no `outputs.row`",
    ),
    "parallel: a mini-batch that takes too long": (
        "parallel_with_a_time_limit", {f"{STEP}.mini_batch_error_threshold": 0},
        "1 mini-batches failed",
    ),
    "parallel: no input for its files": (
        "parallel_component", {"jobs.double.inputs": {"factor": 3}},
        "the component needs this input",
    ),
    "a compute without its prefix": (
        "settings_and_computes", {"settings.default_compute": "cpu"}, "write `azureml:cpu`"
    ),
    "a datastore without its prefix": (
        "settings_and_computes", {"settings.default_datastore": "blobs"}, "write `azureml:blobs`"
    ),
    "a key without a value": (
        "settings_and_computes", {"jobs.a.resources": None}, "remove the key, or give it a value"
    ),
    "sweep: the component's input gets no value": (
        "sweep_component",
        {"jobs.search.search_space": {"valu": {"type": "choice", "values": [1]}}},
        "the component needs this input",
    ),
    "sweep: a job without trials": (
        "sweep_job", {"limits": {"timeout": 60}}, "write how many trials"
    ),
    "sweep: a policy that is none": (
        "sweep_with_an_early_end", {"jobs.search.early_termination.type": "impatient"}, "impatient"
    ),
    "an undocumented variable of no input": (
        "undocumented_variables", {"jobs.copy.command": "wc -l < $AZURE_ML_INPUT_tables"},
        "ended with exit code 1",
    ),
}  # fmt: skip


def run(file: Path, run_dir: Path) -> RunResult:
    return simulate(
        file,
        run_dir=run_dir,
        python=Path(sys.executable),
        assets=ASSETS,
        components=COMPONENTS,
    )


def contents(result: RunResult, *, in_order: bool) -> dict[str, str]:
    """Return the files of all outputs and registered assets."""
    found = {}
    for name, place in {**result.outputs, **result.registered}.items():
        for file in [place] if place.is_file() else sorted(place.rglob("*")):
            if file.is_file():
                key = name if file == place else f"{name}/{file.relative_to(place).as_posix()}"
                lines = file.read_text().strip().splitlines()
                found[key] = "\n".join(lines if in_order else sorted(lines))
    return found


@pytest.mark.parametrize("name", sorted(path.stem for path in CORPUS.glob("*.yml")))
def test_a_job_of_the_corpus_gives_its_results(name: str, tmp_path: Path) -> None:
    result = run(CORPUS / f"{name}.yml", tmp_path / "run")

    assert result.status == "completed", [step.message for step in result.steps]
    # Mini-batches end in any order, and so do their rows.
    assert contents(result, in_order="parallel" not in name) == EXPECTED[name]


def test_every_job_of_the_corpus_has_a_twin() -> None:
    jobs = {path.stem for path in CORPUS.glob("*.yml")}

    assert set(EXPECTED) == jobs
    assert {base for base, _, _ in TWINS.values()} == jobs


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_of_a_job_fails_as_it_must(name: str, tmp_path: Path) -> None:
    base, changes, words = TWINS[name]
    content = yaml.safe_load((CORPUS / f"{base}.yml").read_text())
    for place, value in changes.items():
        *parents, key = place.split(".")
        target = content
        for parent in parents:
            target = target[parent]
        target[key] = copy.deepcopy(value)
    corpus = shutil.copytree(CORPUS, tmp_path / "corpus")
    file = corpus / "twin.yml"
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    try:
        result = run(file, tmp_path / "run")
    except PipelineError as error:
        said = [str(error)]
    else:
        assert result.status == "failed"
        said = [step.message for step in result.steps]
        said += [step.log_path.read_text() for step in result.steps if step.log_path]
    assert any(words in text for text in said), said
