"""What a step leaves in its working directory, where no output carries it."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from kedro_azureml_simulator.terminal.console import report_run
from rich.console import Console

if TYPE_CHECKING:
    from conftest import Project

FOLDER = {"type": "uri_folder"}


def test_a_file_that_no_output_carries_is_named_in_the_result_the_record_and_the_run(
    project: Project,
) -> None:
    shown = StringIO()
    with report_run(Console(file=shown, width=500)) as on_event:
        result = project.run(
            {
                "fit": project.command(
                    "mkdir -p data/06; echo m > data/06/model.txt; echo r > ${{outputs.y}}/r",
                    outputs={"y": FOLDER},
                )
            },
            on_event=on_event,
        )

    assert result.status == "completed"
    assert result.steps[0].left_behind == ("data/06/model.txt",)
    record = json.loads((project.run_dir / "run.json").read_text())
    assert record["steps"][0]["left_behind"] == ["data/06/model.txt"]
    assert (
        "note: fit left data/06/model.txt in its working directory, and no output carries it"
        in shown.getvalue()
    )


def test_a_changed_file_of_the_snapshot_is_named_and_an_unchanged_one_is_not(
    project: Project,
) -> None:
    for name in ("grows", "rewritten", "same_again", "touched", "read", "swapped"):
        project.write(f"code/{name}.txt", f"{name}\n")
    result = project.run(
        {
            "fit": project.command(
                "cat read.txt; echo x >> grows.txt; touch touched.txt; echo same_again >"
                " same_again.txt; printf 'REWRITTEN\\n' > rewritten.txt;"
                " printf 'SWAPPED\\n' > new; touch -r swapped.txt new; mv new swapped.txt",
                code="./code",
            )
        }
    )

    assert result.steps[0].left_behind == ("grows.txt", "rewritten.txt", "swapped.txt")


def test_caches_and_what_azure_ml_uploads_by_itself_are_not_named(project: Project) -> None:
    folders = ["__pycache__", "src/__pycache__", ".viz", "spark-warehouse/t", ".pytest_cache"]
    lines = [f"mkdir -p {name} && echo x > {name}/a" for name in [*folders, "outputs", "logs"]]
    result = project.run({"fit": project.command("; ".join([*lines, "echo x > derby.log"]))})

    assert result.steps[0].left_behind == ()
    assert result.steps[0].artifacts is not None


def test_a_copy_of_what_an_output_carries_is_not_lost(project: Project) -> None:
    result = project.run(
        {
            "fit": project.command(
                "echo model > model.txt; cp model.txt ${{outputs.y}}/;"
                " echo other > other.txt; mkdir outputs -p; cp other.txt outputs/;"
                " ln -s ${{outputs.y}} linked; ln -s model.txt alias; ln -s nowhere dangling;"
                " echo lost > lost.txt",
                outputs={"y": FOLDER},
            )
        }
    )

    assert result.steps[0].left_behind == ("lost.txt",)


def test_a_failed_step_a_skipped_one_and_one_that_never_started(project: Project) -> None:
    result = project.run(
        {
            "fails": project.command("echo x > partial.csv; exit 3", outputs={"y": FOLDER}),
            "waits": project.command(
                "cat ${{inputs.x}}", inputs={"x": "${{parent.jobs.fails.outputs.y}}"}
            ),
        }
    )

    left = {step.name: step.left_behind for step in result.steps}
    assert left == {"fails": ("partial.csv",), "waits": ()}


def test_every_instance_of_a_distributed_step_is_looked_at(project: Project) -> None:
    result = project.run(
        {
            "train": project.command(
                "echo $NODE_RANK > rank_$NODE_RANK.txt",
                distribution={"type": "pytorch", "process_count_per_instance": 1},
                resources={"instance_count": 2},
            )
        },
        python=None,
    )

    assert result.status == "completed"
    assert result.steps[0].left_behind == ("rank_0.txt", "rank_1.txt")


@pytest.mark.parametrize("count", [5, 7])
def test_many_files_are_counted_not_listed(project: Project, count: int) -> None:
    shown = StringIO()
    with report_run(Console(file=shown, width=500)) as on_event:
        result = project.run(
            {"fit": project.command(f"for i in $(seq 1 {count}); do echo $i > part_$i; done")},
            on_event=on_event,
        )

    assert len(result.steps[0].left_behind) == count
    assert ("part_5 and 2 more files" in shown.getvalue()) == (count == 7)


def test_a_file_in_the_temporary_folder_is_not_seen(project: Project) -> None:
    result = project.run({"fit": project.command('echo x > "$TMPDIR/x"; echo x > "$HOME/x"')})

    assert result.steps[0].left_behind == ()
