"""Steps with several processes: each finds its rank, and they live and die together."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator.pipeline.model import Distribution
from kedro_azureml_simulator.running.steps.ranks import list_ranks

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project

FOLDER = {"type": "uri_folder"}


def environments(project: Project, step: dict[str, Any]) -> list[dict[str, str]]:
    """Run a step whose processes write their environment; return it, in order of the names."""
    step = {
        **step,
        "outputs": {"y": FOLDER},
        "command": "env -0 > ${{outputs.y}}/$BASHPID; pwd > where; cat where",
    }
    result = project.run({"a": step})
    assert result.status == "completed", result.steps[0].message
    return [
        dict(line.split("=", 1) for line in path.read_text().split("\0") if line)
        for path in result.steps[0].outputs["y"].iterdir()
    ]


def test_pytorch_ranks_find_their_place_and_instances_have_folders_of_their_own(
    project: Project,
) -> None:
    step = project.command(
        "",
        distribution={"type": "pytorch", "process_count_per_instance": 2},
        resources={"instance_count": 2},
    )

    found = environments(project, step)

    names = ("RANK", "NODE_RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR")
    assert sorted(tuple(one[name] for name in names) for one in found) == [
        ("0", "0", "0", "4", "127.0.0.1"),
        ("1", "0", "1", "4", "127.0.0.1"),
        ("2", "1", "0", "4", "127.0.0.1"),
        ("3", "1", "1", "4", "127.0.0.1"),
    ]
    assert len({one["MASTER_PORT"] for one in found}) == 1
    assert len({one["AZUREML_RUN_ID"] for one in found}) == 1
    for name in ("PWD", "HOME", "TMPDIR", "AZUREML_CR_EXECUTION_WORKING_DIR_PATH"):
        by_node = {(one["NODE_RANK"], one[name]) for one in found}
        assert len(by_node) == len({place for _, place in by_node}) == 2
    logs = sorted(path.name for path in (project.run_dir / "steps" / "a").glob("*.txt"))
    assert logs == ["log.txt", "log_rank_1.txt", "log_rank_2.txt", "log_rank_3.txt"]


def test_mpi_ranks_find_their_place(project: Project) -> None:
    step = project.command(
        "",
        distribution={"type": "mpi", "process_count_per_instance": 3},
        resources={"instance_count": 1},
    )

    found = environments(project, step)

    assert sorted(one["OMPI_COMM_WORLD_RANK"] for one in found) == ["0", "1", "2"]
    assert {one["OMPI_COMM_WORLD_SIZE"] for one in found} == {"3"}
    assert sorted(one["OMPI_COMM_WORLD_LOCAL_RANK"] for one in found) == ["0", "1", "2"]


def test_tensorflow_tasks_find_the_cluster_and_themselves(project: Project) -> None:
    step = project.command(
        "",
        distribution={"type": "tensorflow", "worker_count": 2, "parameter_server_count": 1},
        resources={"instance_count": 3},
    )

    found = [json.loads(one["TF_CONFIG"]) for one in environments(project, step)]

    tasks = sorted((one["task"]["type"], one["task"]["index"]) for one in found)
    assert tasks == [("ps", 0), ("worker", 0), ("worker", 1)]
    cluster = found[0]["cluster"]
    assert all(one["cluster"] == cluster for one in found)
    addresses = [*cluster["worker"], *cluster["ps"]]
    assert len(set(addresses)) == 3


def test_a_step_s_distribution_wins_over_its_component_s(project: Project) -> None:
    component = project.component(
        "echo $WORLD_SIZE",
        distribution={"type": "pytorch", "process_count_per_instance": 2},
    )
    own = {"type": "pytorch", "process_count_per_instance": 1}

    result = project.run({"a": {"component": component}, "b": {"component": component,
                                                               "distribution": own}})  # fmt: skip

    assert [project.log(step) for step in result.steps] == ["2\n", "1\n"]


def test_ranks_meet_each_other_over_the_master_port(project: Project, python: Path) -> None:
    # What torch.distributed does at its start, with sockets alone.
    project.write(
        "src/meet.py",
        """
        import os, socket, sys, time
        address = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
        rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        if rank == 0:
            server = socket.create_server(address)
            seen = {0}
            while len(seen) < size:
                peer, _ = server.accept()
                seen.add(int(peer.recv(10)))
                peer.close()
            open(os.path.join(sys.argv[1], "seen"), "w").write(str(sorted(seen)))
        else:
            while True:
                try:
                    socket.create_connection(address).sendall(str(rank).encode())
                    break
                except ConnectionRefusedError:
                    time.sleep(0.01)
        """,
    )
    step = project.command(
        "python meet.py ${{outputs.y}}",
        code="src",
        outputs={"y": FOLDER},
        distribution={"type": "PyTorch", "process_count_per_instance": 1},
        resources={"instance_count": 3},
        limits={"timeout": 30},
    )

    result = project.run({"a": step}, python=python)

    assert result.status == "completed", result.steps[0].message
    assert (result.steps[0].outputs["y"] / "seen").read_text() == "[0, 1, 2]"


def test_a_rank_that_fails_ends_the_others_and_its_log_is_shown(project: Project) -> None:
    line = "echo I am $RANK; if [ $RANK = 1 ]; then exit 7; fi; sleep 600"
    step = project.command(line, distribution={"type": "pytorch", "process_count_per_instance": 3})

    step_result = project.run({"a": step}).steps[0]

    assert (step_result.status, step_result.exit_code) == ("failed", 7)
    assert "rank 1 of 3 ended with exit code 7" in step_result.message
    assert project.log(step_result).startswith("I am 1\n")


def test_a_timeout_ends_all_ranks(project: Project) -> None:
    step = project.command(
        "sleep 600",
        distribution={"type": "mpi", "process_count_per_instance": 2},
        limits={"timeout": 0.3},
    )

    result = project.run({"a": step})

    assert "longer than its limits.timeout" in result.steps[0].message


@pytest.mark.parametrize("kind", ["pytorch", "mpi", "tensorflow"])
def test_a_distribution_of_one_process_is_one_process(kind: Any) -> None:
    found = list_ranks(Distribution(kind, 1, 1))

    assert [(rank.number, rank.instance) for rank in found] == [(0, 0)]
    assert found[0].variables


def test_artifacts_of_all_instances_are_kept(project: Project) -> None:
    line = textwrap.dedent("""
        echo $NODE_RANK > outputs/of_$NODE_RANK
    """)
    step = project.command(line, distribution={"type": "pytorch"}, resources={"instance_count": 2})

    result = project.run({"a": step})

    assert result.steps[0].artifacts is not None
    found = sorted(path.name for path in (result.steps[0].artifacts / "outputs").iterdir())
    assert found == ["of_0", "of_1"]
