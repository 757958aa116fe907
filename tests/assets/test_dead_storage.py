"""Storage that is dead, or takes connections and never answers, is an error soon, with its host."""

import json
import time

import pytest
from asset_commands import AssetCommands
from asset_loading import PINNED, nothing_left, refused
from azure_loopback.azurite import ACCOUNT
from azure_loopback.sent_jobs import send
from followed_project import COMMAND, FollowedProject
from kedro_azureml_datasets.azure_ml.storage import STORAGE_OPTIONS

HOST = f"{ACCOUNT}.blob.core.windows.net"

IMPATIENT = """
from kedro_azureml_datasets.azure_ml.storage import STORAGE_OPTIONS

STORAGE_OPTIONS.update(
    connection_timeout=0.5, read_timeout=0.5, initial_backoff=0.1, increment_base=1,
    random_jitter_range=0,
)
"""
"""The same retries, in less time."""

WAYS = ("dead", "silent", "silent after the greeting", "silent in a blob")


def kill(azure, way):
    """Let the storage be dead from now on, in one of the ways."""
    if way == "dead":
        azure.proxy.dead.add("*.blob.core.windows.net")
    else:  # a greeting of TLS has some 1,700 bytes
        size_bytes = {WAYS[1]: 0, WAYS[2]: 1_900, WAYS[3]: 400_000}[way]
        azure.proxy.stalls["*.blob.core.windows.net"] = size_bytes


def test_dead_storage_is_reported_within_half_a_minute():
    options = STORAGE_OPTIONS
    pauses = [
        options["initial_backoff"]
        + (options["increment_base"] ** number if number else 0)
        + options["random_jitter_range"]
        for number in range(options["retry_total"])
    ]
    connecting, reading = options["retry_connect"], options["retry_read"]
    assert options["connection_timeout"] * (connecting + 1) + sum(pauses[:connecting]) <= 30
    assert options["read_timeout"] * (reading + 1) + sum(pauses[:reading]) <= 35


@pytest.mark.parametrize("way", WAYS)
def test_a_load_names_the_host_and_how_long_it_was_tried(azure, shop, way):
    azure.register("penguins", "1", {"p.txt": b"x" * 3_000_000})
    kill(azure, way)
    started = time.monotonic()
    told = refused(shop.load(IMPATIENT, **PINNED), "Error")
    assert f"'{HOST}'" in told
    assert ("no connection to" if way == "dead" else "no answer from") in told
    assert "gave up after" in told
    assert time.monotonic() - started < 30
    nothing_left(shop)


@pytest.mark.parametrize("way", ["dead", "silent after the greeting"])
@pytest.mark.parametrize(
    "command", ["assets pull penguins", "logs all-1", "download all-1 clean"], ids=str.split
)
def test_each_command_that_reads_names_it(azure, shop, way, command):
    project = FollowedProject(shop, azure)
    project.put("all-1")
    project.jobs.play("all-1", job="Completed", clean="Completed", fit="Completed")
    catalog = {
        "clean": {
            "type": "kedro_azureml_datasets.AzureMLPipelineDataset",
            "dataset": {"type": "text.TextDataset", "filepath": "clean.txt"},
        }
    }
    shop.write("conf/base/catalog_more.yml", json.dumps(catalog))
    kill(azure, way)
    done = shop.start(IMPATIENT + COMMAND, *command.split()).wait()
    assert done.returncode == 3, done.output
    assert "Traceback" not in done.output
    assert f"'{HOST}'" in done.output


@pytest.mark.parametrize("way", ["dead", "silent"])
def test_nothing_is_sent_to_a_workspace_whose_storage_does_not_answer(compiled_farm, azure, way):
    kill(azure, way)
    started = time.monotonic()
    done = send(compiled_farm)
    assert done.returncode == 3, done.output
    assert f"no connection to '{HOST}'" in done.output
    assert "Traceback" not in done.output
    assert time.monotonic() - started < 15  # the uploads of the SDK go on for minutes
    assert azure.control.jobs.bodies == {}
    azure.proxy.dead.clear()
    azure.proxy.stalls.clear()
    assert send(compiled_farm).returncode == 0


@pytest.mark.parametrize("way", ["dead", "silent"])
def test_a_push_names_it_too(azure, shop, way):
    assets = AssetCommands(shop, azure)
    shop.write("data/penguins/local/p.txt", "mine")
    kill(azure, way)
    started = time.monotonic()
    told = assets.run("push", "penguins", "--yes", code=3)
    assert f"no connection to '{HOST}'" in told
    assert "Traceback" not in told
    assert assets.versions("penguins") == []
    assert time.monotonic() - started < 15
