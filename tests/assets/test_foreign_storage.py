"""A token, a key or a SAS goes to storage of the workspace's own cloud, and to no other host."""

import json

import pytest
from asset_commands import AssetCommands
from asset_loading import FILE, PINNED, loaded, nothing_left, refused
from azure_loopback.loopback import FOREIGN_STORAGE
from azure_loopback.sign_in import LOGIN
from azure_loopback.web_server import WEB
from followed_project import FollowedProject

CREDENTIALS = ("None", "AccountKey", "Sas", "ServicePrincipal")
FOREIGN_STORE = f"loopbackstore.blob.{FOREIGN_STORAGE}"


def nothing_sent_abroad(azure) -> None:
    abroad = [host for host in azure.proxy.connections if FOREIGN_STORAGE in host]
    assert abroad == []
    assert azure.web.requests == []


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("wasbs://{container}@loopbackstore.blob.attacker.example/p", FOREIGN_STORE),
        ("abfss://{container}@loopbackstore.dfs.attacker.example/p", FOREIGN_STORE),
        ("abfss://c@loopbackstore.blob.core.windows.net.attacker.example/p", FOREIGN_STORAGE),
        ("abfss://c@data.example.org/p", WEB),
        ("wasbs://c@loopbackstore.blob.core.usgovcloudapi.net/p", "core.usgovcloudapi.net"),
    ],
)
@pytest.mark.parametrize("kind", ["uri_folder", "uri_file"])
def test_an_asset_at_a_foreign_host_is_refused_before_any_request(uri, host, kind, azure, shop):
    uri = uri.format(container=azure.container_name)
    azure.register("penguins", "1", {"p.txt": b"p"}, uri=uri, kind=kind)
    told = refused(shop.load(azureml_type=kind, **PINNED), "UntrustedStorageError")
    assert f"The data asset 'penguins' is at '{host}'" in told or host in told
    assert "Nothing was sent there." in told
    nothing_sent_abroad(azure)
    nothing_left(shop)


@pytest.mark.parametrize("credentials", CREDENTIALS)
@pytest.mark.parametrize(
    ("place", "host"),
    [
        ({"endpoint": "attacker.example"}, f"'{FOREIGN_STORE}'"),
        ({"endpoint": "core.windows.net.attacker.example"}, "windows.net.attacker.example'"),
        ({"endpoint": "core.windows.net@data.example.org"}, "'data.example.org'"),
        ({"accountName": "data.example.org/x"}, "'data.example.org'"),
        ({"accountName": "data.example.org#"}, "data.example.org#"),
        ({"protocol": "http"}, "'http://loopbackstore.blob.core.windows.net'"),
    ],
)
def test_no_credential_of_a_datastore_goes_to_a_foreign_host(place, host, credentials, azure, shop):
    azure.add_datastore("lake", credentials, **place)
    azure.register("penguins", "1", {"p.txt": b"p"}, datastore="lake")
    told = refused(shop.load(**PINNED), "UntrustedStorageError")
    assert "The datastore 'lake' is at " in told
    assert host in told
    nothing_sent_abroad(azure)
    nothing_left(shop)


def test_a_foreign_https_file_is_read_with_nothing_added(azure, shop):
    azure.web.files["/sets/p%20q.txt?sig=its-own"] = b"theirs"
    uri = f"https://{WEB}/sets/p%20q.txt?sig=its-own"
    azure.register("penguins", "1", None, kind="uri_file", uri=uri)
    assert loaded(shop.load(**FILE)) == "theirs"
    assert shop.files() == {"1/p.txt": "theirs"}
    assert azure.web.requests
    for _, headers in azure.web.requests:
        assert "authorization" not in headers
        assert not any(name.startswith("x-ms-") for name in headers)


def test_a_foreign_https_file_may_lie_behind_a_redirect(azure, shop):
    azure.web.redirects["/latest"] = f"https://{WEB}/v7"
    azure.web.files["/v7"] = b"seven"
    azure.register("penguins", "1", None, kind="uri_file", uri=f"https://{WEB}/latest")
    assert loaded(shop.load(**FILE)) == "seven"


def test_a_foreign_https_file_that_is_gone_is_named_without_its_query(azure, shop):
    uri = f"https://{WEB}/gone.txt?sig=its-own"
    azure.register("penguins", "1", None, kind="uri_file", uri=uri)
    told = refused(shop.load(**FILE), "NoDataError")
    assert "its-own" not in told
    nothing_left(shop)


def test_a_foreign_https_folder_is_read_with_its_own_sas_and_not_with_the_callers_token(
    azure, shop
):
    sas = azure.control.secrets[azure.path("datastores", "workspaceblobstore").lower()]["sasToken"]
    place = f"https://{FOREIGN_STORE}/{azure.container_name}/penguins/1"
    azure.register("penguins", "1", {"p.txt": b"p"}, uri=f"{place}?{sas}")
    assert loaded(shop.load(**PINNED)) == "p"
    # The same storage takes the caller's token, where it may be sent: see test_download.
    azure.register("penguins", "2", {"p.txt": b"p"}, uri=f"{place[:-1]}2")
    told = refused(shop.load(azureml_version="2"), "AzureML")
    assert sas.partition("sig=")[2] not in told
    nothing_left(shop, "2")


def test_storage_of_a_custom_cloud_is_its_own(azure, shop):
    described = [
        {
            "name": "Lab",
            "portal": "https://portal.lab.example",
            "authentication": {"loginEndpoint": f"https://{LOGIN}", "audiences": ["https://lab"]},
            "resourceManager": "https://management.azure.com/",
            "suffixes": {"storage": "custom.loopback"},
        }
    ]
    azure.web.files["/metadata"] = json.dumps(described).encode()
    shop.environ |= {
        "AZUREML_CURRENT_CLOUD": "Lab",
        "ARM_CLOUD_METADATA_URL": f"https://{WEB}/metadata",
    }
    azure.add_datastore("lake", "None", endpoint="custom.loopback")
    azure.add_datastore("public", "None")
    azure.register("penguins", "1", {"p.txt": b"p"}, datastore="lake")
    azure.register("penguins", "2", {"p.txt": b"p"}, datastore="public")
    assert loaded(shop.load(**PINNED)) == "p"
    told = refused(shop.load(azureml_version="2"), "UntrustedStorageError")
    assert "the storage of 'Lab'" in told


def test_an_asset_pull_is_refused_with_the_host(azure, shop):
    azure.add_datastore("lake", "None", endpoint=FOREIGN_STORAGE)
    azure.register("penguins", "1", {"p.txt": b"p"}, datastore="lake")
    told = AssetCommands(shop, azure).run("pull", "penguins", code=1)
    assert f"'{FOREIGN_STORE}'" in told
    nothing_sent_abroad(azure)


def test_logs_and_downloads_are_refused_with_the_host(azure, shop):
    farm = FollowedProject(shop, azure)
    farm.put("all-1")
    farm.jobs.play("all-1", job="Completed", clean="Completed", fit="Completed")
    farm.jobs.play("all-1", report__it="Completed")
    for name in ("workspaceartifactstore", "workspaceblobstore"):
        is_default = name == "workspaceblobstore"
        azure.add_datastore(name, "None", is_default=is_default, endpoint=FOREIGN_STORAGE)
    for arguments in (("logs", "all-1", "clean"), ("download", "all-1", "report")):
        told = farm.run(*arguments, code=1)
        assert f"'{FOREIGN_STORE}'" in told, told
        assert "Traceback" not in told
    nothing_sent_abroad(azure)
