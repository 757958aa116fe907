"""Starts Azurite, Microsoft's emulator of blob storage, and reads its access log."""

import base64
import contextlib
import fcntl
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

VERSION = "3.35.0"
ACCOUNT = "loopbackstore"
KEY = base64.b64encode(b"a key for this machine alone" * 2).decode()

CACHE = Path(
    os.environ.get("KEDRO_AZUREML_AZURITE", Path(__file__).parents[3] / ".nox" / "azurite")
)
MAIN = "node_modules/azurite/dist/src/blob/main.js"
START_TIMEOUT_S = 60


class MissingToolError(Exception):
    """Azurite needs a program that is not on this machine."""


def program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise MissingToolError(
            f"Azurite stands for Azure's storage here, and it needs '{name}', which is not on "
            "this machine: install Node.js 18 or newer (it brings npm)."
        )
    return path


def installed() -> Path:
    """Install Azurite with npm, once, and give its main file."""
    folder = CACHE / VERSION
    main = folder / MAIN
    folder.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several processes of pytest come here at once
        if not (folder / "whole").exists():
            command = [program("npm"), "install", f"azurite@{VERSION}", "--no-audit", "--no-fund"]
            done = subprocess.run(
                [*command, "--ignore-scripts", "--prefix", str(folder)],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode or not main.exists():
                raise MissingToolError(f"npm could not install Azurite: {done.stderr}")
            (folder / "whole").touch()
    return main


class Azurite:
    """A running Azurite with one account.

    Args:
        folder: Where it keeps its data.
        certificate: Its TLS certificate, PEM.
        key: The key of that, PEM.
    """

    def __init__(self, folder: Path, certificate: Path, key: Path) -> None:
        node, main = program("node"), installed()
        self.port = free_port()
        self._log = folder / "access.log"
        folder.mkdir(parents=True, exist_ok=True)
        self._command = [
            node, str(main),
            "--blobHost", "127.0.0.1", "--blobPort", str(self.port),
            "--location", str(folder / "data"),
            "--cert", str(certificate), "--key", str(key),
            "--oauth", "basic", "--skipApiVersionCheck", "--disableTelemetry",
        ]  # fmt: skip
        self._start("w")

    def _start(self, mode: str) -> None:
        with self._log.open(mode) as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"},
            )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.05)
        self.stop()
        raise MissingToolError(f"Azurite did not start: {self._log.read_text()}")

    def restart(self) -> None:
        """End it and start it again, with the same data at the same port."""
        self.stop()
        self._start("a")

    def blob_reads(self) -> list[str]:
        """Names of the blobs that were read so far, as Azurite's access log has them."""
        pattern = r'"GET (/[^?" ]+)(?:\?(?!\S*comp=|\S*restype=)\S*)? HTTP/1.1" 20'
        return re.findall(pattern, self._log.read_text())

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
