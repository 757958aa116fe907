"""The same asset and version number of two workspaces are never taken for each other."""

import json
import os
import shutil

import pytest
import yaml
from asset_commands import AssetCommands
from azure_loopback.loopback import GROUP, WORKSPACE

OTHER = "other-workspace"
PINNED = {"azureml_version": "1"}


@pytest.fixture
def assets(shop, azure):
    """A project whose environment `prod` names another workspace, with other data."""
    azure.register("penguins", "1", {"p.txt": b"from prod"})
    secrets = list(azure.control.secrets.items())
    azure.control.secrets.update({path.replace(WORKSPACE, OTHER): held for path, held in secrets})
    for body in list(azure.control.resources.values()):
        twin = json.dumps(body).replace(WORKSPACE, OTHER).replace("paths/penguins", "paths/prods")
        if OTHER in twin:
            azure.control.put(
                json.loads(twin)["id"], {"properties": json.loads(twin)["properties"]}
            )
    client = azure.container()
    client.upload_blob("prods/1/p.txt", b"from prod", overwrite=True)
    azure.register("penguins", "1", {"p.txt": b"from dev!"})
    commands = AssetCommands(shop, azure)
    entry = yaml.safe_load(azure.settings)["workspace"]["__default__"]
    other = {"workspace": {"__default__": {**entry, "name": OTHER}}}
    shop.write("conf/prod/azureml.yml", yaml.safe_dump(other))
    shop.catalog(penguins=PINNED)
    return commands


def run_in_prod(shop):
    shop.environ = {**shop.environ, "KEDRO_ENV": "prod"}
    return shop.attempt()


def test_a_download_leaves_a_record_beside_the_version_and_not_in_it(assets, azure, shop):
    shop.run()
    assert shop.read("data/report.txt") == "FROM DEV!"
    assert shop.files() == {"1/p.txt": "from dev!"}
    record = json.loads(shop.read("data/penguins/.1.origin.json"))
    entry = yaml.safe_load(azure.settings)["workspace"]["__default__"]
    assert record["workspace"] == entry["name"]
    assert record["resource_group"] == GROUP
    assert record["subscription_id"] == entry["subscription_id"]
    assert record["asset_id"].lower() == azure.path("data", "penguins", "versions", "1").lower()
    assert record["fetched_at"].endswith("+00:00")


def test_a_run_in_another_workspace_refuses_the_version_without_a_request(assets, azure, shop):
    shop.run()
    azure.control.requests.clear()
    finished = run_in_prod(shop)
    assert finished.returncode == 1
    assert f"was downloaded from the workspace '{WORKSPACE}'" in finished.output
    assert f"the workspace to read is '{OTHER}'" in finished.output
    assert "--replace" in finished.output
    assert azure.control.requests == []


def test_pull_refuses_it_too_and_replaces_it_where_asked(assets, shop):
    shop.run()
    told = assets.run("pull", "penguins", "-e", "prod", code=1)
    assert f"'{WORKSPACE}'" in told
    assert f"'{OTHER}'" in told
    assert "is already here" not in told
    assert shop.files() == {"1/p.txt": "from dev!"}
    assert assets.values("list", "-e", "prod")["assets"][0]["here"] == []
    told = assets.run("show", "penguins", "-e", "prod")
    assert f"Version 1 here is from the workspace '{WORKSPACE}' and is not read." in told
    assert "Downloaded version 1" in assets.run("pull", "penguins", "-e", "prod", "--replace")
    assert shop.files() == {"1/p.txt": "from prod"}
    assert assets.values("list", "-e", "prod")["assets"][0]["here"] == ["1"]
    assert assets.values("list")["assets"][0]["here"] == []
    assert run_in_prod(shop).returncode == 0
    assert shop.read("data/report.txt") == "FROM PROD"


def test_what_stands_where_a_version_belongs_is_replaced_and_links_are_not_followed(assets, shop):
    shop.write("kept/mine.txt", "mine")
    place = shop.folder / "data/penguins/1"
    place.parent.mkdir(parents=True, exist_ok=True)
    for goal in (None, "../../kept", "../../kept", "1"):  # what is put aside is no folder
        if place.is_dir():
            shutil.rmtree(place)
        if goal is None:
            place.write_text("x")
        else:
            place.symlink_to(goal)
        assets.run("pull", "penguins", "--replace")
        assert shop.files() == {"1/p.txt": "from dev!"}
        assert not place.is_symlink()
    assert shop.read("kept/mine.txt") == "mine"
    hidden = [path.name for path in place.parent.glob(".*")]
    assert sorted(hidden) == [".1.lock", ".1.origin.json"]


def test_a_version_of_a_hand_is_replaced_where_asked(assets, shop):
    shop.write("data/penguins/1/p.txt", "by hand")
    shop.write("data/penguins/1/more.txt", "by hand")
    assert "is already here" in assets.run("pull", "penguins")
    assets.run("pull", "penguins", "--replace")
    assert shop.files() == {"1/p.txt": "from dev!"}
    hidden = [path.name for path in (shop.folder / "data/penguins").glob(".*")]
    assert sorted(hidden) == [".1.lock", ".1.origin.json"]


def test_what_came_of_another_workspaces_version_is_not_gone_on_with(assets, azure, shop):
    blob = azure.container().get_blob_client("penguins/1/p.txt").get_blob_properties()
    shop.run()
    record = shop.read("data/penguins/.1.origin.json").replace(WORKSPACE, "a-third")
    (shop.folder / "data/penguins/1/p.txt").unlink()
    (shop.folder / "data/penguins/1").rmdir()
    shop.write("data/penguins/.1.part/origin.json", record)
    left = shop.write("data/penguins/.1.part/data/p.txt", "another's")  # as long as dev's
    moment = int(blob.last_modified.timestamp())
    os.utime(left, (moment, moment))
    shop.run()
    assert shop.files() == {"1/p.txt": "from dev!"}
