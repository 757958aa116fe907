"""For any path that a catalog may hold, the mount is kept or the entry is refused."""

from __future__ import annotations

import copy
import os
from contextlib import suppress
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from kedro.io import DatasetError
from kedro_azureml_datasets import AzureMLAssetDataset, AzureMLDatasetError, AzureMLPipelineDataset
from stress import examples

MOUNT = Path("/mnt/azureml/input")

# Arbitrary text seldom looks like a path: pieces that do, glued at random.
pieces = st.sampled_from(
    [
        "..",
        ".",
        "/",
        "\\",
        "//",
        "C:",
        "c:/",
        "s3://",
        "://",
        "~",
        "data",
        "x.csv",
        " ",
        "\0",
        "%2e",
    ]
)
paths = (
    st.text(max_size=30)
    | st.lists(pieces, max_size=8).map("".join)
    | st.lists(pieces | st.text(max_size=4), max_size=6).map("/".join)
    | st.lists(pieces, max_size=5).map(lambda parts: str(Path.cwd()) + "/".join(parts))
)


def has_hint(refusal: AzureMLDatasetError) -> None:
    assert refusal.hint


def is_inside(path: Path, folder: Path) -> bool:
    return os.path.commonpath([os.path.normpath(path), folder]) == str(folder)


@examples(100)
@given(paths)
@example("/etc/passwd")
@example("a/../../b")
@example("a\\..\\..\\b")
@example("")
def test_a_mounted_path_is_inside_the_mount_or_refused(filepath: str) -> None:
    nested = {"type": "text.TextDataset", "filepath": filepath}
    try:
        dataset = AzureMLPipelineDataset(nested)
    except AzureMLDatasetError as refusal:
        has_hint(refusal)
        return
    mounted = dataset.at(MOUNT).path
    assert is_inside(mounted, MOUNT)
    assert mounted != MOUNT
    assert is_inside(dataset.path, Path.cwd() / "data")


@examples(100)
@given(paths)
def test_a_mounted_asset_is_inside_the_mount_or_refused(filepath: str) -> None:
    nested = {"type": "text.TextDataset", "filepath": filepath}
    try:
        folder = AzureMLAssetDataset("asset", nested)
        file = AzureMLAssetDataset("asset", nested, azureml_type="uri_file")
    except AzureMLDatasetError as refusal:
        has_hint(refusal)
        return
    assert is_inside(folder.at(MOUNT).path, MOUNT)
    assert file.at(MOUNT).path == MOUNT


@examples(100)
@given(paths)
def test_what_goes_in_with_the_project_in_front_comes_out_the_same(filepath: str) -> None:
    try:
        plain = AzureMLPipelineDataset({"type": "text.TextDataset", "filepath": filepath})
    except AzureMLDatasetError:
        return
    rewritten = (Path.cwd() / filepath).as_posix()
    absolute = AzureMLPipelineDataset({"type": "text.TextDataset", "filepath": rewritten})
    assert absolute.path == plain.path


@examples(100)
@given(name=st.text(max_size=10) | st.integers(), version=st.text(max_size=6) | st.integers())
@example(name="a", version="..")
@example(name="a", version="x/y")
@example(name="..", version="1")
def test_no_name_and_no_version_leads_out_of_root_dir(name: str, version: str) -> None:
    nested = {"type": "text.TextDataset", "filepath": "x.txt"}
    try:
        dataset = AzureMLAssetDataset(name, nested, azureml_version=version)
    except AzureMLDatasetError as refusal:
        has_hint(refusal)
        return
    assert is_inside(dataset.path, Path.cwd() / "data")
    read = dataset._versions.folder_of(dataset.load_version)
    assert is_inside(read, Path.cwd() / "data" / str(name))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=5,
)


@examples(100)
@given(
    st.dictionaries(
        st.sampled_from(["type", "filepath", "path", "dataset", "versioned", "load_args", "x"]),
        json_values | st.sampled_from(["text.TextDataset", "CachedDataset", "x.txt"]),
    )
)
@example({"type": "text.TextDataset", "filepath": "x.txt"})
@example({"type": "CachedDataset", "dataset": {"type": "text.TextDataset", "filepath": "x.txt"}})
@example({"type": 3, "filepath": "x.txt"})
def test_a_nested_configuration_is_taken_or_refused_with_a_dataset_error(config: object) -> None:
    before = copy.deepcopy(config)
    taken = []
    with suppress(DatasetError):
        taken.append(AzureMLPipelineDataset(config))  # type: ignore[arg-type]
    assert all(is_inside(dataset.path, Path.cwd() / "data") for dataset in taken)
    assert config == before
