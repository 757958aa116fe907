"""Find secrets in what is uploaded with a job."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.secrets.contents import find_secret_in_file
from kedro_azureml_compiler.secrets.literals import ELSEWHERE, extract_literal
from kedro_azureml_compiler.secrets.scalars import find_secret_in_comment
from kedro_azureml_compiler.secrets.values import find_secret
from kedro_azureml_compiler.secrets.words import assigns_values, describe_secret_file, is_dotenv

_REFERENCE = re.compile(r"\$\{\s*(?:oc\.env|azureml\.secret)\s*:|\$\{[^:{}]+\}")
"""A reference to a variable, a secret or another value of the file, which is judged itself."""

_TRAVELLING_REFERENCE = re.compile(r"\$\{\s*(?:globals|runtime_params)\s*:")
_LARGEST_SECRET_BYTES = 1_000_000


CREDENTIAL_TRAVELS = FindingKind(
    code="credential-travels",
    severity=Severity.ERROR,
    about=About.FILE,
    title="A credentials file with a literal value would be uploaded",
    explanation=(
        "The snapshot is stored in the workspace's storage, where everybody with access can "
        "read it, for as long as the workspace exists."
    ),
    hint=(
        "Replace each value with `${oc.env:NAME}`, move the file to `conf/local`, or list it in "
        "`.amlignore`."
    ),
)

SECRET_TRAVELS = FindingKind(
    code="secret-travels",
    severity=Severity.ERROR,
    about=About.FILE,
    title="A file that holds a secret would be uploaded",
    explanation=(
        "The snapshot is stored in the workspace's storage for everybody who may read it. "
        "Judged by name: `.env.*` and `*.env` that set values, `.netrc`, `.pypirc`, "
        "`id_rsa`, `*.p12`, `secrets.yml` and similar files; by name and content: `*.pem`, "
        "`*.key`, keys of service accounts; by content alone, up to 64 KB and except source "
        "code: files that set variables to secrets, YAML files with keys "
        "of secrets, cached tokens, addresses with a password. "
        "A file `.env` never travels."
    ),
    hint=(
        "List it in `.amlignore`, or keep it outside the project. If it is not a secret, lower "
        "the severity."
    ),
    example=("jobs:\n  training:\n    checks: {secret-travels: warning}"),
)


def check_credentials(root: Path, files: Sequence[str], conf_source: str) -> list[Finding]:
    """Find credentials of Kedro among the files that travel.

    A credentials file may travel if every value in it refers to an environment variable or to a
    secret of a key vault. Such a reference may stand in an address: the rest is not a secret.

    Args:
        root: The project's folder.
        files: The files that travel.
        conf_source: Folder of the configuration, relative to the project.
    """
    findings = []
    for name in files:
        path = PurePosixPath(name)
        if not path.is_relative_to(conf_source) or "credentials" not in name.lower():
            continue
        text = ""
        try:
            text = (root / name).read_text(encoding="utf-8")
            content = yaml.safe_load(text)
        except (OSError, ValueError, yaml.YAMLError):
            content = "unreadable"  # an unreadable file may hold anything
        literal = next(_literals(content, ()), None)
        in_comment = find_secret_in_comment(text) if literal is None else None
        if literal is not None or in_comment is not None:
            where = f"the value of '{literal}' in it" if literal else "it"
            if in_comment is not None:
                where = f"{in_comment} in a comment of it"
            findings.append(
                CREDENTIAL_TRAVELS.found(
                    name,
                    f"this file would be uploaded, and {where} is a literal.",
                    "Replace each value with ${oc.env:NAME}, move the file to "
                    f"'{conf_source}/local/', or list it in .amlignore.",
                )
            )
    return findings


def check_secret_files(
    root: Path, files: Iterable[str], conf_sources: Sequence[str] = ()
) -> list[Finding]:
    """Find files that hold secrets, judged by their names and mostly by their content.

    Args:
        root: The project's folder.
        files: The uploaded files, relative to it.
        conf_sources: Folders whose YAML files are judged as configuration, relative to it.
    """
    findings = []
    for name in files:
        if is_dotenv(name):
            is_secret = assigns_values(_content(root / name))
            what = "it sets environment variables"
        else:
            needed = describe_secret_file(name)
            is_secret = needed == () or bool(needed and _holds(root / name, needed))
            what = f"it is a secret by its {'content' if needed else 'name'}"
            if not is_secret and (
                kind := find_secret_in_file(
                    root / name,
                    by_keys=not any(map(PurePosixPath(name).is_relative_to, conf_sources)),
                )
            ):
                is_secret, what = True, f"it holds {kind}"
        if is_secret:
            message = f"this file would be uploaded, and {what}."
            hint = f"Write '/{name}' at the end of .amlignore, or move it out of the project."
            findings.append(SECRET_TRAVELS.found(name, message, hint))
    return findings


def _literals(value: Any, place: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _literals(inner, (*place, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from _literals(inner, place)
    elif value is not None and not _is_reference(value):
        yield ".".join(place)


def _is_reference(value: Any) -> bool:
    """Check for a reference, alone or in an address that holds no secret of its own."""
    if not isinstance(value, str) or not _REFERENCE.search(value):
        return False
    if not extract_literal(value).replace(ELSEWHERE, "").strip():
        return _TRAVELLING_REFERENCE.search(value) is None
    is_address = "://" in value or ";" in value
    return is_address and find_secret(value) is None


def _holds(file: Path, needed: tuple[bytes, ...]) -> bool:
    content = _content(file)
    return any(text in content for text in needed)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_LARGEST_SECRET_BYTES)
    except OSError:
        return b""
