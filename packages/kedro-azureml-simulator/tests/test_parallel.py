"""Parallel steps: mini-batches, workers, and what counts as a failure."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator import PipelineError, RunResult

if TYPE_CHECKING:
    from conftest import Project

DATA = {"path": "data", "type": "uri_folder"}


def run(project: Project, script: str, *, data: Any = DATA, **fields: Any) -> RunResult:
    for number in range(4):
        project.write(f"data/sub/f{number}.txt", str(number))
    project.write("code/src/entry.py", script)
    task = {
        "type": "run_function",
        "code": "code",
        "entry_script": "src/entry.py",
        "environment": "azureml:any:1",
        "append_row_to": "${{outputs.rows}}",
        **fields.pop("task", {}),
    }
    task.pop(fields.pop("without", ""), None)
    step = {
        "type": "parallel",
        "input_data": "${{inputs.files}}",
        "mini_batch_size": "2",
        "inputs": {"files": data, **fields.pop("literals", {})},
        "outputs": {"rows": {"type": "uri_file"}},
        "task": task,
        **fields,
    }
    return project.run({"p": step}, python=Path(sys.executable))


def test_init_runs_once_for_each_worker_and_shutdown_at_its_end(project: Project) -> None:
    script = """
        def init(): print("begin")
        def run(batch): return batch
        def shutdown(): print("end")
    """

    result = run(project, script, max_concurrency_per_instance=2)

    assert result.status == "completed", result["p"].message
    assert project.log(result["p"]).split("\n").count("begin") == 2
    assert project.log(result["p"]).split("\n").count("end") == 2
    assert len(result["p"].outputs["rows"].read_text().splitlines()) == 4


def test_the_code_beside_the_entry_script_and_in_the_code_folder_can_be_imported(
    project: Project,
) -> None:
    project.write("code/top.py", "SAYS = 'top'")
    project.write("code/src/near.py", "SAYS = 'near'")

    result = run(project, "import near, top\ndef run(b): return [near.SAYS + top.SAYS for _ in b]")

    assert set(result["p"].outputs["rows"].read_text().split()) == {"neartop"}


def test_a_worker_that_dies_is_a_failed_mini_batch_and_another_takes_its_place(
    project: Project,
) -> None:
    script = """
        import os
        def run(batch):
            if any(name.endswith("f0.txt") for name in batch):
                os._exit(3)
            return batch
    """

    result = run(project, script, retry_settings={"max_retries": 1})

    assert result.status == "completed"
    assert "attempt 2: the worker has ended" in project.log(result["p"])
    assert len(result["p"].outputs["rows"].read_text().splitlines()) == 2


def test_a_mini_batch_that_fails_once_is_tried_again(project: Project) -> None:
    script = """
        tried = set()
        def run(batch):
            if batch[0] not in tried:
                tried.add(batch[0])
                raise ValueError("not yet")
            return batch
    """

    result = run(project, script, mini_batch_error_threshold=0)

    assert result.status == "completed"
    assert len(result["p"].outputs["rows"].read_text().splitlines()) == 4


@pytest.mark.parametrize("returned", ["None", "'text'", "3"])
def test_what_is_not_a_list_is_a_failed_mini_batch(project: Project, returned: str) -> None:
    result = run(project, f"def run(batch): return {returned}", error_threshold=3)

    assert "4 items failed, more than the error_threshold of 3" in project.log(result["p"])
    assert "run() must return a list or a data frame" in project.log(result["p"])


def test_nothing_is_aggregated_without_append_row_to(project: Project) -> None:
    script = "def run(batch): return batch"

    result = run(project, script, without="append_row_to", outputs={})

    assert result.status == "completed", result["p"].message


def test_one_file_is_one_mini_batch(project: Project) -> None:
    project.write("one.csv", "x")
    script = "def run(batch): return [name.rpartition('/')[2] for name in batch]"

    result = run(project, script, data={"type": "uri_file", "path": "one.csv"})

    assert result["p"].outputs["rows"].read_text() == "one.csv\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [("hello", "holds no files"), ({"type": "mltable", "path": "data"}, "of an mltable")],
)
def test_an_input_without_files_is_refused(project: Project, data: Any, words: str) -> None:
    with pytest.raises(PipelineError, match=words):
        run(project, "def run(batch): return batch", data=data)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ("--error_threshold ${{inputs.most}}", "error_threshold"),
        ("--error_threshold=${{ inputs.most }}", "error_threshold"),
        ("--allowed_failed_percent ${{inputs.most}}", "allowed_failed_percent"),
        ("--allowed_failed_count ${{inputs.most}}", "mini_batch_error_threshold"),
    ],
)
def test_a_threshold_among_the_arguments_may_be_bound_to_an_input(
    project: Project, arguments: str, name: str
) -> None:
    script = "def run(batch): return []"

    result = run(project, script, task={"program_arguments": arguments}, literals={"most": 1})

    assert f"failed, more than the {name} of 1" in project.log(result["p"])


def test_a_threshold_that_is_not_a_number_fails_the_step_with_its_name(project: Project) -> None:
    arguments = {"program_arguments": "--error_threshold many"}

    result = run(project, "def run(batch): return batch", task=arguments)

    assert "--error_threshold is 'many', which is not a number" in (result["p"].message or "")


@pytest.mark.parametrize("written", [3, "3", {"value": 3}])
def test_settings_of_a_parallel_step_may_be_bound_to_literals(
    project: Project, written: object
) -> None:
    for number in range(4):
        project.write(f"data/f{number}.txt", str(number))
    project.write(
        "code/entry.py", "def run(batch):\n    print('size', len(batch))\n    return batch"
    )
    bound, level = "${{parent.inputs.n}}", "${{parent.inputs.level}}"
    step = {
        "type": "parallel",
        "input_data": "${{inputs.files}}",
        "mini_batch_size": bound,
        "logging_level": level,
        "resources": {"instance_count": bound},
        "error_threshold": bound,
        "inputs": {"files": DATA},
        "task": {"type": "run_function", "code": "code", "entry_script": "entry.py",
                 "environment": "azureml:any:1"},
    }  # fmt: skip
    inputs = {"n": written, "level": "DEBUG"}

    result = project.run({"p": step}, fields={"inputs": inputs}, python=Path(sys.executable))

    assert "2 mini-batches, 0 failed" in project.log(result["p"])


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("def init(): pass", "src/entry.py has no function run(mini_batch)"),
        ("run = 3", "src/entry.py has no function run(mini_batch)"),
        ("import nowhere_to_be_found", "the import of src/entry.py failed: ModuleNotFoundError"),
        ("def run(b): return b\ndef init(): 1 / 0", "init() failed: ZeroDivisionError"),
    ],
)
def test_an_entry_script_that_cannot_work_fails_the_step_whatever_the_thresholds(
    project: Project, script: str, words: str
) -> None:
    result = run(project, script)

    assert result.status == "failed"
    assert words in project.log(result["p"])
