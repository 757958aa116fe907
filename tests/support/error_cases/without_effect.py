"""The judge is the job itself: what is asked for is not in it, or two things are asked for."""

from __future__ import annotations

from typing import Any

from .written_case import ASSET, Case, Cases, refused

CASES = Cases()


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


@CASES.of("pattern-matches-nothing")
def a_pattern_matches_nothing(case):
    changes_nothing(case, "pattern-matches-nothing", {}, steps={"nobody": {"timeout": 5}})


@CASES.of("unordered-dataset")
def an_order_is_left_out_of_a_dataset_that_nobody_uses(case):
    changes_nothing(case, "unordered-dataset", {}, unordered=["other"])


@CASES.of("external-dataset")
def a_dataset_is_declared_external_that_nobody_uses(case):
    changes_nothing(case, "external-dataset", {}, external=["other"])


@CASES.of("unknown-check")
def a_check_does_not_exist(case):
    changes_nothing(case, "unknown-check", {}, checks={"large-inptu": "error"})


@CASES.of("fixed-check")
def a_check_that_cannot_be_lowered_is(case):
    changes_nothing(case, "fixed-check", {}, checks={"nothing-produces": "info"})


@CASES.of("code-directory")
def the_code_directory_is_a_subfolder(case):
    case.project.settings_of({"j": {}})
    without = case.yml("without")
    execution = {"environment": "env@latest", "code_directory": "src"}
    case.project.settings_of({"j": {}}, execution=execution)
    refused(case, "code-directory")
    assert case.yml("with") == without


@CASES.of("unknown-entry")
def a_compute_does_not_exist(case):
    case.project.settings_of({"j": {"compute": "gpu"}})
    refused(case, "unknown-entry")
    assert "gpu" not in case.yml()  # what is asked for is in no job


@CASES.of("node-in-two-groups")
def a_node_is_in_two_groups(case):
    one, two = {"one": ["a"]}, {"two": ["a"]}
    cannot_be_both(
        case, "node-in-two-groups",
        {"grouping": one}, {"grouping": two}, {"grouping": {**one, **two}},
    )  # fmt: skip


@CASES.of("settings-contradict")
def two_patterns_contradict_each_other(case):
    one, other = {"a*": {"timeout": 5}}, {"*a": {"timeout": 6}}
    cannot_be_both(
        case, "settings-contradict", {"steps": one}, {"steps": other}, {"steps": {**one, **other}}
    )


TWO = {
    "__default__": {"subscription_id": "s", "resource_group": "r", "name": "w"},
    "two": {"subscription_id": "s", "resource_group": "r", "name": "v"},
}


@CASES.of("other-workspace")
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


@CASES.of("asset-folder-shared")
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
