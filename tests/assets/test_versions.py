"""Which version of an asset a local run reads.

In the order of preference: --load-versions, azureml_version, the registry's latest, the newest one
here where Azure cannot be asked, `local` where the registry does not know the asset.
"""

import json

import pytest
import yaml

CLOSED = "http://127.0.0.1:1"


def offline(shop):
    """Nothing answers: what a laptop in a train meets."""
    shop.environ = {**shop.environ, "HTTPS_PROXY": CLOSED}


def test_load_versions_win_and_are_downloaded(shop, three_versions):
    shop.catalog(penguins={"azureml_version": "2"})
    shop.run(load_versions={"penguins": "1"})
    assert shop.read("data/report.txt") == "VERSION 1"
    assert shop.files() == {"1/p.txt": "version 1"}


@pytest.mark.parametrize("runner", ["SequentialRunner", "ParallelRunner"])
def test_without_workspace_in_azureml_yml_the_one_of_the_machine_is_asked(
    shop, three_versions, runner
):
    place = yaml.safe_load(shop.read("conf/base/azureml.yml"))["workspace"]["__default__"]
    shop.write("conf/base/azureml.yml", "jobs: {}\n")
    home = shop.folder.parent / "azure"
    home.mkdir()
    (home / "config").write_text(
        f"[defaults]\ngroup = {place['resource_group']}\nworkspace = {place['name']}\n"
    )
    current = {"id": place["subscription_id"], "isDefault": True, "environmentName": "AzureCloud"}
    profile = json.dumps({"subscriptions": [current]})
    (home / "azureProfile.json").write_text(profile, "utf-8-sig")
    shop.environ = {**shop.environ, "AZURE_CONFIG_DIR": str(home)}
    shop.run(runner)
    assert shop.read("data/report.txt") == "VERSION 3"


def test_the_version_local_can_be_asked_for_and_needs_no_azure(shop, three_versions):
    shop.write("data/penguins/local/p.txt", "mine")
    shop.run(load_versions={"penguins": "local"})
    assert shop.read("data/report.txt") == "MINE"
    assert three_versions.proxy.connections == []


def test_then_azureml_version_is_downloaded(shop, three_versions):
    shop.catalog(penguins={"azureml_version": "2"})
    shop.run()
    assert shop.read("data/report.txt") == "VERSION 2"
    assert shop.files() == {"2/p.txt": "version 2"}


def test_a_pinned_version_that_is_here_asks_nobody(shop, three_versions):
    shop.catalog(penguins={"azureml_version": "2"})
    shop.write("data/penguins/2/p.txt", "here")
    output = shop.run()
    assert shop.read("data/report.txt") == "HERE"
    assert three_versions.proxy.connections == []
    assert "WARNING" not in output


def test_then_the_latest_is_downloaded(shop, three_versions):
    shop.write("data/penguins/2/p.txt", "older")
    output = shop.run()
    assert shop.read("data/report.txt") == "VERSION 3"
    assert shop.files() == {"2/p.txt": "older", "3/p.txt": "version 3"}
    assert "WARNING" not in output


def test_the_latest_is_the_registrys_and_not_the_largest_number(shop, azure):
    azure.register("penguins", "9", {"p.txt": b"nine"})
    azure.register("penguins", "hotfix", {"p.txt": b"hotfix"})
    shop.run()
    assert shop.read("data/report.txt") == "HOTFIX"


def test_a_latest_version_that_is_here_is_not_downloaded(shop, three_versions):
    shop.write("data/penguins/3/p.txt", "here")
    reads = len(three_versions.azurite.blob_reads())
    shop.run()
    assert shop.read("data/report.txt") == "HERE"
    assert len(three_versions.azurite.blob_reads()) == reads
    assert three_versions.control.requests  # it was asked which is the latest


def test_without_a_network_the_newest_one_here_is_read_with_a_warning(shop, three_versions):
    offline(shop)
    shop.write("data/penguins/9/p.txt", "nine")
    shop.write("data/penguins/10/p.txt", "ten")
    shop.write("data/penguins/local/p.txt", "mine")
    output = shop.run()
    assert shop.read("data/report.txt") == "TEN"
    assert "WARNING No version of the data asset 'penguins' is pinned" in output
    assert "reading version '10'" in output
    assert "Connecting to Azure failed: no connection to" in output


def test_without_a_network_and_with_nothing_here_the_error_says_what_is_missing(
    shop, three_versions
):
    offline(shop)
    finished = shop.attempt()
    assert finished.returncode == 1
    assert "No version of the data asset 'penguins' is on this machine" in finished.output
    assert "no connection to '127.0.0.1:1'" in finished.output
    assert not (shop.folder / "data").exists()


def test_a_pin_is_never_replaced_by_another_version(shop, three_versions):
    offline(shop)
    shop.catalog(penguins={"azureml_version": "2"})
    shop.write("data/penguins/1/p.txt", "one")
    finished = shop.attempt()
    assert finished.returncode == 1
    assert "Version '2' of the data asset 'penguins' is not on this machine" in finished.output
    assert "Here are: 1." in finished.output


def test_an_asset_that_only_an_earlier_run_has_written_is_read_by_the_next_pipeline(shop, azure):
    shop.pipeline(
        "[node(lambda: 'made here', None, 'penguins', name='write'),"
        " node(str.upper, 'penguins', 'report', name='read')]"
    )
    shop.run(to_nodes=["write"])
    assert azure.proxy.connections == []
    output = shop.run(from_nodes=["read"])
    assert shop.read("data/report.txt") == "MADE HERE"
    assert "WARNING No version of the data asset 'penguins' is pinned" in output
    assert "reading version 'local'" in output
    assert "has no data asset 'penguins'" in output


def test_the_same_without_a_network(shop, azure):
    offline(shop)
    shop.write("data/penguins/local/p.txt", "made here")
    assert "reading version 'local'" in shop.run()
    assert shop.read("data/report.txt") == "MADE HERE"


def test_an_asset_that_is_nowhere_is_an_error_that_names_the_workspace(shop, azure):
    finished = shop.attempt()
    assert finished.returncode == 1
    assert "No version of the data asset 'penguins' is on this machine" in finished.output
    assert "The workspace 'loopback-workspace' has no data asset 'penguins'." in finished.output
    assert not (shop.folder / "data").exists()


def test_a_version_that_does_not_exist_is_answered_with_the_newest_ones(shop, azure):
    for number in range(1, 8):
        azure.register("penguins", str(number), None)
    shop.catalog(penguins={"azureml_version": "70"})
    finished = shop.attempt()
    assert finished.returncode == 1
    assert "The data asset 'penguins' has no version '70'." in finished.output
    assert "The newest versions are: 7, 6, 5, 4, 3." in finished.output
    assert not (shop.folder / "data").exists()


def test_one_line_says_that_local_is_newer_than_what_is_read(shop, three_versions):
    shop.catalog(penguins={"azureml_version": "2"})
    shop.run()
    shop.write("data/penguins/local/p.txt", "mine")
    output = shop.run()
    assert shop.read("data/report.txt") == "VERSION 2"
    assert output.count("has written the data asset 'penguins' since") == 1


def test_a_pin_is_for_reading_and_a_write_goes_to_local(shop, three_versions):
    shop.catalog(penguins={"azureml_version": "2"})
    shop.pipeline(
        "[node(lambda: 'made here', None, 'penguins', name='write'),"
        " node(str.upper, 'penguins', 'report', name='read')]"
    )
    shop.run(load_versions={"penguins": "1"})
    assert shop.read("data/report.txt") == "MADE HERE"
    assert shop.files() == {"local/p.txt": "made here"}
    assert three_versions.proxy.connections == []


def test_an_entry_of_a_factory_is_downloaded(shop, three_versions):
    text = shop.read("conf/base/catalog.yml")
    shop.write("conf/base/catalog.yml", text.replace("penguins:\n", '"{name}guins":\n'))
    shop.run()
    assert shop.read("data/report.txt") == "VERSION 3"


def test_without_an_azureml_yml_what_is_here_is_read_with_a_warning(shop, azure):
    (shop.folder / "conf/base/azureml.yml").unlink()
    shop.write("data/penguins/1/p.txt", "one")
    output = shop.run()
    assert shop.read("data/report.txt") == "ONE"
    assert "WARNING" in output
    assert "no azureml.yml" in output
    assert azure.proxy.connections == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("workspace: [", "azureml.yml cannot be read"),
        ("jobs: {}", "no 'workspace'"),
        ("workspace: {mine: {name: w}}", "no workspace '__default__'"),
        ("workspace: {__default__: {name: w}}", "lacks subscription_id, resource_group"),
        ("- a list", "azureml.yml"),
    ],
)
def test_a_broken_azureml_yml_is_a_warning_and_an_error_only_if_a_download_is_needed(
    content, told, shop, azure
):
    shop.write("conf/base/azureml.yml", content)
    shop.catalog(penguins={"azureml_version": "1"})
    finished = shop.attempt()
    assert finished.returncode == 1
    assert told in finished.output
    shop.write("data/penguins/1/p.txt", "one")
    assert "WARNING" not in shop.run()
    shop.catalog(penguins={})
    output = shop.run()
    assert "WARNING" in output
    assert told in output
    assert shop.read("data/report.txt") == "ONE"


def test_an_entry_of_another_workspace_is_asked_there(shop, azure):
    azure.register("penguins", "1", {"p.txt": b"there"})
    text = azure.settings.replace("__default__", "lab")
    shop.write("conf/base/azureml.yml", text)
    shop.catalog(penguins={"workspace": "lab"})
    shop.run()
    assert shop.read("data/report.txt") == "THERE"
    shop.catalog(penguins={"workspace": "lap", "azureml_version": "7"})
    assert "It has: lab." in shop.attempt().output


def test_a_refused_sign_in_is_named_and_what_is_here_is_read(shop, three_versions):
    three_versions.control.sign_in.works = False
    shop.catalog(penguins={"azureml_version": "2"})
    finished = shop.attempt()
    assert finished.returncode == 1
    assert "Azure refused the sign-in" in finished.output
    assert "az login" in finished.output
    shop.catalog(penguins={})
    shop.write("data/penguins/2/p.txt", "here")
    assert "WARNING" in shop.run()
    assert shop.read("data/report.txt") == "HERE"


def test_a_refused_workspace_is_named_with_the_role_that_is_missing(shop, three_versions):
    three_versions.control.refusals["/data/"] = (403, "The client does not have authorization.")
    finished = shop.attempt()
    assert finished.returncode == 1
    assert "Looking up the data asset 'penguins' failed" in finished.output
    assert "ForbiddenError" in finished.output
    assert "AzureML Data Scientist" in finished.output


def test_if_azure_fails_the_version_on_this_machine_is_read(shop, three_versions):
    three_versions.control.refusals["/data/"] = (500, "Something went wrong.")
    finished = shop.attempt()
    assert finished.returncode == 1
    assert "Looking up the data asset 'penguins' failed: Something went wrong" in finished.output
    shop.write("data/penguins/2/p.txt", "here")
    assert "WARNING" in shop.run()
    assert shop.read("data/report.txt") == "HERE"


def test_where_the_newest_version_was_deleted_the_newest_that_is_left_is_read(shop, three_versions):
    delete(three_versions, "3")
    shop.run()
    assert shop.read("data/report.txt") == "VERSION 2"
    assert shop.files() == {"2/p.txt": "version 2"}
    delete(three_versions, "2")
    delete(three_versions, "1")
    (shop.folder / "data/penguins/2/p.txt").unlink()
    (shop.folder / "data/penguins/2").rmdir()
    assert "has no data asset 'penguins'" in shop.attempt().output


def delete(azure, version):
    """Delete a version as Azure ML does: the asset goes on naming it as its latest."""
    del azure.control.resources[azure.path("data", "penguins", "versions", version).lower()]


def test_without_the_extra_the_pip_line_is_named(shop, three_versions):
    shop.catalog(penguins={"azureml_version": "2"})
    code = """
        import sys
        for name in [m for m in sys.modules if m.partition(".")[0] == "azure"]:
            del sys.modules[name]
        sys.modules["azure"] = None
        try:
            catalog.load("penguins")
        except Exception as error:
            print(error)
        """
    output = shop.with_catalog(code)
    assert "'azure.ai.ml' cannot be imported" in output
    hint = 'Install it:  pip install "kedro-azureml-datasets[azure]"'
    assert hint in output.splitlines()  # no other hint behind it
    shop.catalog(penguins={})
    lines = shop.with_catalog(code).splitlines()
    assert hint in lines
    assert lines[lines.index(hint) + 1].startswith("Or put its data into '")


def test_a_session_without_a_run_downloads_too(shop, three_versions):
    output = shop.with_catalog("""
        print("exists:", catalog.exists("penguins"))
        print(catalog.load("penguins"))
        print("exists:", catalog.exists("penguins"))
        """)
    lines = [line for line in output.splitlines() if not line.startswith("INFO")]
    assert lines == ["exists: False", "version 3", "exists: True"]


def test_another_process_that_has_no_session_knows_the_workspace(shop, three_versions):
    shop.with_catalog("""
        import pickle
        open("dataset.pkl", "wb").write(pickle.dumps(catalog["penguins"]))
        """)
    finished = shop.start(
        "import pickle; print(pickle.load(open('dataset.pkl', 'rb')).load())"
    ).wait()
    assert finished.output.splitlines()[-1] == "version 3"
