"""Find out what the nodes of a submitted job were made from, by reading the code that was sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import JobRecord
from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from kedro_azureml_compiler import SentPipeline

_LOG_LINES = 15


class SnapshotReadingError(KedroAzureMLError):
    """The code of a submitted job cannot be read as a project on this machine.

    Args:
        name: The job's name in Azure ML.
        why: The reason.
    """

    blame = "user"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"The code that the job {name} has run cannot be read here, so nothing tells what its"
            f" nodes were made from: {why}",
            hint="Submit the whole job:  kedro azureml run",
        )


def read_snapshot(name: str, sent: SentPipeline) -> JobRecord:
    """Return the record of a submitted job.

    Two projects of one package cannot be open in one process, so another one reads it.

    Args:
        name: The job's name in Azure ML.
        sent: What was sent, and its code on this machine.

    Raises:
        SnapshotReadingError: The code cannot be read.
    """
    with TemporaryDirectory(prefix="kedro-azureml-") as folder:
        asked, answer = Path(folder, "asked.json"), Path(folder, "answer.json")
        asked.write_text(json.dumps({**asdict(sent), "code": str(sent.code)}), encoding="utf-8")
        try:
            done = subprocess.run(  # noqa: S603  (this interpreter, without a shell)
                [sys.executable, "-m", "kedro_azureml_cli.earlier_jobs.in_snapshot", asked, answer],
                cwd=sent.code,
                env=_make_environ(sent.env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        except OSError as error:
            raise SnapshotReadingError(name, str(error.strerror or error)) from error
        made = _read(answer)
    if "record" in made:
        return JobRecord.from_json(made["record"])
    why = made.get("error") or "\n".join(done.stdout.splitlines()[-_LOG_LINES:])
    raise SnapshotReadingError(name, why or f"its process ended with {done.returncode}.")


def _make_environ(env: str | None) -> dict[str, str]:
    """Return the variables of this process, with the Kedro environment of the job."""
    environ = {name: value for name, value in os.environ.items() if name != "KEDRO_ENV"}
    return {**environ, "KEDRO_ENV": env} if env else environ


def _read(answer: Path) -> dict[str, Any]:
    try:
        made = json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return made if isinstance(made, dict) else {}
