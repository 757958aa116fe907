"""Read a catalog without its credentials, and find those that a job would miss."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from kedro.config import MissingConfigException
from kedro_azureml_datasets.credentials.marks import (
    find_changed_secrets,
    find_marked_secrets,
    find_marked_variables,
    mark_secret,
    mark_variable,
    name_secret_variable,
)
from kedro_azureml_datasets.credentials.resolvers import (
    mark_every_reference,
    mark_missing_variables,
    secrets_were_read,
)
from kedro_azureml_runner.reachability.addresses import MISSING_VARIABLE
from kedro_azureml_runner.unused_entries import find_credential_names
from omegaconf.errors import OmegaConfBaseException

from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import DatasetFacts, DatasetKind
from kedro_azureml_compiler.project.catalog.plain_files import read_plain_catalog

_REFERENCE = re.compile(
    r"\$\{\s*(?:oc\.env\s*:\s*([^{},\s]+)|azureml\.secret\s*:\s*([^{},\s]+))\s*\}"
)
_MADE_UP = "missing where the job is compiled"


CREDENTIAL_STAYS = FindingKind(
    code="credential-stays",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="An entry that a node uses needs credentials that do not travel",
    explanation=(
        "`conf/local` is never uploaded. The step would not find credentials of that name."
    ),
    hint=(
        "Write a credentials file outside `conf/local` that holds only references to "
        "environment variables, and give the step the variable; or to secrets of the workspace's "
        "key vault, `${azureml.secret:NAME}`."
    ),
    example=("# conf/base/credentials.yml\ndatabase:\n  con: ${oc.env:DATABASE_URL}"),
)


class WrittenCatalog(NamedTuple):
    """The catalog as it is written, and what its entries refer to.

    Args:
        entries: Name or pattern to entry, without credentials.
        credentials: Name to credentials, with a mark for every reference without a default.
        marked_entries: The entries with such marks, if the project resolves variables in them.
    """

    entries: Mapping[str, Any] = {}
    credentials: Mapping[str, Any] = {}
    marked_entries: Mapping[str, Any] = {}

    def needs_of(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the variables without a default, and the secrets, that an entry needs.

        A secret inside another resolver needs its variable: it would be fetched too late for that.

        Args:
            name: Its name or pattern in the catalog.
        """
        used = [
            self.credentials.get(needed) for needed in find_credential_names(self.entries.get(name))
        ]
        everything = [*used, self.marked_entries.get(name)]
        variables = set(find_marked_variables(everything))
        variables.update(map(name_secret_variable, find_changed_secrets(used)))
        return tuple(sorted(variables)), tuple(sorted(set(find_marked_secrets(used))))


def add_placeholder_credentials(
    loader: Any, variables: Mapping[str, str] | None = None
) -> WrittenCatalog:
    """Add placeholders for missing credentials, so that the catalog can be read without them.

    Args:
        loader: The config loader.
        variables: Environment variables that the job gives its steps: they count before those of
            this machine.

    Returns:
        The catalog as it is written, which the loader returns from now on without reading it again.
    """
    mark, asked = True, set[str]()
    try:
        with mark_missing_variables(everywhere=False, given=variables) as asked:
            known = dict(loader["credentials"])
    except MissingConfigException:
        known = {}
    except OmegaConfBaseException as error:
        if "azureml.secret" in str(error):
            raise  # no machine can resolve it
        known, mark = {}, False  # a reference that only another machine can resolve
    referring = _read_with_every_mark(loader, "credentials") if asked or secrets_were_read() else {}
    try:
        with mark_missing_variables(everywhere=True, given=variables) as asked:
            plain = read_plain_catalog(loader)
            catalog: Mapping[str, Any] = loader["catalog"] if plain is None else plain
    except MissingConfigException:
        return WrittenCatalog(credentials=referring)
    marked = _read_with_every_mark(loader, "catalog") if asked else {}
    names = set(find_credential_names(catalog))
    unknown = {"kedro-azureml": MISSING_VARIABLE}
    made_up: dict[str, Any] = {name: {_MADE_UP: name} if mark else unknown for name in names}
    loader["credentials"] = {**made_up, **known}
    loader["catalog"] = catalog
    return WrittenCatalog(catalog, referring, marked)


def add_needs(
    datasets: Mapping[str, DatasetFacts], written: WrittenCatalog, resolver: Any
) -> dict[str, DatasetFacts]:
    """Add the variables and the secrets that entries need to what is known of datasets.

    Args:
        datasets: Name to what is known.
        written: The catalog as it is written.
        resolver: The catalog's resolver of patterns.
    """
    found = dict(datasets)
    if not written.credentials and not written.marked_entries:
        return found
    for name, facts in datasets.items():
        if facts.kind in {DatasetKind.PARAMETER, DatasetKind.UNDECLARED}:
            continue
        key = name
        if name not in written.entries:
            pattern = resolver.match_dataset_pattern(name)
            key = pattern or resolver.match_user_catch_all_pattern(name) or name
        variables, secrets = written.needs_of(key)
        if variables or secrets:
            found[name] = facts._replace(variables=variables, secrets=secrets)
    return found


def _read_with_every_mark(loader: Any, kind: str) -> Mapping[str, Any]:
    """Read configuration for what it refers to, from its text if a resolver takes no marks."""
    try:
        with (
            mark_every_reference(),
            mark_missing_variables(everywhere=kind != "credentials"),
        ):
            content: Mapping[str, Any] = loader[kind]
            return content
    except Exception:  # whatever that resolver raises, such as int() for a port
        return _mark_references_in_text(loader, kind)


def _mark_references_in_text(loader: Any, kind: str) -> dict[str, list[str]]:
    """Return the marks of what each value of the files refers to; none of an archive."""
    envs = (getattr(loader, "base_env", ""), loader.env or getattr(loader, "default_run_env", ""))
    folders = [str(Path(loader.conf_source, env)) for env in dict.fromkeys(envs) if env]
    patterns = getattr(loader, "config_patterns", {}).get(kind, ())
    marks: dict[str, list[str]] = {}
    for file in list_config_files(Path(loader.conf_source), folders, patterns):
        try:
            content = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            continue  # what cannot be read has been reported already
        for name, value in content.items() if isinstance(content, dict) else ():
            marks[str(name)] = list(_marks_in_text(str(value)))
    return marks


def _marks_in_text(text: str) -> Iterator[str]:
    for found in _REFERENCE.finditer(text):
        variable, secret = found.groups()
        before = text[: found.start()]
        if variable:
            yield mark_variable(variable)
        elif before.count("${") > before.count("}"):  # inside a resolver, which changes it
            yield mark_secret(secret).upper()
        else:
            yield mark_secret(secret)


def find_missing_credentials(name: str, config: Mapping[str, Any]) -> list[Finding]:
    """Find placeholder credentials in the configuration of a dataset that a node uses."""
    return [
        CREDENTIAL_STAYS.found(
            name,
            f"its credentials '{missing}' do not travel with the job.",
            "Put them into a credentials file outside conf/local, with ${oc.env:NAME} or "
            "${azureml.secret:NAME} instead of each value.",
        )
        for missing in _list_made_up(config)
    ]


def _list_made_up(config: Mapping[str, Any]) -> list[str]:
    found = [config[_MADE_UP]] if _MADE_UP in config else []
    for value in config.values():
        if isinstance(value, Mapping):
            found += _list_made_up(value)
    return found
