"""Processes that have imported Kedro, the Azure SDK and our commands: forks of one that has.

Those imports take seconds, and each test wants a process of its own. A fork is in the state of a
fresh process after its imports: nothing is bootstrapped, configured or connected in it.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import traceback
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quick_stack import read_stack

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT_S = 120

PRELOADED = (
    "azure.ai.ml", "azure.identity", "azure.storage.blob", "filelock", "msal_extensions",
    "kedro.framework.cli.cli", "kedro.framework.session", "kedro.framework.startup",
    "kedro.config", "kedro.runner", "kedro.validation.api", "kedro_datasets.text",
    "kedro_telemetry.plugin",  # every session loads it, and requests with it
    "kedro.framework.context", "kedro.framework.session.store", "fsspec.implementations.local",
    "data_in_memory", "pydantic.main", "rich.console",
    "kedro_azureml_cli.commands", "kedro_azureml_cli.assets.asset_pulling",
    "kedro_azureml_cli.assets.asset_pushing", "kedro_azureml_cli.assets.assets_command",
    "kedro_azureml_cli.assets.assets_output", "kedro_azureml_cli.azure_ml.data_assets",
    "kedro_azureml_cli.azure_ml.submission", "kedro_azureml_cli.jobs.following",
    "kedro_azureml_cli.submission.run_command", "kedro_azureml_cli.submission.sending",
    "kedro_azureml_compiler.compilation",
    "kedro_azureml_datasets.asset_dataset", "kedro_azureml_datasets.pipeline_dataset",
    "kedro_azureml_datasets.hooks",
)  # fmt: skip


def until(happened: Callable[[], object]) -> None:
    """Wait until something has happened; never for ever."""
    end = time.monotonic() + TIMEOUT_S
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


@dataclass(frozen=True)
class Finished:
    """What a process said, and how it ended (negative: the signal that ended it)."""

    returncode: int
    output: str


@dataclass(frozen=True)
class Running:
    """A process that was started."""

    server: ForkServer
    pid: int
    output: Path

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def interrupt(self) -> None:
        """Do what Ctrl-C does."""
        os.kill(self.pid, signal.SIGINT)

    def said(self) -> str:
        """What it has printed so far."""
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def wait(self) -> Finished:
        return Finished(self.server.ask(wait=self.pid), self.said())


class ForkServer:
    """The process from which the others are forked."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "azure_loopback.processes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[1]),
                "PYTHONWARNINGS": "ignore::UserWarning",  # Kedro calls what OmegaConf deprecates
                "KEDRO_LOGGING_CONFIG": str(Path(__file__).with_name("logging.yml")),
            },
        )
        self._count = 0

    def ask(self, **request: Any) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def start(
        self, code: str, *arguments: str, cwd: Path, terminal: str = "", **environ: str
    ) -> Running:
        """Start code in a process of its own.

        Args:
            code: Python code.
            arguments: Its `sys.argv[1:]`.
            cwd: Its working directory; what it says is kept beside that.
            terminal: Device of the terminal that is its standard input and error.
            environ: Its environment variables, besides those of this process.
        """
        self._count += 1
        output = cwd.parent / f"output-{self._count}.txt"
        pid = self.ask(
            code=textwrap.dedent(code),
            arguments=arguments,
            cwd=str(cwd),
            environ={**os.environ, **environ},
            output=str(output),
            terminal=terminal,
        )
        return Running(self, pid, output)

    def stop(self) -> None:
        self._process.communicate()


def _run(request: dict[str, Any]) -> int:
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    terminal = os.open(request["terminal"] or os.devnull, os.O_RDWR)
    os.dup2(terminal, 0)
    os.dup2(output, 1)
    os.dup2(terminal if request["terminal"] else output, 2)
    os.environ.clear()
    os.environ.update(request["environ"])
    os.chdir(request["cwd"])
    sys.argv = ["-c", *request["arguments"]]
    signal.alarm(TIMEOUT_S)
    try:
        exec(compile(request["code"], "<code>", "exec"), {"__name__": "__main__"})
    except SystemExit as stop:
        return int(stop.code or 0)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _warm_up() -> None:
    """Let the SDK build its schemas: it does so once in a process, in half a second."""
    from azure.ai.ml import load_job

    component = {"type": "command", "command": "true", "environment": "azureml:env:1"}
    step = {"type": "command", "component": component}
    with contextlib.redirect_stderr(io.StringIO()):  # of its own experimental classes
        load_job(io.StringIO(json.dumps({"type": "pipeline", "jobs": {"step": step}})))


def _serve() -> None:
    for module in PRELOADED:
        import_module(module)
    _warm_up()
    inspect.stack = read_stack
    gc.freeze()  # else each fork copies all of this when it collects garbage
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = _run(request)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        print(child, flush=True)


if __name__ == "__main__":
    _serve()
