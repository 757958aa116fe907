"""What goes wrong with a secret is one message with its name; who needs none asks no vault."""

import json
import re

import pytest
import yaml
from azure_loopback.key_vault import VAULT
from followed_project import COMMAND
from message_receiver import receive_messages

SECRET, VARIABLE = "door-key", "DOOR_KEY"
HOST = f"{VAULT}.vault.azure.net"

DOOR = """
from kedro.io import AbstractDataset

class Door(AbstractDataset):
    def __init__(self, credentials):
        self.key = credentials["key"]

    def _load(self):
        return f"opened with {len(self.key)} letters"

    def _save(self, data):
        raise NotImplementedError

    def _describe(self):
        return {}
"""


@pytest.fixture
def house(shop, azure):
    """A project with one entry whose credentials are a secret, and a job of it."""
    azure.control.vaults.secrets[VAULT, SECRET] = "s3same-0pen"
    shop.environ = {**azure.environ, "KEDRO_DISABLE_TELEMETRY": "1", "COLUMNS": "200"}
    shop.write("src/shop/door.py", DOOR)
    entries = {
        "door": {"type": "shop.door.Door", "credentials": "of_door"},
        "report": {
            "type": "kedro_azureml_datasets.AzureMLPipelineDataset",
            "dataset": {"type": "text.TextDataset", "filepath": "report.txt"},
        },
    }
    shop.write("conf/base/catalog.yml", yaml.safe_dump(entries))
    shop.write("conf/base/credentials.yml", f"of_door: {{key: '${{azureml.secret:{SECRET}}}'}}")
    shop.pipeline("[node(str.upper, 'door', 'report', name='open')]")
    settings(shop)
    return shop


def settings(shop, **workspace):
    """Write `azureml.yml`, with keys of the workspace besides its names."""
    content = yaml.safe_load(shop.azure.settings)
    content["workspace"]["__default__"] |= workspace
    content |= {
        "compute": {"__default__": {"cluster_name": "cpu"}},
        "execution": {"environment": "env@latest"},
        "jobs": {"all": {"external": ["door"]}},
    }
    shop.write("conf/base/azureml.yml", yaml.safe_dump(content))


def refused(shop):
    """Return what a run says that cannot have its secret."""
    done = shop.attempt()
    assert done.returncode == 1
    said = done.output
    assert f"The dataset 'door' needs the secret '{SECRET}': " in said
    assert f"The environment variable {VARIABLE} is used instead where it is set." in said
    assert "s3same-0pen" not in said
    assert not (shop.folder / "data/report.txt").exists()
    return said


def asked(azure):
    """Return the hosts of key vaults to which anything was sent."""
    return [host for host in azure.proxy.connections if "vault" in host]


def test_a_run_has_its_secret(house):
    house.run()
    assert house.read("data/report.txt") == "OPENED WITH 11 LETTERS"


def find_in_files(house, pattern):
    """Return the files of the project, of its home and of its logs in which something stands."""
    files = [path for path in house.folder.parent.rglob("*") if path.is_file()]
    assert len(files) > 20
    return [path for path in files if re.search(pattern, path.read_bytes())]


def test_no_secret_is_written_to_a_file_of_a_run(house):
    house.run()
    words = ("simulate", "-j", "all", "--keep", "--env-var", f"{VARIABLE}=s3same-0pen")
    done = house.start(COMMAND, *words).wait()
    assert done.returncode == 0, done.output
    assert "opened with 11 letters" in house.read(next_report(house)).lower()
    assert find_in_files(house, b"s3same-0pen") == []


def next_report(house):
    """Return the report of the simulation."""
    (found,) = (house.folder / "build/azureml-runs").rglob("mounts/outputs/**/report.txt")
    return found


def test_no_token_is_written_to_a_file_of_the_project(house, azure):
    azure.add_environment("env", "1")
    house.run()
    done = house.start(COMMAND, "run", "-j", "all").wait()
    assert done.returncode == 0, done.output
    assert azure.control.jobs.bodies
    assert find_in_files(house, rb"eyJ[\w-]{10,}\.") == []


def test_a_secret_that_does_not_exist_is_named_with_the_command_that_makes_it(house, azure):
    azure.control.vaults.secrets.clear()
    said = refused(house)
    assert f"the key vault '{VAULT}' has no secret of that name" in said
    assert f"az keyvault secret set --vault-name {VAULT} --name {SECRET}" in said


def test_a_secret_that_may_not_be_read_is_named_with_the_role(house, azure):
    azure.control.vaults.forbidden.add(SECRET)
    said = refused(house)
    assert "Caller is not authorized" in said
    assert "the role 'Key Vault Secrets User'" in said


def test_a_disabled_secret_is_named_with_the_command_that_enables_it(house, azure):
    azure.control.vaults.disabled.add(SECRET)
    said = refused(house)
    assert "disabled secret" in said
    assert "az keyvault secret set-attributes" in said
    assert "Secrets User" not in said


@pytest.mark.parametrize("vault", [f"https://{HOST}.attacker.example/", "http://" + HOST, "a/b"])
def test_nothing_is_sent_to_a_host_that_is_not_a_vault_of_the_cloud(house, azure, vault):
    settings(house, key_vault=vault)
    said = refused(house)
    assert f"'{vault}' is not a key vault of" in said
    assert "https://NAME.vault.azure.net/" in said
    assert azure.proxy.connections == []


@pytest.mark.parametrize("way", ["dead", "silent"])
@pytest.mark.parametrize("vault", [None, VAULT])
def test_a_vault_that_cannot_be_reached_is_named(house, azure, way, vault):
    if vault:
        settings(house, key_vault=vault)
    if way == "dead":
        azure.proxy.dead.add("*.vault.azure.net")
    else:
        azure.proxy.stalls["*.vault.azure.net"] = 0
    said = refused(house)
    assert f"no connection to '{HOST}'" in said
    assert "HTTPS_PROXY" in said


ANNOUNCE = """
import os
import sys

from kedro_azureml_runner.__main__ import main

os.chdir(sys.argv[1])
sys.exit(main(["--notify-success"]))
"""


def announce(shop, azure):
    """Run the step that announces the end, whose webhook is a secret, as Azure ML does."""
    names = yaml.safe_load(azure.settings)["workspace"]["__default__"]
    shop.environ = {
        **shop.environ,
        "AZUREML_ARM_SUBSCRIPTION": names["subscription_id"],
        "AZUREML_ARM_RESOURCEGROUP": names["resource_group"],
        "AZUREML_ARM_WORKSPACE_NAME": names["name"],
        "KEDRO_AZUREML_NOTIFICATIONS": json.dumps(
            {"job": "all", "step": "notify", "events": ["success"], "webhook": {"in_vault": SECRET}}
        ),
    }
    done = shop.start(ANNOUNCE).wait()
    assert done.returncode == 0, done.output
    return done.output


def test_the_address_of_a_webhook_comes_from_the_vault(house, azure):
    with receive_messages() as (host, got):
        azure.control.vaults.secrets[VAULT, SECRET] = f"http://{host}/s3same-0pen"
        said = announce(house, azure)
    assert "Notification of 'success' sent." in said
    assert "s3same" not in said
    assert [message["text"].splitlines()[0] for message in got] == ["Job 'all' has succeeded."]


def test_a_webhook_that_the_vault_does_not_give_is_a_warning(house, azure):
    azure.control.vaults.forbidden.add(SECRET)
    said = announce(house, azure)
    assert "Warning: the notification of 'success' was not sent: " in said
    assert "Caller is not authorized" in said
    assert "Traceback" not in said


def test_a_workspace_without_a_vault_is_named(house, azure):
    del azure.control.resources[azure.path().lower()]["properties"]["keyVault"]
    said = refused(house)
    assert "has no key vault" in said
    assert "key_vault: NAME" in said


@pytest.mark.parametrize(
    "command",
    [
        "check",
        "compile -j all",
        "plan -j all",
        "plan -j all --format json",
        f"simulate -j all --env-var {VARIABLE}=x",
        f"verify -j all --env-var {VARIABLE}=x",
        "simulate -j all",
        "verify -j all",
    ],
)
def test_nothing_but_a_run_and_a_step_asks_a_vault_or_a_workspace(house, azure, command):
    done = house.start(COMMAND, *command.split()).wait()
    assert "Traceback" not in done.output, done.output
    needs_the_variable = command.split()[0] in {"simulate", "verify"} and "=" not in command
    assert done.returncode == int(needs_the_variable), done.output
    assert (f"--env-var {VARIABLE}" in done.output) == needs_the_variable
    assert azure.proxy.connections == []
    assert azure.control.requests == []


def test_a_notebook_has_its_secret_after_it_was_fetched(house, azure):
    said = house.with_catalog(
        """
        from kedro_azureml_datasets import fetch_secrets

        fetch_secrets(catalog, [])
        print("key", catalog.get("door").key)
        fetch_secrets(catalog, ["door"])
        print("key", catalog.get("door").key)
        fetch_secrets(catalog, ["door"])
        """
    )
    before, after = [line for line in said.splitlines() if line.startswith("key ")]
    assert f"no environment variable {VARIABLE} with the secret {SECRET}" in before
    assert after == "key s3same-0pen"
    assert azure.control.vaults.reads == [f"{VAULT}/{SECRET}"]


def test_a_notebook_whose_secret_cannot_be_fetched_says_why(house, azure):
    azure.control.vaults.secrets.clear()
    said = house.with_catalog(
        """
        from kedro_azureml_datasets import AzureMLDatasetError, fetch_secrets

        try:
            fetch_secrets(catalog, ["door"])
        except AzureMLDatasetError as error:
            print(error)
        """
    )
    assert f"The dataset 'door' needs the secret '{SECRET}'" in said
    assert "has no secret of that name" in said
