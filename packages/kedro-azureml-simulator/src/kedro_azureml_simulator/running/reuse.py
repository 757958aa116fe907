"""Steps that need not run again: what they would do has been done in an earlier run.

Azure ML reuses a step whose component, command and inputs are unchanged, where an input that
another step has written is unchanged if that step was reused as well (assumed: the service was
not reached). A step that is not deterministic gets an identity of its own each time it runs, so
that nothing that reads its output is reused.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_azureml_simulator.__about__ import __version__
from kedro_azureml_simulator.running.data import remove_tree
from kedro_azureml_simulator.running.uploads import digest_upload

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.planning.plan import PlannedStep
    from kedro_azureml_simulator.run_places import RunFolder, StepFolder

EARLIER = ".earlier"
_IDENTITY = "identity.json"
_FINGERPRINT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Identity:
    """What a step did: `fingerprint` says what from, `run` which of its runs it was."""

    fingerprint: str | None
    run: str


def put_aside(run_dir: Path) -> None:
    """Keep what completed deterministic steps of an earlier run have left.

    Args:
        run_dir: The run folder, before it is cleared.
    """
    steps = run_dir / "steps"
    for folder in sorted(steps.iterdir()) if steps.is_dir() else ():
        identity = read_identity(folder)
        if identity is not None and identity.fingerprint is not None:
            place = run_dir / EARLIER / identity.fingerprint
            remove_tree(place)
            place.parent.mkdir(exist_ok=True)
            folder.rename(place)


def forget(folder: RunFolder) -> None:
    """Remove what was put aside: a completed run holds all that the next one can reuse."""
    folder.discard(folder.path / EARLIER)


def take_back(folder: RunFolder, step: StepFolder, fingerprint: str | None) -> Identity | None:
    """Move what an earlier run has left into the place of a step; None where there is nothing."""
    place = folder.path / EARLIER / (fingerprint or "none")
    identity = read_identity(place)
    if fingerprint is None or identity is None:
        return None
    step.path.parent.mkdir(parents=True, exist_ok=True)
    place.rename(step.path)
    return identity


def read_identity(folder: Path) -> Identity | None:
    """Read the identity of a completed step; None where it has not completed."""
    file = folder / _IDENTITY
    try:
        if not file.is_file():  # a device could be read without end
            return None
        content = json.loads(file.read_text(encoding="utf-8"))
        fingerprint, run = content["fingerprint"], content["run"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    # It becomes the name of a folder that is removed: nothing else may stand there.
    is_whole = isinstance(run, str) and (
        fingerprint is None
        or (isinstance(fingerprint, str) and _FINGERPRINT.fullmatch(fingerprint))
    )
    return Identity(fingerprint, run) if is_whole else None


def find_end_ns(folder: Path) -> int:
    """Return when a completed step has ended, in nanoseconds since the epoch."""
    return (folder / _IDENTITY).stat().st_mtime_ns


def write_identity(folder: Path, fingerprint: str | None) -> Identity:
    """Write the identity of a step that has just completed."""
    identity = Identity(fingerprint, uuid.uuid4().hex)
    text = json.dumps({"fingerprint": identity.fingerprint, "run": identity.run})
    (folder / _IDENTITY).write_text(text, encoding="utf-8")
    return identity


class Fingerprints:
    """Describes what steps are made from, reading each folder of this machine once.

    Args:
        leave_out: The run folder, which is not part of any other folder.
    """

    def __init__(self, leave_out: Path) -> None:
        self._leave_out = leave_out
        self._digests: dict[tuple[Path, bool], str] = {}

    def of(
        self, step: PlannedStep, identities: Mapping[str, Identity], python: Path | None
    ) -> str | None:
        """Return a fingerprint, equal for steps that do the same; None for a step that never does.

        Args:
            step: The step.
            identities: Those of the steps that it reads from.
            python: The interpreter that it uses.
        """
        if not step.is_deterministic:
            return None
        mounts: dict[str, object] = {}
        for port, mount in step.mounts.items():
            if mount.address is not None:
                mounts[port] = mount.address
            elif mount.path is not None:
                mounts[port] = [mount.type, mount.mode, self._digest(mount.path, code=False)]
            elif mount.producer is not None and mount.producer in identities:
                mounts[port] = [mount.mode, identities[mount.producer].run, mount.port]
            else:
                return None
        code = [path for path in (step.code, *step.includes) if path is not None]
        content = {
            "simulator": __version__,
            "step": step.name,
            "command": step.command,
            "code": [self._digest(path, code=True) for path in code if path.exists()],
            "texts": dict(step.texts),
            "absent": sorted(step.absent),
            "mounts": mounts,
            "outputs": {port: output.type for port, output in step.outputs.items()},
            "environment": repr(step.environment),
            "variables": dict(step.environment_variables),
            "distribution": repr(step.distribution),
            "work": repr((step.parallel, step.sweep)),
            "python": str(python),
        }
        text = json.dumps(content, sort_keys=True)
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _digest(self, path: Path, *, code: bool) -> str:
        if (path, code) not in self._digests:
            self._digests[path, code] = digest_upload(path, code=code, leave_out=self._leave_out)
        return self._digests[path, code]
