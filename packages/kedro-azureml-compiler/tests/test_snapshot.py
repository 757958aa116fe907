"""Which files travel."""

import json
import os
import shutil
from pathlib import Path

import pytest
from kedro_azureml_compiler.checks.secrets.files import check_credentials
from kedro_azureml_compiler.snapshot import (
    Snapshot,
    list_snapshot_files,
    measure_files,
    read_snapshot,
)


@pytest.fixture
def project(tmp_path: Path):
    def make(*names: str, **content: str) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content.get(name, "x"))
        return tmp_path

    return make


def test_without_an_ignore_file_everything_but_the_never_travels(project):
    root = project(
        "a.py",
        "sub/b.py",
        ".git/config",
        "__pycache__/a.pyc",
        "sub/__pycache__/b.pyc",
        ".env",
        "sub/.env",
        ".mypy_cache/x",
        "data/penguins/.1.origin.json",
    )
    assert list_snapshot_files(root) == ["a.py", "sub/b.py"]


def test_the_gitignore_in_the_root_counts_and_does_not_travel(project):
    root = project("a.py", "b.log", "sub/.gitignore", "sub/c.log")
    (root / ".gitignore").write_text("*.log\n")
    (root / "sub/.gitignore").write_text("*\n")
    assert list_snapshot_files(root) == ["a.py"]


def test_an_amlignore_replaces_the_gitignore_even_when_it_is_empty(project):
    root = project("a.py", "b.log")
    (root / ".gitignore").write_text("*.log\n")
    (root / ".amlignore").write_text("")
    assert list_snapshot_files(root) == ["a.py", "b.log"]


def test_a_folder_can_be_brought_back_from_below_an_ignored_one(project):
    root = project("data/big.csv", "data/reference/small.csv")
    (root / ".amlignore").write_text("data/*\n!data/reference/\n")
    assert list_snapshot_files(root) == ["data/reference/small.csv"]


def test_a_pattern_that_names_the_children_of_a_folder_covers_all_below_as_in_azure(project):
    root = project("data/big.csv", "data/deep/down/big.csv", "secret/deep/key")
    (root / ".amlignore").write_text("data/*\nsecret/*\n")
    assert list_snapshot_files(root) == []


def test_everything_below_a_folder_that_is_brought_back_travels_as_in_azure(project):
    root = project("a.txt", "sub/b.txt", "sub/deep/c.txt")
    (root / ".amlignore").write_text("*\n!sub/\n")
    assert list_snapshot_files(root) == ["sub/b.txt", "sub/deep/c.txt"]


def test_a_virtual_environment_never_travels_whatever_its_name(project):
    root = project("a.py", "my env/pyvenv.cfg", "my env/lib/x.py")
    assert list_snapshot_files(root) == ["a.py"]


def test_what_a_mount_carries_is_left_out(project):
    root = project("a.py", "data/asset/1/x.csv", "data/x.pq", "data/y.pq")
    assert list_snapshot_files(root, ["data/asset", "data/x.pq"]) == ["a.py", "data/y.pq"]


def test_links_are_followed_and_circles_end(project):
    root = project("real/a.py")
    (root / "linked").symlink_to(root / "real")
    (root / "real/up").symlink_to(root)
    assert list_snapshot_files(root) == ["linked/a.py", "real/a.py"]


def test_a_broken_link_does_not_travel(project):
    root = project("a.py")
    (root / "broken").symlink_to(root / "gone")
    assert list_snapshot_files(root) == ["a.py"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("db: {password: hunter2}", "db.password"),
        ("db: {keys: ['${oc.env:A}', plain]}", "db.keys"),
        ("db: {port: 5432}", "db.port"),
        ("db: {password: '${oc.env:A,hunter2}'}", "db.password"),
        (": not: yaml: [", ""),
        ("db: {password: 'x${oc.env:A}'}", "db.password"),
        ("db: {password: '${quote:hunter2}'}", "db.password"),
        ("db: {password: '${quote:${oc.env:A,hunter2}}'}", "db.password"),
        ("db: {password: '${globals:password}'}", "db.password"),
        ("db: {password: '${globals:${oc.env:A}}'}", "db.password"),
    ],
)
def test_a_literal_secret_that_travels_is_an_error(project, text: str, told: str):
    root = project()
    (root / "conf/base").mkdir(parents=True)
    (root / "conf/base/credentials.yml").write_text(text)
    (finding,) = check_credentials(root, list_snapshot_files(root), "conf")
    assert finding.code == "credential-travels"
    assert (f"'{told}'" in finding.message) is bool(told)


def test_a_credentials_folder_holds_credentials_files(project):
    root = project()
    (root / "conf/base/credentials").mkdir(parents=True)
    (root / "conf/base/credentials/db.yml").write_text("db: {password: hunter2}")
    assert check_credentials(root, list_snapshot_files(root), "conf")


def test_bundles_and_simulations_never_travel_whatever_their_name(project):
    root = project("a.py", "b/pipeline.yml", "b/plan.json", "b/code/x.py", "r/.azureml-simulation")
    assert list_snapshot_files(root) == ["a.py"]


def test_half_of_a_download_never_travels(project):
    root = project(
        "a.py",
        "data/.azureml-11cb/.model.part/data/p.txt",
        "data/penguins/.7.part/data/p.txt",
        "data/penguins/.7.old/p.txt",
        "data/penguins/7.part/p.txt",
        ".azureml/config.json",
    )
    assert list_snapshot_files(root) == [
        ".azureml/config.json",
        "a.py",
        "data/penguins/7.part/p.txt",
    ]


def test_a_file_that_is_taken_away_meanwhile_does_not_travel(project, monkeypatch):
    root = project("a.py", "b.py", "data/c.txt")
    access, scandir = os.access, os.scandir  # both are still asked, after another process was here

    def take_away(path, *arguments, **options):
        (root / "b.py").unlink(missing_ok=True)
        return access(path, *arguments, **options)

    def take_folder_away(path):
        if path == root / "data":
            shutil.rmtree(path)
        return scandir(path)

    monkeypatch.setattr(os, "access", take_away)
    monkeypatch.setattr(os, "scandir", take_folder_away)
    monkeypatch.setattr(os, "supports_effective_ids", {take_away})
    assert read_snapshot(root) == Snapshot(("a.py",), {})
    assert measure_files(root, ["a.py", "b.py"]) == 1e-6


@pytest.mark.parametrize(
    "reference",
    [
        "${oc.env:DB_PASSWORD}",
        "${ oc.env:DB_PASSWORD }",
        "${oc.env:DB_PASSWORD,null}",
        "${oc.env:DB_PASSWORD,''}",
        "${oc.env:DB_PASSWORD,${azureml.secret:db-password}}",
        "${oc.decode:${oc.env:DB_PORT}}",
        "${quote:${azureml.secret:db-password}}",
        "${oc.env:A}${oc.env:B}",
        "${.user}",
    ],
)
def test_a_credentials_file_of_references_may_travel(project, reference: str):
    root = project()
    (root / "conf/base").mkdir(parents=True)
    (root / "conf/base/credentials.yml").write_text(
        f"db: {{user: '${{oc.env:USER}}', password: {json.dumps(reference)}}}"
    )
    assert check_credentials(root, list_snapshot_files(root), "conf") == []
