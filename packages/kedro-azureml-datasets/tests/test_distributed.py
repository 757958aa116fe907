"""Which process of a distributed step may save."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_datasets import AzureMLAssetDataset, AzureMLPipelineDataset
from kedro_azureml_datasets.distributed import read_process_rank
from stress import examples

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import KedroProject

CLUSTER = {
    "chief": ["a:1"],
    "worker": ["b:1", "c:1"],
    "ps": ["d:1"],
}


def tensorflow(kind: str, index: int, cluster: dict[str, list[str]]) -> dict[str, str]:
    task = {"type": kind, "index": index}
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})}


def test_a_step_that_is_not_distributed_has_rank_0() -> None:
    assert read_process_rank({}) == 0


def test_pytorch_says_its_rank() -> None:
    assert read_process_rank({"RANK": "0", "WORLD_SIZE": "2"}) == 0
    assert read_process_rank({"RANK": "1", "WORLD_SIZE": "2"}) == 1


def test_a_variable_rank_alone_is_not_a_sign_of_pytorch() -> None:
    assert read_process_rank({"RANK": "1"}) == 0


def test_mpi_says_its_rank() -> None:
    assert read_process_rank({"OMPI_COMM_WORLD_RANK": "3"}) == 3


@pytest.mark.parametrize(
    ("kind", "index", "rank"),
    [("chief", 0, 0), ("worker", 0, 1), ("worker", 1, 2), ("ps", 0, 3), ("evaluator", 0, 4)],
)
def test_tensorflows_chief_is_rank_0_and_the_workers_follow(
    kind: str, index: int, rank: int
) -> None:
    assert read_process_rank(tensorflow(kind, index, CLUSTER)) == rank


@pytest.mark.parametrize(("kind", "index", "rank"), [("worker", 0, 0), ("worker", 1, 1)])
def test_without_a_chief_tensorflows_first_worker_is_rank_0(
    kind: str, index: int, rank: int
) -> None:
    assert read_process_rank(tensorflow(kind, index, {"worker": ["a:1", "b:1"]})) == rank


def test_an_evaluator_never_is_rank_0_though_it_stands_outside_the_cluster() -> None:
    assert read_process_rank(tensorflow("evaluator", 0, {"worker": ["a:1"]})) == 1


@pytest.mark.parametrize(
    "value",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"task": {"type": "worker", "index": 1}}',
        '{"cluster": {"worker": ["a"]}, "task": {}}',
        '{"cluster": {"worker": ["a"]}, "task": {"type": "worker", "index": "x"}}',
        '{"cluster": 5, "task": {"type": "worker", "index": 1}}',
        '{"cluster": ["worker"], "task": {"type": "worker", "index": 1}}',
        '{"cluster": {"worker": 3}, "task": {"type": "worker", "index": 1}}',
    ],
)
def test_a_tf_config_of_another_format_is_not_a_sign_of_tensorflow(value: str) -> None:
    assert read_process_rank({"TF_CONFIG": value}) == 0


@examples(100)
@given(
    st.dictionaries(
        st.sampled_from(["RANK", "WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "TF_CONFIG"]),
        st.text(max_size=20) | st.sampled_from(["0", "1", "²", "-1", "1.0", "٣"]),
    )
)
def test_no_environment_breaks_it(environ: dict[str, str]) -> None:
    assert read_process_rank(environ) >= 0


@examples(100)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["cluster", "task", "type", "index"]), inner)
        ),
        max_leaves=8,
    )
)
def test_no_tf_config_breaks_it(value: Any) -> None:
    assert isinstance(read_process_rank({"TF_CONFIG": json.dumps(value)}), int)


NESTED = {"type": "text.TextDataset", "filepath": "x.txt"}


@pytest.mark.parametrize("mounted", [True, False])
@pytest.mark.parametrize("kind", ["pipeline", "asset"])
def test_only_rank_0_saves(
    project: KedroProject,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    mounted: bool,
) -> None:
    dataset = (
        AzureMLPipelineDataset(NESTED)
        if kind == "pipeline"
        else AzureMLAssetDataset("texts", NESTED, azureml_version="1")
    )
    bound = dataset.at(elsewhere) if mounted else dataset
    monkeypatch.setenv("WORLD_SIZE", "2")

    monkeypatch.setenv("RANK", "1")
    bound.save("from rank 1")
    assert not bound.path.exists()

    monkeypatch.setenv("RANK", "0")
    bound.save("from rank 0")
    assert bound.path.read_text() == "from rank 0"


def test_every_rank_loads(
    project: KedroProject, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "x.txt").write_text("there")
    monkeypatch.setenv("OMPI_COMM_WORLD_RANK", "1")
    assert AzureMLPipelineDataset(NESTED).at(elsewhere).load() == "there"


def test_only_rank_0_confirms(project: KedroProject, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = AzureMLPipelineDataset(
        {"type": "partitions.IncrementalDataset", "path": "parts", "dataset": "text.TextDataset"}
    )
    project.write("data/parts/a", "first")
    dataset.load()

    monkeypatch.setenv("OMPI_COMM_WORLD_RANK", "1")
    dataset.confirm()
    assert not (project.folder / "data/parts/CHECKPOINT").exists()

    monkeypatch.setenv("OMPI_COMM_WORLD_RANK", "0")
    dataset.confirm()
    assert project.read("data/parts/CHECKPOINT") == "a"
