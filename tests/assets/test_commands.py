"""Data assets of the catalog are listed, downloaded and registered from the command line."""

import os
import pty
import select

import pytest
from asset_commands import AssetCommands
from azure_loopback.processes import until


@pytest.fixture
def assets(shop, azure):
    return AssetCommands(shop, azure)


def test_the_list_has_the_latest_version_and_those_that_are_here(assets, azure):
    azure.register("penguins", "1", {"p.txt": b"one"})
    azure.register("penguins", "2", {"p.txt": b"two"})
    assets.shop.catalog(
        penguins={},
        model={"azureml_version": "3", "azureml_type": "uri_file"},
        **{"{name}_raw": {"azureml_dataset": "{name}-raw"}},
    )
    assets.shop.write("data/penguins/1/p.txt", "one")
    assets.shop.write("data/penguins/local/p.txt", "mine")
    told = assets.run("list")
    head, *rows = (line.split() for line in told[told.index("dataset ") :].splitlines())
    assert head == ["dataset", "data", "asset", "type", "reads", "latest", "here"]
    assert sorted(rows) == [
        ["model", "model", "uri_file", "3", "-", "-"],
        ["penguins", "penguins", "uri_folder", "latest", "2", "1,", "local"],
    ]
    (asset,) = assets.values("list", "fish_raw")["assets"]
    assert asset == {
        "dataset": "fish_raw",
        "asset": "fish-raw",
        "type": "uri_folder",
        "pinned": None,
        "here": [],
        "latest": None,
    }


def test_all_versions_of_an_asset_are_shown_the_newest_first(assets, azure):
    azure.register("penguins", "1", {"p.txt": b"one"})
    azure.register("penguins", "2", {"p.txt": b"two"})
    assets.shop.write("data/penguins/1/p.txt", "one")
    assets.shop.write("data/penguins/0/p.txt", "zero")
    told = assets.run("show", "penguins")
    rows = [line.split() for line in told.splitlines() if "azureml://" in line]
    assert [(row[0], row[1], row[4]) for row in rows] == [
        ("2", "uri_folder", "no"),
        ("1", "uri_folder", "yes"),
    ]
    assert "Version 0 is here but not in the workspace." in told
    versions = assets.values("show", "penguins")["versions"]
    assert [(one["version"], one["here"]) for one in versions] == [("2", False), ("1", True)]
    assert versions[0]["created"].endswith("+00:00")


def test_a_pulled_version_is_read_by_the_next_run_without_asking_for_its_data(assets, azure):
    azure.register("penguins", "1", {"p.txt": b"one"})
    azure.register("penguins", "2", {"p.txt": b"two"})
    told = assets.run("pull", "penguins")
    assert "Downloaded version 2 of the data asset 'penguins' to data/penguins/2.\n" in told
    assert assets.shop.files() == {"2/p.txt": "two"}
    blobs = len(azure.azurite.blob_reads())
    assets.shop.run()
    assert assets.shop.read("data/report.txt") == "TWO"
    assert len(azure.azurite.blob_reads()) == blobs
    pulled = assets.values("pull", "penguins", "--version", "1")
    assert (pulled["version"], pulled["done"]) == ("1", "downloaded")
    azure.control.requests.clear()
    told = assets.run("pull", "penguins", "--version", "1")
    assert "Version 1 of the data asset 'penguins' is already here: data/penguins/1.\n" in told
    assert azure.control.requests == []


def test_an_asset_whose_newest_version_was_deleted_has_the_newest_that_is_left(assets, azure):
    for version in ("1", "2", "3"):
        azure.register("penguins", version, {"p.txt": version.encode()})
    del azure.control.resources[azure.path("data/penguins/versions/3").lower()]
    (asset,) = assets.values("list", "penguins")["assets"]
    assert asset["latest"] == "2"
    assert "Downloaded version 2 of" in assets.run("pull", "penguins")
    told = assets.run("pull", "penguins", "--version", "3", code=1)
    assert "has no version '3'" in told
    assert "The newest versions are: 2, 1." in told
    assets.shop.write("data/penguins/local/p.txt", "mine")
    assert "Registered version 4" in assets.run("push", "penguins", "--yes")


def test_a_file_asset_is_pulled_by_its_own_name(assets, azure):
    azure.register("bird", "4", {"whatever.txt": b"one"}, kind="uri_file")
    assets.shop.catalog(penguins={"azureml_dataset": "bird", "azureml_type": "uri_file"})
    assert "to data/bird/4/p.txt.\n" in assets.run("pull", "bird")
    assert assets.shop.read("data/bird/4/p.txt") == "one"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pull", "penguins", "--version", "9"], "has no version '9'"),
        (["pull", "penguins", "--version", "local"], "is the version that local runs write"),
        (["pull", "penguins", "--version", "../x"], "cannot be a version"),
        (["pull", "pengins"], "has no data asset 'pengins' (did you mean 'penguins'?)."),
        (["show", "report"], "'report' is not a data asset: its type in the catalog is"),
    ],
)
def test_what_cannot_be_had_is_said(assets, azure, arguments, said):
    azure.register("penguins", "1", {"p.txt": b"one"})
    told = assets.run(*arguments, code=1)
    assert said in told
    assert "Traceback" not in told


def test_what_a_local_run_has_written_becomes_the_next_version(assets, azure):
    azure.register("penguins", "1", {"p.txt": b"one"})
    assets.shop.write("data/penguins/local/p.txt", "mine")
    assets.shop.write("data/penguins/local/more/q.txt", "more")
    told = assets.run("push", "penguins", "--yes")
    assert "Registered version 2 of the data asset 'penguins': 2 files (8 bytes).\n" in told
    assets.run("pull", "penguins")
    assert assets.shop.files("data/penguins/2") == {"p.txt": "mine", "more/q.txt": "more"}


def test_the_first_version_of_a_file_is_pushed_from_a_path(assets, azure):
    assets.shop.catalog(penguins={"azureml_dataset": "bird", "azureml_type": "uri_file"})
    path = assets.shop.write("elsewhere/x.txt", "here")
    pushed = assets.values("push", "penguins", str(path), "--yes")
    assert (pushed["version"], pushed["type"], pushed["bytes"]) == ("1", "uri_file", 4)
    blob = pushed["uri"].partition("/paths/")[2]
    assert azure.container().download_blob(blob).readall() == b"here"


def test_nothing_is_sent_where_nobody_agrees(assets, azure):
    azure.register("penguins", "1", {"p.txt": b"one"})
    assets.shop.write("data/penguins/local/p.txt", "mine")
    told = assets.run("push", "penguins", code=1)
    assert "1 file (4 bytes), to the workspace 'loopback-workspace' as a new version of" in told
    assert "(the latest is 1)? [y/N]" in told
    assert "There was no answer, so nothing was sent; --yes sends without asking." in told
    assert assets.versions("penguins") == ["1"]


@pytest.mark.parametrize(("answer", "versions"), [("y", ["1", "2"]), ("n", ["1"])])
def test_it_is_sent_where_a_person_agrees(assets, azure, answer, versions):
    azure.register("penguins", "1", {"p.txt": b"one"})
    assets.shop.write("data/penguins/local/p.txt", "mine")
    ours, theirs = pty.openpty()
    running = assets.start("push", "penguins", terminal=os.ttyname(theirs))
    shown = ""

    def asked():
        nonlocal shown
        if select.select([ours], [], [], 0.05)[0]:
            shown += os.read(ours, 65536).decode(errors="replace")
        return "[y/N]" in shown

    until(asked)
    os.write(ours, f"{answer}\n".encode())
    assert running.wait().returncode == (0 if answer == "y" else 1)
    os.close(ours)
    os.close(theirs)
    assert assets.versions("penguins") == versions


@pytest.mark.parametrize(
    ("kind", "files", "path", "said"),
    [
        ("uri_folder", [], None, "No local run has written 'penguins'"),
        ("uri_folder", ["x.txt"], "x.txt", "is a file, and the data asset 'penguins' is a folder"),
        ("uri_file", ["x/p.txt"], "x", "is a folder, and the data asset 'penguins' is one file"),
        ("uri_folder", ["x/y.txt"], "x", "has no 'p.txt'"),
        ("uri_folder", ["x/p.txt", "x/.gitignore"], "x", "contains a .gitignore"),
        ("uri_folder", [], "missing", "does not exist"),
    ],
)
def test_what_is_not_a_version_of_the_asset_is_refused_before_azure_is_asked(
    assets, azure, kind, files, path, said
):
    assets.shop.catalog(penguins={"azureml_type": kind})
    for file in files:
        assets.shop.write(file, "x")
    told = assets.run("push", "penguins", *([path] if path else []), "--yes", code=1)
    assert said in told
    assert azure.control.requests == []


def test_an_empty_folder_is_refused(assets):
    (assets.folder / "x/y").mkdir(parents=True)
    assert "contains no files" in assets.run("push", "penguins", "x", "--yes", code=1)


def test_a_type_that_the_asset_does_not_have_in_the_workspace_is_refused(assets, azure):
    azure.register("penguins", "1", {"p.txt": b"one"}, kind="uri_file")
    assets.shop.write("data/penguins/local/p.txt", "mine")
    told = assets.run("push", "penguins", "--yes", code=1)
    assert "is a uri_file in the workspace, and a uri_folder in the catalog" in told
    assert assets.versions("penguins") == ["1"]


@pytest.mark.parametrize("kind", [503, "reset", "lost", "truncated"])
def test_a_version_whose_answer_fails_once_is_there_once(assets, azure, kind):
    azure.register("penguins", "1", {"p.txt": b"one"})
    assets.shop.write("data/penguins/local/p.txt", "mine")
    azure.control.faults.add(kind, "PUT .*/versions/2")
    assert "Registered version 2" in assets.run("push", "penguins", "--yes")
    assert assets.versions("penguins") == ["1", "2"]


def test_an_asset_of_another_workspace_is_looked_up_there(assets, azure):
    nowhere = {"subscription_id": "s", "resource_group": "r", "name": "nowhere"}
    assets.workspaces(__default__=nowhere, other=assets.place)
    assets.shop.catalog(penguins={"workspace": "other"})
    azure.register("penguins", "5", {"p.txt": b"one"})
    (asset,) = assets.values("list")["assets"]
    assert asset["latest"] == "5"
    (asset,) = assets.values("list", "-w", "__default__")["assets"]
    assert asset["latest"] is None
