"""`kedro azureml doctor` in front of a workspace: what is found, and the fix that is shown."""

import json

import pytest
import yaml
from azure_loopback import closed_storage
from azure_loopback.key_vault import VAULT
from azure_loopback.loopback import ARTIFACTS, DATASTORE, GROUP, SUBSCRIPTION, WORKSPACE
from azure_loopback.sign_in import TENANT
from followed_project import FollowedProject
from kedro_azureml_cli.environments.registering import DIGEST_TAG, SOURCE_TAG

ML = "Microsoft.MachineLearningServices/workspaces"
SIGNED_IN = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")


@pytest.fixture
def farm(shop, azure):
    """A project whose job of three steps could be sent: the workspace has all that it needs."""
    made = FollowedProject(shop, azure)
    shop.write(".amlignore", "conf/local\n")
    compute(azure, "cpu")
    return made


def compute(azure, name, state="Succeeded", most=4):
    """Let the workspace have a cluster."""
    properties = {
        "computeType": "AmlCompute",
        "provisioningState": state,
        "properties": {
            "vmSize": "Standard_DS3_v2",
            "vmPriority": "Dedicated",
            "scaleSettings": {"minNodeCount": 0, "maxNodeCount": most},
        },
    }
    azure.control.put(
        azure.path("computes", name), {"location": "loopback", "properties": properties}
    )


def settings(farm, **sections):
    """Write `azureml.yml` with these sections besides the usual ones."""
    file = farm.folder / "conf/base/azureml.yml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | sections))


def doctor(farm, *args, code=0):
    """State, finding and fix of each row by its label."""
    said = farm.run("doctor", "--format", "json", *args, code=code)
    assert "Traceback" not in said
    found = json.loads(said[said.index("{\n") :])["rows"]
    return {row["label"]: (row["state"], row["found"], row["fix"]) for row in found}


def without(found, *labels):
    """The states of all rows but these."""
    return {state for label, (state, _, _) in found.items() if label not in labels}


def test_where_all_is_well_each_row_says_what_was_found_and_nothing_is_changed(farm, azure):
    said = farm.run("doctor")
    lines = [line for line in said.splitlines() if line.startswith(("ok ", "skipped "))]
    shown = {line[9:40].strip(): line[40:].strip() for line in lines}
    assert shown["sign-in"] == f"EnvironmentCredential as someone@loopback, tenant {TENANT}"
    assert shown[f"workspace {WORKSPACE}"].startswith(
        f"in loopback, resource group {GROUP}; named in "
    )
    steps = "job all: clean, fit, report.it"
    assert shown["compute cpu"] == f"Succeeded, Standard_DS3_v2, 0 to 4 nodes; {steps}"
    assert shown["environment env@latest"] == f"version 3; {steps}"
    assert shown[f"datastore {DATASTORE}"] == "readable in the storage account loopbackstore"
    assert said.splitlines()[-1].endswith(" ok, 1 skipped.")
    changing = [(m, path) for m, path in azure.control.requests if m != "GET"]
    assert [path.rpartition("/")[2] for _, path in changing] == ["listSecrets"]
    assert "LocalUpload" not in str(azure.control.requests)


def test_where_nothing_is_set_up_each_row_says_what_to_do_first(farm, azure):
    (farm.folder / "conf/base/azureml.yml").unlink()
    (farm.folder / ".amlignore").unlink()
    farm.shop.environ = {k: v for k, v in farm.shop.environ.items() if k not in SIGNED_IN}
    found = doctor(farm, code=1)
    assert found["project"][0] == "failed"
    assert found["project"][2] == "Create it with:  kedro azureml init"
    assert found["ignore-file"][::2] == (
        "warning", "Write one for Kedro projects:  kedro azureml init"
    )  # fmt: skip
    state, said, fix = found["sign-in"]
    assert state == "failed"
    assert "\n  EnvironmentCredential: " in said
    assert "az login" in fix
    for row in ("workspace", "compute", "environment", "datastore", "key-vault"):
        assert found[row] == ("skipped", "azureml.yml cannot be read", "")
    assert azure.control.requests == []


def test_without_a_sign_in_the_local_half_is_answered_and_the_rest_is_skipped(farm, azure):
    azure.control.sign_in.works = False
    found = doctor(farm, code=1)
    assert found["sign-in"][0] == "failed"
    assert "AADSTS7000215" in found["sign-in"][1]
    assert found["job all"][0] == "ok"
    assert found[f"workspace {WORKSPACE}"][:2] == (
        "skipped", "no sign-in; named in azureml.yml"
    )  # fmt: skip
    assert found["compute"][:2] == found["datastore"][:2] == ("skipped", "no sign-in")


def test_a_sign_in_of_another_tenant_is_named_with_the_tenant_of_the_workspace(farm, azure):
    azure.control.tenant = "99999999-9999-9999-9999-999999999999"
    found = doctor(farm, code=1)
    assert found["sign-in"][0] == "ok"
    state, said, fix = found[f"workspace {WORKSPACE}"]
    assert state == "failed"
    assert said == (
        f"it belongs to the tenant {azure.control.tenant}, and the sign-in is of {TENANT}"
    )
    assert f"az login --tenant {azure.control.tenant}\n" in fix
    reason = f"the workspace '{WORKSPACE}' was not reached"
    assert found["compute"] == found["environment"] == ("skipped", reason, "")


def test_computes_that_were_deleted_are_going_or_are_too_small_are_named_with_their_steps(
    farm, azure
):
    del azure.control.resources[azure.path("computes", "cpu").lower()]
    compute(azure, "cpu2", most=2)
    compute(azure, "old", state="Deleting")
    settings(
        farm,
        compute={
            "__default__": {"cluster_name": "cpu"},
            "wide": {"cluster_name": "cpu2"},
            "old": {"cluster_name": "old"},
        },
        jobs={
            "all": {
                "steps": {
                    "fit": {"compute": "wide", "instance_count": 8},
                    "report.it": {"compute": "old"},
                }
            }
        },
    )
    found = doctor(farm, code=1)
    assert without(found, "compute cpu", "compute cpu2", "compute old") == {"ok", "skipped"}
    state, said, fix = found["compute cpu"]
    assert state == "failed"
    assert said.startswith(
        f"the workspace '{WORKSPACE}' has no such compute (did you mean 'cpu2'?)"
    )
    assert said.endswith("needed by job all: clean")
    assert "az ml compute create --type AmlCompute --name cpu " in fix
    state, said, fix = found["compute cpu2"]
    assert state == "failed"
    assert "0 to 2 nodes" in said
    assert "the step 'fit' of the job 'all' needs 8" in said
    assert "az ml compute update --name cpu2 --max-instances 8" in fix
    assert found["compute old"][0] == "failed"
    assert found["compute old"][1].startswith("Deleting, ")


def test_an_old_environment_and_one_that_is_not_registered_are_named(farm, azure):
    azure.add_environment("env", "4")
    steps = {"fit": {"environment": "none:1"}, "report.it": {"environment": "other@latest"}}
    jobs = {"all": {"steps": steps}}
    settings(farm, execution={"environment": "env:3"}, jobs=jobs)
    found = doctor(farm, code=1)
    assert found["environment env:3"] == (
        "warning",
        "version 3, and the workspace has 4; job all: clean",
        "Write env@latest or env:4 in azureml.yml, if it is wanted.",
    )
    state, said, fix = found["environment none:1"]
    assert (state, said) == (
        "failed", f"the workspace '{WORKSPACE}' has no such environment; needed by job all: fit"
    )  # fmt: skip
    assert "kedro azureml environment register none\n" in fix
    state, said, fix = found["environment other@latest"]
    assert (state, said.partition(";")[0]) == (
        "failed", f"the workspace '{WORKSPACE}' has no such environment"
    )  # fmt: skip
    assert "kedro azureml environment register other\n" in fix


def test_the_versions_of_data_assets_that_the_jobs_read_are_looked_up(farm, azure):
    assert doctor(farm)["data-asset penguins@latest"] == ("ok", "version 7; job all: clean", "")
    farm.shop.catalog(penguins={"azureml_version": "8"}, model={"azureml_dataset": "model"})
    state, said, fix = doctor(farm, code=1)["data-asset penguins:8"]
    assert (state, said) == (
        "failed", f"the workspace '{WORKSPACE}' has no such version; needed by job all: clean"
    )  # fmt: skip
    assert "the newest is 7." in fix
    farm.shop.catalog(penguins={"azureml_dataset": "sightings"}, model={"azureml_dataset": "model"})
    state, said, fix = doctor(farm, code=1)["data-asset sightings@latest"]
    assert (state, said) == (
        "failed", f"the workspace '{WORKSPACE}' has no such data asset; needed by job all: clean"
    )  # fmt: skip
    assert fix == "Register it:  kedro azureml assets push penguins PATH"


def test_an_environment_that_is_older_than_the_requirements_is_named_with_what_changed(farm, azure):
    farm.shop.write("requirements.txt", "kedro\n")
    tags = {DIGEST_TAG: "of other lines", SOURCE_TAG: "requirements.txt"}
    properties = {"image": "mcr.microsoft.com/loopback", "isAnonymous": False, "tags": tags}
    azure.control.put(
        azure.path("environments", "env", "versions", "3"), {"properties": properties}
    )
    assert doctor(farm)["environment env@latest"] == (
        "warning",
        "version 3 was registered before requirements.txt changed; job all: clean, fit, report.it",
        "Register it again:  kedro azureml environment register env",
    )


def test_without_rights_on_the_data_the_action_and_the_role_are_named(farm, azure):
    place = {"accountName": closed_storage.ACCOUNT}
    azure.add_datastore(DATASTORE, "None", is_default=True, **place)
    found = doctor(farm, code=1)
    assert without(found, f"datastore {DATASTORE}") == {"ok", "skipped"}
    state, said, fix = found[f"datastore {DATASTORE}"]
    assert state == "failed"
    assert "not authorized to perform this operation using this permission" in said
    assert "the role 'Storage Blob Data Reader'" in fix
    assert "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read" in fix


def test_a_firewall_of_the_storage_account_is_not_taken_for_a_missing_right(farm, azure):
    azure.control.closed_storage.code = "AuthorizationFailure"
    place = {"accountName": closed_storage.ACCOUNT}
    azure.add_datastore(DATASTORE, "None", is_default=True, **place)
    state, _, fix = doctor(farm, code=1)[f"datastore {DATASTORE}"]
    assert state == "failed"
    assert f"the firewall of the storage account '{closed_storage.ACCOUNT}'" in fix


def test_a_refusal_names_the_action_of_the_services_message_and_else_the_one_that_is_needed(
    farm, azure
):
    scope = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/{ML}/{WORKSPACE}"
    message = (
        "The client 'someone' with object id 'x' does not have authorization to perform action "
        f"'{ML}/datastores/listSecrets/action' over scope '{scope}' or the scope is invalid. If "
        "access was recently granted, please refresh your credentials."
    )
    azure.control.refusals["/listSecrets$"] = (403, message)
    azure.control.refusals["/computes/"] = (403, "Forbidden.")
    found = doctor(farm, code=1)
    state, _, fix = found[f"datastore {DATASTORE}"]
    assert state == "failed"
    assert fix == (
        "Ask for the role 'AzureML Data Scientist', which allows the action\n"
        f"  {ML}/datastores/listSecrets/action\n  on {scope}"
    )
    assert found["compute cpu"][0] == "failed"
    assert f"\n  {ML}/computes/read" in found["compute cpu"][2]


def test_a_workspace_without_a_default_datastore_says_where_one_is_chosen(farm, azure):
    for name in (DATASTORE, ARTIFACTS):
        azure.control.resources[azure.path("datastores", name).lower()]["properties"][
            "isDefault"
        ] = False
    state, said, fix = doctor(farm, code=1)["datastore"]
    assert (state, said) == ("failed", f"the workspace '{WORKSPACE}' has no default one")
    assert "Studio" in fix


def test_without_a_network_azure_is_named_soon_and_the_machine_is_to_blame(farm, azure):
    azure.proxy.dead.add("management.azure.com")
    found = doctor(farm, code=3)
    assert found["sign-in"][0] == "failed"
    assert "no connection to 'management.azure.com" in found["sign-in"][1]
    assert found["compute"] == ("skipped", "no connection to Azure", "")
    assert found["job all"][0] == "ok"


def test_each_secret_of_the_key_vault_is_a_row_and_no_value_is_shown(farm, azure):
    azure.control.vaults.secrets[VAULT, "open"] = "s3same-0pen"
    azure.control.vaults.secrets[VAULT, "shut"] = "s3same-shut"
    azure.control.vaults.forbidden.add("shut")
    keys = {name: f"${{azureml.secret:{name}}}" for name in ("open", "shut", "gone")}
    farm.shop.write("conf/base/credentials.yml", yaml.safe_dump({"of_lake": keys}))
    entry = {"type": "pandas.CSVDataset", "filepath": "abfs://x@y/z.csv", "credentials": "of_lake"}
    catalog = farm.folder / "conf/base/catalog.yml"
    catalog.write_text(yaml.safe_dump(yaml.safe_load(catalog.read_text()) | {"lake": entry}))
    farm.shop.pipeline("[node(lambda *data: str(data), ['lake', 'penguins'], 'report')]")
    said = farm.run("doctor", code=1)
    assert "s3same" not in said
    found = doctor(farm, code=1)
    assert found["key-vault secret open"][:2] == (
        "ok",
        "readable in the key vault of the workspace",
    )
    assert found["key-vault secret shut"][0] == "failed"
    assert "Key Vault Secrets User" in found["key-vault secret shut"][2]
    assert (
        f"az keyvault secret set --vault-name {VAULT} --name gone"
        in (found["key-vault secret gone"][2])
    )


def test_jobs_of_two_workspaces_are_looked_up_where_each_goes(farm, azure):
    entry = yaml.safe_load(azure.settings)["workspace"]["__default__"]
    settings(
        farm,
        workspace={"__default__": entry, "prod": {**entry, "name": "elsewhere"}},
        jobs={"all": {}, "nightly": {"workspace": "prod"}},
    )
    found = doctor(farm, code=1)
    assert found["compute cpu in __default__"][0] == "ok"
    state, said, _ = found["workspace elsewhere"]
    assert (state, "elsewhere" in said) == ("failed", True)
    assert found["compute in prod"] == ("skipped", "the workspace 'elsewhere' was not reached", "")
    assert "workspace elsewhere" not in doctor(farm, "-j", "all")


@pytest.mark.parametrize("kind", [401, 429, 500, "reset", "lost", "truncated"])
def test_whatever_goes_wrong_with_every_request_each_row_says_it(farm, azure, kind):
    azure.control.faults.add(kind, "/workspaces/", times=10_000, message="It is broken.")
    found = doctor(farm, code=1 if kind == 401 else 3)
    workspace = [row for label, row in found.items() if label.startswith("workspace")]
    assert [state for state, _, _ in workspace] == ["failed"], found
    assert {"failed", "skipped"} >= {
        state
        for label, (state, _, _) in found.items()
        if label.startswith(("compute", "datastore"))
    }
    assert found["sign-in"][0] == found["job all"][0] == "ok"
