"""Find secrets in the configuration that is uploaded with a job, as it is written."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.secrets.scalars import find_secret_scalars, judge_by_last_key
from kedro_azureml_compiler.secrets.words import opens_a_door

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_azureml_compiler.planning.facts import ConfigFiles

_SUFFIXES = frozenset({".yml", ".yaml", ".json"})

SECRET_IN_CONFIGURATION = FindingKind(
    code="secret-in-configuration",
    severity=Severity.ERROR,
    about=About.PROJECT,
    title="The uploaded configuration holds a secret",
    explanation=(
        "The snapshot is stored in the workspace's storage, where everybody with access can "
        "read it, for as long as the workspace exists. Every file of the configuration travels, "
        "including those of other environments. Values are judged as they are written, before "
        "`${...}` is resolved: a password in a URL, a key in a connection string, a signed URL, "
        "a token or a private key; in the catalog also by the key, such as `account_key` or "
        "`fs_args: {key: ...}`. Placeholders such as `<password>` are not secrets."
    ),
    hint=(
        "Take the value from the step's environment: name an entry of a credentials file in "
        "`credentials`, and write `${oc.env:NAME}` there."
    ),
    example=(
        "# conf/base/credentials.yml\ndatabase:\n  con: ${oc.env:DATABASE_URL}\n\n"
        "# conf/base/catalog.yml\norders:\n  type: pandas.SQLTableDataset\n"
        "  table_name: orders\n  credentials: database"
    ),
)

SECRET_IN_PARAMETERS = FindingKind(
    code="secret-in-parameters",
    severity=Severity.WARNING,
    about=About.PROJECT,
    title="A value in the configuration that travels has the key of a secret",
    explanation=(
        "The file is uploaded with the code, for everybody who may read the workspace's storage. "
        "Parameters, globals and other configuration are judged by the words of the key: "
        "`password`, `secret`, `api_key`, `token`. A key that is about a secret, such as "
        "`secret_name` or `password_column`, is none."
    ),
    hint=(
        "Let the node read it from an environment variable or a key vault, or let a dataset "
        "take it from a credentials file with `${oc.env:NAME}`."
    ),
)


_RESOLVED_EVERYWHERE = (
    "Write '${oc.env:NAME}' instead, and give the step the variable. Kedro resolves it outside of "
    'credentials if settings.py has:  CONFIG_LOADER_ARGS = {"custom_resolvers": {"oc.env": '
    "oc.env}}  after  from omegaconf.resolvers import oc"
)
_READ_IN_NODE = (
    "Read it in the node from an environment variable, or let a dataset take it from a "
    "credentials file with ${oc.env:NAME}."
)


def check_configuration_secrets(
    root: Path, travelling: Iterable[str], sources: Iterable[str], config: ConfigFiles
) -> list[Finding]:
    """Find literal secrets in the configuration that travels, in every environment of it.

    Args:
        root: The project's folder.
        travelling: The files that travel.
        sources: Folders of the configuration, relative to the project.
        config: Which globs name which files.
    """
    there = []
    folders: dict[str, None] = {}
    for file in travelling:
        path = PurePosixPath(file)
        if path.suffix not in _SUFFIXES or "credentials" in file.lower():
            continue
        for source in sources:
            if path.is_relative_to(source):
                there.append(file)
                inside = path.relative_to(source).parts
                folders[(PurePosixPath(source) / inside[0]).as_posix()] = None
                break
    kinds = {
        kind: set(list_config_files(root, folders, config.patterns.get(kind, ())))
        for kind in ("catalog", "parameters", "azureml")
    }
    findings = []
    for file in there:
        kind = next((kind for kind, files in kinds.items() if file in files), "")
        try:
            text = (root / file).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # Kedro has reported it
        findings += check_file_secrets(file, text, kind)
    return findings


def check_file_secrets(file: str, text: str, kind: str) -> list[Finding]:
    """Find literal secrets in one file of the configuration.

    Args:
        file: The file, relative to the project.
        text: Its content.
        kind: `catalog`, `parameters` or `azureml`; empty for any other.
    """
    is_catalog = kind == "catalog"
    findings = []
    for secret in find_secret_scalars(text, opens_a_door if is_catalog else judge_by_last_key):
        names = [key for key in secret.keys if not key.isdigit()]
        where = ".".join(names) or file
        if kind == "parameters" and names:
            where = f"params:{where}"
        if secret.kind is not None or is_catalog:
            what = secret.kind or "a literal secret"
            place = "in a comment" if not secret.keys else "here"
            message = f"{what} stands {place}, and this file is uploaded with the code."
            hint = _hint(secret.keys, is_catalog=is_catalog)
            one = SECRET_IN_CONFIGURATION.found(where, message, hint, file=file, line=secret.line)
        elif kind == "azureml":
            continue  # of the job that is compiled; others have findings of their own
        else:
            message = "this file is uploaded with the code, and the value is a literal."
            one = SECRET_IN_PARAMETERS.found(
                where, message, _READ_IN_NODE, file=file, line=secret.line
            )
        findings.append(one)
    return findings


def _hint(keys: tuple[str, ...], *, is_catalog: bool) -> str | None:
    """Return what to do; None for the hint of the kind, which is for catalog entries."""
    if not keys:
        return "Delete it from the comment."
    if is_catalog and not {"load_args", "save_args"}.isdisjoint(keys):
        return _RESOLVED_EVERYWHERE
    # Kedro resolves ${oc.env:...} in credentials alone, and only catalog entries name those.
    return None if is_catalog else _READ_IN_NODE
