"""Find secrets in a configuration that travels as one file, as `kedro package` creates it."""

from __future__ import annotations

import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kedro_azureml_compiler.checks.secrets.configuration import check_file_secrets
from kedro_azureml_compiler.checks.secrets.files import check_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kedro_azureml_compiler.findings import Finding

_CONFIG_SUFFIXES = frozenset({".yml", ".yaml", ".json"})


def check_archive(root: Path, files: Sequence[str], archive: str) -> list[Finding]:
    """Find secrets in the configuration if it is a zip or tar file that travels.

    Args:
        root: The project's folder.
        files: The files that travel, relative to it.
        archive: The file, relative to the project; a folder is skipped.
    """
    path = root / archive
    if archive not in files or not path.is_file():
        return []
    others = []
    with TemporaryDirectory(prefix="kedro-azureml-") as folder:
        names = {}
        for position, (member, content) in enumerate(_configuration_in(path)):
            if "credentials" not in member.lower():
                text = content.decode("utf-8", "replace")
                others += check_file_secrets(f"{archive}/{member}", text, _kind(member))
                continue
            # By position: the name of a member may be anything, even a path outside the folder.
            name = f"{position}/credentials.yml"
            (Path(folder) / str(position)).mkdir()
            (Path(folder) / name).write_bytes(content)
            names[name] = f"{archive}/{member}"
        found = check_credentials(Path(folder), list(names), ".")
    hint = "Replace each value with ${oc.env:NAME}, or build the file again without it."
    named = [finding._replace(where=names[finding.where], hint=hint) for finding in found]
    return [*named, *others]


def _kind(member: str) -> str:
    """Return what a file configures by Kedro's own names; its settings may give others."""
    parts = PurePosixPath(member).parts
    kinds = ("catalog", "parameters", "azureml")
    return next((kind for kind in kinds if any(p.startswith(kind) for p in parts)), "")


def _configuration_in(path: Path) -> Iterator[tuple[str, bytes]]:
    # Kedro itself reports what it cannot open; RuntimeError: a file in it has a password.
    with suppress(OSError, RuntimeError, tarfile.TarError, zipfile.BadZipFile):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in filter(_is_configuration, sorted(archive.namelist())):
                    yield name, archive.read(name)
            return
        with tarfile.open(path) as tar:
            for member in sorted(tar.getmembers(), key=lambda m: m.name):
                content = tar.extractfile(member) if member.isfile() else None
                if content is not None and _is_configuration(member.name):
                    yield member.name, content.read()


def _is_configuration(name: str) -> bool:
    return PurePosixPath(name).suffix in _CONFIG_SUFFIXES
