"""The cloud of a process is the one that the SDK would choose, with the storage that it names."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import trustme
from kedro_azureml_datasets.azure_ml import clouds
from kedro_azureml_datasets.azure_ml.clouds import find_current_cloud
from kedro_azureml_datasets.azure_ml.errors import AzureMLError, CloudSettingsError
from kedro_azureml_datasets.azure_ml.storage_trust import is_own_storage


@pytest.fixture(autouse=True)
def _no_cloud_in_the_environment(monkeypatch):
    for name in ("AZUREML_CURRENT_CLOUD", "ARM_CLOUD_METADATA_URL"):
        monkeypatch.delenv(name, raising=False)
    clouds._look_up.cache_clear()


def cloud_named(name, monkeypatch):
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", name)
    return find_current_cloud()


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
    assert find_current_cloud().name == "Lab"
    clouds._look_up.cache_clear()
    metadata["content"] = described_cloud("Other", "https://other.example", "other.example")
    assert find_current_cloud() == clouds.PUBLIC


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
