"""A credential goes to storage of the workspace's own cloud, and nowhere else."""

import pytest
from kedro_azureml_datasets.azure_ml.clouds import find_current_cloud
from kedro_azureml_datasets.azure_ml.errors import UntrustedStorageError
from kedro_azureml_datasets.azure_ml.storage_trust import check_storage, is_own_storage

CLOUDS = ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud")


@pytest.fixture(autouse=True)
def _no_cloud_in_the_environment(monkeypatch):
    for name in ("AZUREML_CURRENT_CLOUD", "ARM_CLOUD_METADATA_URL"):
        monkeypatch.delenv(name, raising=False)


def cloud_named(name, monkeypatch):
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", name)
    return find_current_cloud()


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
def test_the_storage_of_a_cloud_is_known_and_belongs_to_no_other_cloud(name, host, monkeypatch):
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
    assert not is_own_storage(url, find_current_cloud())
    with pytest.raises(UntrustedStorageError):
        check_storage(url, find_current_cloud(), "the datastore 'lake'")


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
        check_storage(url, find_current_cloud(), "the datastore 'lake'")
    assert caught.value.message.startswith(f"The datastore 'lake' is at {host}, ")
    assert "Nothing was sent there." in caught.value.message
    assert "word" not in str(caught.value)
    assert "secret" not in str(caught.value)
