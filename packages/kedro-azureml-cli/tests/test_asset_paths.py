"""Which local version serves a data asset of a simulated job."""

from pathlib import Path

import pytest
from kedro_azureml_cli.simulation.asset_paths import AssetNotHereError, find_local_assets
from kedro_azureml_compiler.planning.facts import AssetFacts
from kedro_azureml_compiler.planning.plan import Flow, Plan, PlannedDataset
from kedro_azureml_datasets.azure_ml.settings import Workspace
from kedro_azureml_datasets.version_origin import (
    ForeignVersionError,
    locate_origin_file,
    make_origin,
    write_origin,
)


def plan_of(*assets: AssetFacts) -> Plan:
    datasets = [PlannedDataset(a.name, Flow.VERSION, "because", asset=a) for a in assets]
    return Plan("job", ("__default__",), (), tuple(datasets))


def asset(name: str, version: str | None, *, is_file: bool = False) -> AssetFacts:
    return AssetFacts(name, version, is_file=is_file, root_dir="data/cache", file="deep/x.csv")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for version in ("9", "10", "local"):
        folder = tmp_path / "data/cache/birds" / version / "deep"
        folder.mkdir(parents=True)
        (folder / "x.csv").touch()
    return tmp_path


def test_a_pinned_version_is_its_folder(project: Path):
    paths = find_local_assets(plan_of(asset("birds", "9")), project)
    assert paths == {"birds:9": project / "data/cache/birds/9"}


def test_the_latest_is_the_newest_version_and_never_the_local_one(project: Path):
    paths = find_local_assets(plan_of(asset("birds", None)), project)
    assert paths == {"birds@latest": project / "data/cache/birds/10"}


def test_a_file_asset_is_the_file(project: Path):
    paths = find_local_assets(plan_of(asset("birds", "10", is_file=True)), project)
    assert paths == {"birds:10": project / "data/cache/birds/10/deep/x.csv"}


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("3", "Version '3' of the data asset 'birds' is not on this machine."),
        (None, "No version of the data asset 'fish' is on this machine."),
    ],
)
def test_what_is_not_here_is_named_with_its_folder(project: Path, version: str | None, told: str):
    name = "birds" if version else "fish"
    with pytest.raises(AssetNotHereError) as caught:
        find_local_assets(plan_of(asset(name, version)), project)
    assert caught.value.message == told
    assert f"data/cache/{name}/" in caught.value.hint


def test_a_version_of_another_workspace_does_not_serve(project: Path):
    birds = project / "data/cache/birds"
    write_origin(locate_origin_file(birds, "10"), make_origin(Workspace("s", "r", "prod"), "id"))
    mine = Workspace("s", "r", "dev")
    latest = find_local_assets(plan_of(asset("birds", None)), project, mine)
    assert latest == {"birds@latest": birds / "9"}
    with pytest.raises(ForeignVersionError, match="'prod'"):
        find_local_assets(plan_of(asset("birds", "10")), project, mine)
    assert find_local_assets(plan_of(asset("birds", "10")), project) == {"birds:10": birds / "10"}


def test_a_version_without_a_record_is_reported_by_a_run_and_not_by_a_validation(project, caplog):
    caplog.set_level("INFO")
    plan = plan_of(asset("birds", "10"))
    validated = find_local_assets(plan, project, are_read=False)
    assert caplog.messages == []
    assert find_local_assets(plan, project) == validated
    (line,) = caplog.messages
    assert line.startswith("Nothing says from which workspace version '10' of the data asset")


def test_a_validation_refuses_a_version_of_another_workspace_too(project: Path):
    birds = project / "data/cache/birds"
    write_origin(locate_origin_file(birds, "10"), make_origin(Workspace("s", "r", "prod"), "id"))
    with pytest.raises(ForeignVersionError, match="'prod'"):
        find_local_assets(
            plan_of(asset("birds", "10")), project, Workspace("s", "r", "dev"), are_read=False
        )
