"""Finds secrets in what is uploaded with a job, and in what the job itself shows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_compiler.checks.secret_words import (
    MAY_BE_SECRET,
    assigns_values,
    is_dotenv,
    looks_secret,
    secret_content,
)
from kedro_azureml_compiler.config_files import config_files
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity

if TYPE_CHECKING:
    from kedro_azureml_compiler.planning.facts import ConfigFiles
    from kedro_azureml_compiler.planning.plan import Plan
    from kedro_azureml_compiler.settings.models import Job

SHOWN_MESSAGE = "everybody who may see the job can read this value in Studio."
SHOWN_HINT = (
    "Let the step's identity open the door, or have the node read it from a key vault; write the "
    "name of the secret here, not the secret."
)

_FROM_ENVIRONMENT = re.compile(r"\s*\$\{oc\.env:[^{},]+\}\s*")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LARGEST_SECRET_BYTES = 1_000_000
_NO_TEXT = frozenset({"tag:yaml.org,2002:null", "tag:yaml.org,2002:bool"})


CREDENTIAL_TRAVELS = FindingKind(
    code="credential-travels",
    severity=Severity.ERROR,
    about=About.FILE,
    title="A credentials file would be uploaded, and a value in it is a literal",
    explanation=(
        "The snapshot is stored in the workspace's storage, for everybody who may read it, "
        "and for as long as the workspace exists."
    ),
    hint=(
        "Write `${oc.env:NAME}` in place of each value, move the file to `conf/local`, or "
        "list it in `.amlignore`."
    ),
)

SECRET_TRAVELS = FindingKind(
    code="secret-travels",
    severity=Severity.ERROR,
    about=About.FILE,
    title="A file that is a secret would be uploaded",
    explanation=(
        "The snapshot is stored in the workspace's storage for everybody who may read it. "
        "Judged by name: `.env.*` and `*.env` that give values, `.netrc`, `.pypirc`, "
        "`id_rsa`, `*.p12`, `secrets.yml` and their like; by name and content: `*.pem`, "
        "`*.key`, keys of service accounts. A file `.env` never travels."
    ),
    hint="List it in `.amlignore`, or keep it outside the project. Where it is no secret:",
    example=("jobs:\n  training:\n    checks: {secret-travels: warning}"),
)

SECRET_IN_JOB = FindingKind(
    code="secret-in-job",
    severity=Severity.WARNING,
    about=About.SETTING,
    title="A parameter or an environment variable of the job looks like a secret",
    explanation=(
        "Runtime parameters stand in the command of each step, and its environment variables "
        "and inputs beside it: everybody who may see the job can read them in Studio, for as "
        "long as the job exists. The key is judged by its words: `password`, `secret`, "
        "`api_key`, `token`."
    ),
    hint=(
        "Let the step's identity open the door (`steps: {...: {identity: managed}}`), or "
        "have the node read the secret from a key vault. Where it is no secret, ignore the "
        "finding."
    ),
)

SECRET_IN_PARAMETERS = FindingKind(
    code="secret-in-parameters",
    severity=Severity.WARNING,
    about=About.PROJECT,
    title="A parameters file that travels holds a value whose key looks like a secret",
    explanation=(
        "The file is uploaded with the code, for everybody who may read the workspace's storage."
    ),
    hint=(
        "Let the node read it from an environment variable or a key vault, or let a dataset "
        "take it from a credentials file with `${oc.env:NAME}`."
    ),
)

PARAM_NOT_JSON = FindingKind(
    code="param-not-json",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A runtime parameter is NaN or infinite",
    explanation="Runtime parameters reach a step as JSON, which has no such numbers.",
    hint="Write null or a text, and let the node make the number of it.",
    fixed=True,
)


def credential_findings(root: Path, files: Sequence[str], conf_source: str) -> list[Finding]:
    """Find credentials of Kedro among the files that travel.

    A credentials file may travel when every value in it comes from an environment variable.

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
        try:
            content = yaml.safe_load((root / name).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            content = "unreadable"  # what cannot be read cannot be cleared either
        literal = next(_literals(content, ()), None)
        if literal is not None:
            where = f"the value of '{literal}' in it" if literal else "it"
            findings.append(
                CREDENTIAL_TRAVELS.found(
                    name,
                    f"this file would be uploaded, and {where} is a literal.",
                    "Write ${oc.env:NAME} in place of each value, move the file to "
                    f"'{conf_source}/local/', or list it in .amlignore.",
                )
            )
    return findings


def secret_file_findings(root: Path, files: Iterable[str]) -> list[Finding]:
    """Find files that by their names, and mostly by their content, are secrets.

    Args:
        root: The project's folder.
        files: What is uploaded, relative to it.
    """
    findings = []
    for name in files:
        if is_dotenv(name):
            is_secret = assigns_values(_content(root / name))
            what = "it gives values to environment variables"
        else:
            needed = secret_content(name)
            is_secret = needed == () or bool(needed and _holds(root / name, needed))
            what = "by its name" if not needed else "by its content"
            what = f"it is a secret {what}"
        if is_secret:
            message = f"this file would be uploaded, and {what}."
            hint = f"Write '/{name}' at the end of .amlignore, or move it out of the project."
            findings.append(SECRET_TRAVELS.found(name, message, hint))
    return findings


def secret_parameter_findings(
    root: Path, travelling: Iterable[str], config: ConfigFiles
) -> list[Finding]:
    """Find parameters in the files that travel whose key is that of a secret.

    Args:
        root: The project's folder.
        travelling: The files that travel.
        config: Where the configuration lies.
    """
    there = set(travelling)
    findings = []
    for file in config_files(root, config.folders, config.patterns.get("parameters", ())):
        if file not in there:
            continue
        text = _content(root / file).decode("utf-8", "replace")
        if not MAY_BE_SECRET.search(text):
            continue
        try:
            node = yaml.compose(text, _LOADER)
        except yaml.YAMLError:
            continue  # Kedro has told of it
        for keys, line in _secret_scalars(node, ()):
            message = "this file is uploaded with the code, and the value is a literal."
            hint = (
                "Read it in the node from an environment variable, or let a dataset take it from "
                "a credentials file with ${oc.env:NAME}."
            )
            findings.append(
                SECRET_IN_PARAMETERS.found(
                    f"params:{'.'.join(keys)}", message, hint, file=file, line=line
                )
            )
    return findings


def shown_secret_findings(plan: Plan, job: Job) -> list[Finding]:
    """Find secrets among what everybody who sees the job can read in Studio.

    Args:
        plan: What becomes of every node and dataset, with the runtime parameters.
        job: The job in `azureml.yml`.
    """
    shown = []
    for keys, value in _scalars(plan.params, ()):
        if looks_secret(keys[-1], value):
            shown.append(_place_of_param(plan.job, keys, job.params))
    for pattern, settings in job.steps.items():
        for variable, value in settings.environment_variables.items():
            if looks_secret(variable, value):
                shown.append(f"jobs.{plan.job}.steps.{pattern}.environment_variables.{variable}")
    for promoted in plan.promoted:
        if looks_secret(promoted.parameter.rpartition(".")[2], promoted.default):
            shown.append(f"jobs.{plan.job}.inputs.{promoted.name}")
    return [SECRET_IN_JOB.found(place, SHOWN_MESSAGE, SHOWN_HINT) for place in shown]


def unwritable_param_findings(plan: Plan, job: Job) -> list[Finding]:
    """Find runtime parameters that JSON has no way to write: NaN and the infinities."""
    return [
        PARAM_NOT_JSON.found(
            _place_of_param(plan.job, keys, job.params),
            f"its value is {value}, and parameters reach a step as JSON, which has no such number.",
            "Write null or a text, and let the node make the number of it.",
        )
        for keys, value in _scalars(plan.params, ())
        if isinstance(value, float) and not math.isfinite(value)
    ]


def _place_of_param(job: str, keys: tuple[str, ...], params: Mapping[str, Any]) -> str:
    value: Any = params
    for key in keys:
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif not isinstance(value, (list, tuple)):
            return f"--params {'.'.join(keys)}"
    return f"jobs.{job}.params.{'.'.join(keys)}"


def _scalars(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _scalars(inner, (*keys, str(key)))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _scalars(inner, keys)
    elif keys:
        yield keys, value


def _secret_scalars(node: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inside = (*keys, str(key.value))
            if isinstance(value, yaml.ScalarNode):
                if value.tag not in _NO_TEXT and looks_secret(inside[-1], value.value):
                    yield inside, key.start_mark.line + 1
            else:
                yield from _secret_scalars(value, inside)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _secret_scalars(value, keys)


def _literals(value: Any, place: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _literals(inner, (*place, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from _literals(inner, place)
    elif value is not None and not (isinstance(value, str) and _FROM_ENVIRONMENT.fullmatch(value)):
        yield ".".join(place)


def _holds(file: Path, needed: tuple[bytes, ...]) -> bool:
    content = _content(file)
    return any(text in content for text in needed)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_LARGEST_SECRET_BYTES)
    except OSError:
        return b""
