"""A project two of whose steps read a table of a server that wants a password."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from followed_project import COMMAND

if TYPE_CHECKING:
    from azure_loopback.processes import Finished
    from azure_loopback.project import AssetProject
    from postgres import Postgres

SECRET, VARIABLE = "db-password", "DB_PASSWORD"
REPORT = "3 orders, 60 in all"

NODES = """[
    node(lambda orders: int(orders.amount.sum()), 'orders', 'total', name='add'),
    node(
        lambda orders, total: f'{len(orders)} orders, {total} in all',
        ['orders', 'total'], 'report', name='tell',
    ),
]"""


class DatabaseProject:
    """The project `shop` with the job `all`, and the server.

    Args:
        shop: The project.
        server: The server; it gets a table of three orders.
        python: The interpreter of the image.
    """

    def __init__(self, shop: AssetProject, server: Postgres, python: Path) -> None:
        self.python = python
        self.shop, self.azure, self.server = shop, shop.azure, server
        self.folder = shop.folder
        self.environ = {"KEDRO_DISABLE_TELEMETRY": "1", "COLUMNS": "200"}
        shop.environ = {**shop.azure.environ, **self.environ}
        self.bundle = self.folder / "build/azureml/all"
        server.execute(
            "DROP TABLE IF EXISTS orders",
            "CREATE TABLE orders (amount integer)",
            "INSERT INTO orders VALUES (10), (20), (30)",
        )
        self.credentials(con=server.address(f"${{azureml.secret:{SECRET}}}"))
        self.catalog(orders={})
        shop.pipeline(NODES)
        self.settings()

    def credentials(self, **values: str) -> None:
        """Write the credentials `database`, and others that no node needs."""
        content = {"database": values, "others": {"con": "${azureml.secret:of-others}"}}
        self.shop.write("conf/base/credentials.yml", yaml.safe_dump(content))

    def catalog(self, **tables: dict[str, Any]) -> None:
        """Write the catalog: tables by name or pattern, one that no node uses, and a report."""
        table = {
            "type": "pandas.SQLTableDataset",
            "table_name": "orders",
            "credentials": "database",
        }
        entries: dict[str, Any] = {name: {**table, **more} for name, more in tables.items()}
        entries["unused"] = {**table, "credentials": "others"}
        entries["report"] = {
            "type": "kedro_azureml_datasets.AzureMLPipelineDataset",
            "dataset": {"type": "text.TextDataset", "filepath": "report.txt"},
        }
        self.shop.write("conf/base/catalog.yml", yaml.safe_dump(entries))

    def settings(self, **workspace: str) -> None:
        """Write `azureml.yml`.

        Args:
            workspace: Keys of the workspace besides its names.
        """
        settings = yaml.safe_load(self.azure.settings)
        settings["workspace"]["__default__"] |= workspace
        settings |= {
            "compute": {"__default__": {"cluster_name": "cpu"}},
            "execution": {"environment": "env@latest"},
            "jobs": {"all": {}},
        }
        self.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))

    def command(self, *arguments: str) -> Finished:
        """Run `kedro azureml` with arguments, whatever comes of it."""
        runs_steps = arguments[0] in {"simulate", "verify"}
        image = ["--python", str(self.python)] if runs_steps else []
        return self.shop.start(COMMAND, *arguments, *image).wait()

    def run_steps(
        self, work: Path, *names: str, **environ: str
    ) -> list[subprocess.CompletedProcess[str]]:
        """Run the commands of the compiled steps as their containers would.

        Args:
            work: A folder for the code and the mounts.
            names: The steps.
            environ: Variables besides those that Azure ML sets.
        """
        job = yaml.safe_load((self.bundle / "pipeline.yml").read_text())
        shutil.copytree(self.bundle / "code", work / "code")
        where = self.azure.path().split("/")
        service = {
            "PATH": os.environ["PATH"],
            "HOME": str(work),
            "AZUREML_ARM_SUBSCRIPTION": where[2],
            "AZUREML_ARM_RESOURCEGROUP": where[4],
            "AZUREML_ARM_WORKSPACE_NAME": where[8],
        }
        done = []
        for name in names:
            command = job["jobs"][name]["component"]["command"]
            path = str(work / "mounts")
            command = re.sub(r"\$\{\{(?:inputs|outputs)\.(\w+)\}\}", rf"{path}/\1", command)
            done.append(
                subprocess.run(
                    ["bash", "-c", command.replace("python ", f"{self.python} ", 1)],
                    cwd=work / "code",
                    env={**service, **self.environ, **environ},
                    capture_output=True,
                    text=True,
                    check=False,
                )
            )
        return done

    def asked(self) -> list[str]:
        """Return the hosts of key vaults to which anything was sent."""
        return [host for host in self.azure.proxy.connections if "vault" in host]


def files_with(text: str, *folders: Path) -> list[Path]:
    """Return the files below folders that contain a text."""
    return [
        Path(place, name)
        for folder in folders
        for place, _, names in os.walk(folder)  # which passes over what is being deleted
        for name in names
        if text.encode() in Path(place, name).read_bytes()
    ]
