"""The three servers together, and a workspace in them."""

import http.client
import itertools
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import trustme

from azure_loopback.azurite import ACCOUNT, KEY, Azurite
from azure_loopback.closed_storage import HOST as CLOSED
from azure_loopback.closed_storage import ClosedStorage
from azure_loopback.control_plane import MANAGEMENT, WORKSPACE, ControlPlane
from azure_loopback.key_vault import VAULT, VAULTS
from azure_loopback.proxy import Proxy
from azure_loopback.sign_in import CLIENT, LOGIN, TENANT
from azure_loopback.storage_gate import StorageGate
from azure_loopback.web_server import WEB, WebServer

SUBSCRIPTION = "33333333-3333-3333-3333-333333333333"
GROUP = "loopback-group"
DATASTORE = "workspaceblobstore"
ARTIFACTS = "workspaceartifactstore"
OWN_STORAGE = ("core.windows.net", "custom.loopback")
"""Domains of storage: of the public cloud, and of a custom one."""

FOREIGN_STORAGE = "attacker.example"
"""A domain of no cloud, below which somebody answers as storage does."""


class AzureLoopback:
    """An Azure ML workspace on this machine; `environ` makes the real SDK use it.

    Args:
        folder: Where certificates and data are kept; its owner empties it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.ca = folder / "ca.pem"
        certificate, key = folder / "server.pem", folder / "server.key"
        authority = trustme.CA()
        stores = [f"{ACCOUNT}.blob.{suffix}" for suffix in (*OWN_STORAGE, FOREIGN_STORAGE)]
        issued = authority.issue_cert(
            MANAGEMENT, LOGIN, "*.api.azureml.ms", f"*.{VAULTS}", *stores, CLOSED, WEB, "127.0.0.1"
        )
        authority.cert_pem.write_to_path(str(self.ca))
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        issued.private_key_pem.write_to_path(str(key))
        self._both = both = folder / "both.pem"
        both.write_bytes(certificate.read_bytes() + key.read_bytes())
        self.azurite = Azurite(folder / "azurite", certificate, key)
        self.control = ControlPlane(both)
        self.web = WebServer(both)
        self.proxy = Proxy(
            {
                MANAGEMENT: self.control.port,
                LOGIN: self.control.port,
                "*.api.azureml.ms": self.control.port,
                f"*.{VAULTS}": self.control.port,
                **dict.fromkeys(stores, self.azurite.port),
                CLOSED: self.control.port,
                WEB: self.web.port,
            }
        )
        self.store = f"https://{ACCOUNT}.blob.core.windows.net"
        self._numbers = itertools.count()
        self.snapshots: list[str] = []
        self.reset()

    def stop(self) -> None:
        self.proxy.stop()
        self.control.stop()
        self.web.stop()
        self.azurite.stop()

    def reset(self) -> None:
        """Forget all but the workspace; its default datastore is a new, empty container."""
        self.container_name = f"assets-{next(self._numbers)}"
        self.container().create_container()
        self.drop_snapshots()
        self.control.resources.clear()
        self.control.secrets.clear()
        self.control.requests.clear()
        self.control.sent.clear()
        self.control.refusals.clear()
        self.control.faults.clear()
        self.control.forget_jobs()
        self.control.delay_s = 0.0
        self.control.tenant = TENANT
        self.control.closed_storage = ClosedStorage()
        self.web.reset()
        self.control.vaults.reset()
        self.control.sign_in.reset()
        self.control.new_container = self._new_container
        self.proxy.cuts.clear()
        self.proxy.dead.clear()
        self.proxy.stalls.clear()
        self.proxy.connections.clear()
        self.proxy.silent = False
        self.proxy.delay_s = 0.0
        workspace = {
            "discoveryUrl": "https://loopback.api.azureml.ms/discovery",
            "workspaceId": SUBSCRIPTION,
            "keyVault": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/"
            f"Microsoft.KeyVault/vaults/{VAULT}",
        }
        self.control.put(self.path(), {"location": "loopback", "properties": workspace})
        self.add_datastore(DATASTORE, "Sas", is_default=True)
        self.add_datastore(ARTIFACTS, "Sas")

    @property
    def environ(self) -> dict[str, str]:
        """Variables with which an unmodified program speaks to this machine in place of Azure."""
        proxy = f"http://127.0.0.1:{self.proxy.port}"
        return {
            "HTTPS_PROXY": proxy,
            "HTTP_PROXY": proxy,
            "NO_PROXY": "127.0.0.1,localhost",
            "REQUESTS_CA_BUNDLE": str(self.ca),
            "SSL_CERT_FILE": str(self.ca),
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET": "anything",
        }

    @property
    def settings(self) -> str:
        """The section `workspace` of an azureml.yml that names this workspace."""
        entry = f"subscription_id: {SUBSCRIPTION}, resource_group: {GROUP}, name: {WORKSPACE}"
        return f"workspace:\n  __default__: {{{entry}}}\n"

    @staticmethod
    def path(*parts: str) -> str:
        """Path of a resource of the workspace."""
        root = (
            f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{WORKSPACE}"
        )
        return "/".join([root, *parts])

    def add_datastore(
        self,
        name: str,
        credentials: str,
        kind: str = "AzureBlob",
        *,
        is_default: bool = False,
        **place: str,
    ) -> None:
        """Register a datastore over the container.

        Args:
            name: Its name.
            credentials: `Sas`, `AccountKey`, `None` (identity-based) or any other kind.
            kind: Its `datastoreType`.
            is_default: Whether it is the workspace's default.
            place: Properties that say where it is: `accountName`, `endpoint`, `protocol`.
        """
        container = {
            "AzureDataLakeGen2": {"filesystem": self.container_name},
            "AzureFile": {"fileShareName": self.container_name},
        }.get(kind, {"containerName": self.container_name})
        held: dict[str, Any] = {"credentialsType": credentials}
        if credentials in {"ServicePrincipal", "Certificate"}:
            held |= {"tenantId": TENANT, "clientId": CLIENT, "thumbprint": "aa"}
        properties = {
            "datastoreType": kind,
            "accountName": ACCOUNT,
            "endpoint": "core.windows.net",
            "protocol": "https",
            "credentials": held,
            "isDefault": is_default,
            **container,
            **place,
        }
        path = self.path("datastores", name)
        self.control.put(path, {"properties": properties})
        self.control.secrets[path.lower()] = {
            "Sas": {"secretsType": "Sas", "sasToken": _sas(self.container_name)},
            "AccountKey": {"secretsType": "AccountKey", "key": KEY},
            "ServicePrincipal": {"secretsType": "ServicePrincipal", "clientSecret": "anything"},
            "Certificate": {"secretsType": "Certificate", "certificate": "anything"},
        }.get(credentials, {})

    @contextmanager
    def storage_gate(self) -> Iterator[StorageGate]:
        """Lead what goes to the storage through a gate, into which a test puts faults."""
        gate = StorageGate(self._both, self.ca, self.azurite.port)
        host = f"{ACCOUNT}.blob.core.windows.net"
        self.proxy.routes[host] = gate.port
        try:
            yield gate
        finally:
            self.proxy.routes[host] = self.azurite.port
            gate.stop()

    def container(self, name: str = "") -> Any:
        """The real client of a container, on a way of its own that no test counts."""
        from azure.storage.blob import ContainerClient

        return ContainerClient(
            f"https://127.0.0.1:{self.azurite.port}/{ACCOUNT}",
            name or self.container_name,
            credential=KEY,
            connection_verify=str(self.ca),
        )

    def _new_container(self, name: str) -> tuple[str, str]:
        """Make the container of a code snapshot."""
        self.container(name).create_container()
        self.snapshots.append(name)
        address = f"{self.store}/{name}"
        return address, f"{address}?{_sas(name)}"

    def drop_snapshots(self, kept: int = 0) -> None:
        """Delete the containers of all but the first code snapshots: many make Azurite slow."""
        while len(self.snapshots) > kept:
            self.container(self.snapshots.pop()).delete_container()

    def add_environment(self, name: str, version: str) -> None:
        """Register a version of an environment; the last one is the latest."""
        properties = {"image": "mcr.microsoft.com/loopback", "isAnonymous": False}
        path = self.path("environments", name, "versions", version)
        self.control.put(path, {"properties": properties})
        self.control.put(
            self.path("environments", name), {"properties": {"latestVersion": version}}
        )

    def put_log(self, job: str, step: str, text: str) -> None:
        """Leave the log of a step, as its run does."""
        run_id = self.control.jobs.run_of(job, step).run_id
        name = f"ExperimentRun/dcid.{run_id}/user_logs/std_log.txt"
        self.container().upload_blob(name, text.encode(), overwrite=True)
        address = f"{self.store}/{self.container_name}/{name}"
        self.control.jobs.runs[run_id].log_url = f"{address}?{_sas(self.container_name)}"

    def put_output(self, job: str, step: str, port: str, files: Mapping[str, bytes]) -> None:
        """Leave the files of an output of a step, where the service puts those without a path."""
        run_id = self.control.jobs.run_of(job, step).run_id
        client = self.container()
        for name, content in files.items():
            client.upload_blob(f"azureml/{run_id}/{port}/{name}", content, overwrite=True)

    def put_blob(self, quoted_name: str, content: bytes = b"x") -> None:
        """Write a blob under a name that no client would send: percent-encoded, sent as it is."""
        tls = ssl.create_default_context(cafile=str(self.ca))
        connection = http.client.HTTPSConnection("127.0.0.1", self.azurite.port, context=tls)
        connection.request(
            "PUT",
            f"/{ACCOUNT}/{self.container_name}/{quoted_name}?{_sas(self.container_name)}",
            content,
            {"x-ms-blob-type": "BlockBlob", "x-ms-version": "2021-08-06"},
        )
        status = connection.getresponse().status
        connection.close()
        assert status == 201, status

    def register(
        self,
        asset: str,
        version: str,
        files: Mapping[str, bytes] | None,
        *,
        kind: str = "uri_folder",
        datastore: str = DATASTORE,
        uri: str | None = None,
        metadata: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Upload files and register them as a version of a data asset.

        Args:
            asset: Name of the data asset.
            version: The version; the last one that is registered is the latest.
            files: Name to content; one for a `uri_file`; None uploads nothing.
            kind: Its type.
            datastore: The datastore that its URI names.
            uri: Its URI; made from the datastore where it is None.
            metadata: Name of a file to the metadata of its blob.
        """
        folder = f"{asset}/{version}"
        if files:
            client = self.container()
            for name, content in files.items():
                client.upload_blob(
                    f"{folder}/{name}",
                    content,
                    overwrite=True,
                    metadata=dict((metadata or {}).get(name, {})),
                )
        if uri is None:
            path = f"{folder}/{next(iter(files))}" if kind == "uri_file" and files else folder
            uri = (
                f"azureml://subscriptions/{SUBSCRIPTION}/resourcegroups/{GROUP}/workspaces/"
                f"{WORKSPACE}/datastores/{datastore}/paths/{path}"
            )
        properties = {"dataType": kind, "dataUri": uri, "description": None}
        self.control.put(self.path("data", asset, "versions", version), {"properties": properties})
        following = str(int(version) + 1) if version.isdecimal() else "1"
        latest = {"latestVersion": version, "nextVersion": following, "dataType": kind}
        self.control.put(self.path("data", asset), {"properties": latest})


def _sas(container: str) -> str:
    from azure.storage.blob import ContainerSasPermissions, generate_container_sas

    return generate_container_sas(
        ACCOUNT,
        container,
        account_key=KEY,
        permission=ContainerSasPermissions(read=True, list=True, write=True, create=True),
        expiry=datetime.now(timezone.utc) + timedelta(days=1),
    )
