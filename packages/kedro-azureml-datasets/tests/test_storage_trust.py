"""A credential goes to storage of the workspace's own cloud, and nowhere else."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import trustme
from kedro_azureml_datasets.azure_ml import clouds
from kedro_azureml_datasets.azure_ml.clouds import current_cloud
from kedro_azureml_datasets.azure_ml.errors import (
    AzureMLError,
    CloudSettingsError,
    UntrustedStorageError,
)
from kedro_azureml_datasets.azure_ml.storage_trust import check_storage, is_own_storage

CLOUDS = ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud")


@pytest.fixture(autouse=True)
def _no_cloud_in_the_environment(monkeypatch):
    for name in ("AZUREML_CURRENT_CLOUD", "ARM_CLOUD_METADATA_URL"):
        monkeypatch.delenv(name, raising=False)
    clouds._look_up.cache_clear()


def cloud_named(name, monkeypatch):
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", name)
    return current_cloud()


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("AzureCloud", "penguins.blob.core.windows.net"),
        ("AzureCloud", "penguins.dfs.core.windows.net"),
        ("AzureCloud", "PENGUINS.Blob.Core.Windows.NET"),
        ("AzureCloud", "penguins-secondary.blob.core.windows.net"),
        ("AzureCloud", "penguins.z17.blob.storage.azure.net"),
        ("AzureCloud", "penguins.z3.dfs.storage.azure.net"),
        ("AzureCloud", "onelake.blob.fabric.microsoft.com"),
        ("AzureCloud", "onelake.dfs.fabric.microsoft.com"),
        ("AzureCloud", "westus-onelake.dfs.fabric.microsoft.com"),
        ("AzureCloud", "0123456789abcdef0123456789abcdef.z01.blob.fabric.microsoft.com"),
        ("AzureUSGovernment", "penguins.blob.core.usgovcloudapi.net"),
        ("AzureChinaCloud", "penguins.dfs.core.chinacloudapi.cn"),
    ],
)
def test_the_storage_of_a_cloud_is_known_and_is_no_other_clouds(name, host, monkeypatch):
    for other in CLOUDS:
        cloud = cloud_named(other, monkeypatch)
        assert is_own_storage(f"https://{host}/c/p.csv?x=1", cloud) is (name == other)
        assert is_own_storage(f"https://{host}", cloud) is (name == other)


@pytest.mark.parametrize(
    "url",
    [
        "http://penguins.blob.core.windows.net/c",
        "https://evil.blob.attacker.example/c",
        "https://penguins.blob.core.windows.net.attacker.example/c",
        "https://attacker.example/penguins.blob.core.windows.net/c",
        "https://attacker.example#.blob.core.windows.net",
        "https://attacker.example?.blob.core.windows.net",
        "https://attacker.example\\.blob.core.windows.net",
        "https://attacker.example\n.blob.core.windows.net",
        "https://penguins.blob.core.windows.net@attacker.example/c",
        "https://user:word@penguins.blob.core.windows.net/c",
        "https://penguins.blob.core.windows.net:8443/c",
        "https://attackerblob.core.windows.net/c",
        "https://penguins.blobcore.windows.net/c",
        "https://penguins.blob.corexwindows.net/c",
        "https://a.b.blob.core.windows.net/c",
        "https://penguins.zzz.blob.storage.azure.net/c",
        "https://penguins.blob.storage.azure.net/c",
        "https://evil.dfs.fabric.microsoft.com.attacker.example/c",
        "https://penguins.blob.core.windows.net./c",
        "https://pingüins.blob.core.windows.net/c",
        "https:///c",
        "penguins.blob.core.windows.net/c",
        "",
    ],
)
def test_any_other_address_is_refused(url):
    assert not is_own_storage(url, current_cloud())
    with pytest.raises(UntrustedStorageError):
        check_storage(url, current_cloud(), "the datastore 'lake'")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://evil.blob.attacker.example", "'evil.blob.attacker.example'"),
        ("https://attacker.example/x.blob.core.windows.net", "'attacker.example'"),
        ("https://u:word@attacker.example/c?sig=secret", "'attacker.example'"),
        ("http://penguins.blob.core.windows.net", "'http://penguins.blob.core.windows.net'"),
    ],
)
def test_the_refusal_names_the_host_and_holds_no_secret(url, host):
    with pytest.raises(UntrustedStorageError) as caught:
        check_storage(url, current_cloud(), "the datastore 'lake'")
    assert caught.value.message.startswith(f"The datastore 'lake' is at {host}, ")
    assert "Nothing was sent there." in caught.value.message
    assert "word" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.fixture
def metadata(tmp_path, monkeypatch):
    """Serve the metadata of clouds over https, and let the SDK's client trust the server."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    described = {"content": []}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = described["content"]
            text = content if isinstance(content, str) else json.dumps(content)
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://127.0.0.1:{server.server_address[1]}/metadata"
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", url)
    described["url"] = url
    yield described
    server.shutdown()
    server.server_close()


def described_cloud(name, manager, suffix):
    return {"name": name, "resourceManager": manager, "suffixes": {"storage": suffix}}


def test_the_storage_of_a_custom_cloud_is_what_its_metadata_say(metadata, monkeypatch):
    metadata["content"] = [
        described_cloud("Other", "https://management.other.example", "other.example"),
        described_cloud("Lab", "https://management.lab.example", "store.lab.example"),
    ]
    lab = cloud_named("Lab", monkeypatch)
    assert lab.management_host == "management.lab.example"
    assert is_own_storage("https://a.blob.store.lab.example/c", lab)
    assert not is_own_storage("https://a.blob.other.example/c", lab)
    assert not is_own_storage("https://a.blob.core.windows.net/c", lab)


def test_without_a_name_the_cloud_is_the_one_that_the_metadata_come_from(metadata):
    manager = metadata["url"].removesuffix("/metadata")
    metadata["content"] = [described_cloud("Lab", manager, "store.lab.example")]
    assert current_cloud().name == "Lab"
    clouds._look_up.cache_clear()
    metadata["content"] = described_cloud("Other", "https://other.example", "other.example")
    assert current_cloud() == clouds.PUBLIC


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([described_cloud("Other", "https://o", "o")], "It names: Other."),
        ([{"name": "Lab"}], "has no 'suffixes.storage'"),
        ("<html>", "does not describe clouds"),
        (["Lab", 3], "does not name it"),
    ],
)
def test_metadata_that_do_not_say_it_are_one_error(content, told, metadata, monkeypatch):
    metadata["content"] = content
    with pytest.raises(CloudSettingsError) as caught:
        cloud_named("Lab", monkeypatch)
    assert told in str(caught.value)


def test_metadata_come_over_https_alone(monkeypatch):
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", "http://127.0.0.1:1/metadata")
    with pytest.raises(CloudSettingsError, match="not an https address"):
        cloud_named("Lab", monkeypatch)


def test_metadata_that_cannot_be_read_name_their_host(monkeypatch):
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", "https://127.0.0.1:1/metadata")
    with pytest.raises(AzureMLError, match=r"no connection to '127\.0\.0\.1'"):
        cloud_named("Lab", monkeypatch)
