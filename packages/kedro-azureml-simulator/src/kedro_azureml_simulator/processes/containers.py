"""The command that runs a step in its image, with docker or podman, as a value."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ENGINES = ("docker", "podman")
_ANSWER_S = 30


@dataclass(frozen=True)
class Containers:
    """How steps run in containers.

    Args:
        engine: The program, docker or podman.
        images: The image of each step, by the step's full name.
    """

    engine: Path
    images: Mapping[str, str]

    def argv(
        self,
        step: str,
        command: str,
        *,
        cwd: Path,
        env: Mapping[str, str],
        writable: Sequence[Path],
        mounts: Sequence[tuple[Path, Path]],
    ) -> list[str]:
        """Return the command line that runs one process of a step.

        Every path is the same inside as outside, so that the command of the step is too. Files
        belong to the user who runs the simulator. The image's own PATH counts.

        Args:
            step: The step's full name.
            command: The line for bash.
            cwd: The working directory.
            env: The whole environment.
            writable: Folders that the step may change.
            mounts: Pairs of data and the place where the step finds it, read-only.

        Example:
            >>> containers = Containers(Path("/usr/bin/docker"), {"fit": "python:3.11"})
            >>> argv = containers.argv(
            ...     "fit", "python fit.py", cwd=Path("/run/code"), env={"A": "b"},
            ...     writable=[Path("/run")], mounts=[(Path("/d"), Path("/in"))],
            ... )
            >>> argv[:4]
            ['/usr/bin/docker', 'run', '--rm', '--init']
            >>> argv[-5:]
            ['--entrypoint', 'bash', 'python:3.11', '-c', 'python fit.py']
            >>> "type=bind,source=/d,target=/in,readonly" in argv
            True
        """
        argv = [str(self.engine), "run", "--rm", "--init"]
        if self.engine.name == "podman":
            argv.append("--userns=keep-id")
        argv += ["--user", f"{os.getuid()}:{os.getgid()}", "--workdir", str(cwd)]
        for folder in writable:
            argv += ["--mount", f"type=bind,source={folder},target={folder}"]
        for source, place in mounts:
            argv += ["--mount", f"type=bind,source={source},target={place},readonly"]
        for name, value in env.items():
            if name != "PATH":
                argv += ["--env", f"{name}={value}"]
        return [*argv, "--entrypoint", "bash", self.images[step], "-c", command]


def find_engine(name: str) -> Path:
    """Return the program of an engine that answers.

    Args:
        name: `docker` or `podman`.

    Raises:
        MachineError: It is not on PATH, or it does not answer.
    """
    found = shutil.which(name)
    if found is None:
        raise MachineError(f"{name} is not on PATH", hint="install it, or leave the option out")
    program = Path(found).absolute()
    try:
        # Its program may be here though nothing runs the containers.
        asked = subprocess.run(  # noqa: S603 - the engine that the user asked for
            [program, "info"],
            check=False, capture_output=True, text=True, errors="replace", timeout=_ANSWER_S,
        )  # fmt: skip
        said = asked.stderr.strip() if asked.returncode else ""
        failed = asked.returncode != 0
    except (OSError, subprocess.TimeoutExpired) as error:
        failed, said = True, str(error)
    if failed:
        last = said.splitlines()[-1] if said else "it failed"
        raise MachineError(
            f"{name} does not answer: {last}", hint="start it, or leave the option out"
        )
    return program
