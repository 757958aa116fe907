"""Remember which components a workspace has, so that unchanged ones need no request.

A record of what was registered from this machine. It may be wrong, since others can delete
components: its user forgets what the workspace does not know, and registers it again.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kedro_azureml_compiler import Workspace

_VERSION = 1
_COMPONENT_ID = re.compile(r"/subscriptions/[^\s@]+/components/[^/\s@]+/versions/[^/\s@]+", re.I)
_MOST = 20_000
"""Entries that are kept, the newest: some 4 MB."""


class KnownComponents:
    """What is known of the components of one workspace.

    Args:
        file: Where it is kept; it need not exist. One that cannot be read counts as empty.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "known.json"
        >>> KnownComponents(file).add({"key": "/subscriptions/s/.../components/c/versions/1"})
        >>> KnownComponents(file).find(["key", "other"])
        {'key': '/subscriptions/s/.../components/c/versions/1'}
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ids: dict[str, str] = _read(file)

    def find(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the ids of the components that are known.

        Args:
            keys: What `make_component_key` gives.
        """
        return {key: self._ids[key] for key in keys if key in self._ids}

    def add(self, ids: Mapping[str, str]) -> None:
        """Remember components.

        Args:
            ids: Key to the component's id.
        """
        if ids:
            self._write({**_read(self._file), **self._ids, **ids})

    def forget(self, keys: Iterable[str]) -> None:
        """Forget components that the workspace does not know after all.

        Args:
            keys: Their keys.
        """
        gone = set(keys)
        kept = {**_read(self._file), **self._ids}
        self._write({key: value for key, value in kept.items() if key not in gone})

    def _write(self, ids: dict[str, str]) -> None:
        self._ids = dict(list(ids.items())[-_MOST:])
        text = json.dumps({"version": _VERSION, "components": self._ids}, indent=0)
        with suppress(OSError):  # a record that cannot be kept costs requests, and nothing else
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=self._file.parent, delete=False) as draft:
                draft.write(text)
            try:
                Path(draft.name).replace(self._file)
            finally:
                Path(draft.name).unlink(missing_ok=True)  # it is there where that failed


def locate_record(folder: Path, workspace: Workspace) -> Path:
    """Return the file with the record of a workspace.

    Args:
        folder: Where records are kept.
        workspace: The entry of `workspace` in `azureml.yml`.
    """
    parts = (workspace.subscription_id, workspace.resource_group, workspace.name)
    digest = sha256("/".join(parts).lower().encode()).hexdigest()[:12]
    return folder / f"{digest}.json"


def make_component_key(component: Mapping[str, Any], code: str, environment: str) -> str:
    """Return a digest of all that a component is made of.

    Args:
        component: It, as it stands in the bundle.
        code: Digest of the snapshot; empty where the code is in the image.
        environment: What its environment stands for: an exact reference, or a digest.
    """
    content = {**component, "code": code, "environment": environment}
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def digest_folder(folder: Path) -> str:
    """Return a digest of the names and contents of all files in a folder.

    Args:
        folder: The folder; one that does not exist is empty.
    """
    digest = sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = sha256(file.read_bytes()).digest()
        name = file.relative_to(folder).as_posix().encode("utf-8", "surrogateescape")
        digest.update(sha256(name).digest() + content)
    return digest.hexdigest()


def _read(file: Path) -> dict[str, str]:
    try:
        if not file.is_file():  # a device could be read without end
            return {}
        content = json.loads(file.read_text(encoding="utf-8"))
        known = content["components"] if content["version"] == _VERSION else {}
        # The SDK cannot load a job with anything that is not a component id.
        return {key: value for key, value in known.items() if _COMPONENT_ID.fullmatch(str(value))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
