"""Have the Azure SDK judge what a job overrides, before anything is sent."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from inspect import signature
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import did_you_mean, load_yaml, make_azure_name
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import RefusedError
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

from kedro_azureml_cli.azure_ml.chatter import quieten

if TYPE_CHECKING:
    from pathlib import Path

_COMPONENT = (
    "azureml:/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices"
    "/workspaces/w/components/c/versions/1"
)
"""Any id: a job is sent with its components registered."""

_OF_ALL_NODES = frozenset({"comment", "display_name", "properties", "tags"})
"""What the SDK sends of a step besides the arguments of `Command`; its dump lacks some of them."""

_NO_KEY = frozenset({"self", "kwargs", "component", "environment", "inputs", "outputs"})


class OverridesRefusedError(KedroAzureMLError):
    """The Azure SDK does not take what a job overrides."""

    blame = "user"

    def __init__(self, job: str, problems: list[str]) -> None:
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(
            f"The SDK of Azure ML refuses the overrides of the job '{job}':{lines}",
            hint=f"Correct jobs.{job}.overrides in azureml.yml; the keys and values are those of "
            "Azure ML's pipeline YAML.",
        )
        self.problems = tuple(problems)


def validate_overrides(job: str, bundle: Path, overrides: Mapping[str, Any]) -> None:
    """Load a bundle's job with the SDK, and check that nothing of the overrides is dropped.

    Args:
        job: Name of the job in `azureml.yml`.
        bundle: The bundle's folder.
        overrides: What the job overrides, that of steps below `jobs`.

    Raises:
        OverridesRefusedError: The SDK refuses the job, or leaves a part of the overrides out.
    """
    from azure.ai.ml import load_job

    quieten()
    file = bundle / "pipeline.yml"
    document = load_yaml(file.read_text(encoding="utf-8"))
    for step in document["jobs"].values():
        step["component"] = _COMPONENT
    named = {make_azure_name(name): name for name in overrides.get("jobs", {})}
    try:
        with translate_sdk_errors(f"reading the overrides of the job '{job}'"):
            loaded: Any = load_job(io.StringIO(json.dumps(document)), relative_origin=str(file))
    except RefusedError as error:
        messages = getattr(error.__cause__, "messages", [str(error)])
        raise OverridesRefusedError(job, _explain(messages, named)) from error
    written = io.StringIO()
    loaded.dump(written)
    kept = load_yaml(written.getvalue())
    steps = {
        make_azure_name(name): {k: v for k, v in step.items() if k not in _OF_ALL_NODES}
        for name, step in overrides.get("jobs", {}).items()
    }
    asked = {**overrides, "jobs": steps}
    dropped = list(dict.fromkeys(_list_dropped(asked, kept, ())))
    problems = [*_list_unknown(overrides), *(_no_effect(keys, named) for keys in dropped)]
    if problems:
        raise OverridesRefusedError(job, problems)


def _list_unknown(overrides: Mapping[str, Any]) -> Iterator[str]:
    """Find keys of steps that the SDK would keep to itself: it takes any, and sends those alone."""
    from azure.ai.ml.entities import Command

    known = {*_OF_ALL_NODES, *signature(Command).parameters} - _NO_KEY
    for name, step in overrides.get("jobs", {}).items():
        for key in step:
            if key not in known:
                yield f"jobs.{name}.{key}: unknown key '{key}' {did_you_mean(key, known)}"


def _list_dropped(asked: Any, kept: Any, keys: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Find what the SDK has left out of the job; how it writes a value is its own affair."""
    if isinstance(asked, Mapping):
        for key, value in asked.items():
            inside = kept.get(key) if isinstance(kept, Mapping) else None
            if value is not None and value != {}:
                yield from _list_dropped(value, inside, (*keys, key))
    elif kept is None:
        yield keys


def _no_effect(keys: tuple[str, ...], named: Mapping[str, str]) -> str:
    return f"{_place(keys, named)}: Azure ML does not know it, and would leave it out"


def _explain(messages: Any, named: Mapping[str, str]) -> list[str]:
    """Return the SDK's messages, one for each place: it has two forms of them."""
    if isinstance(messages, Mapping):
        return [
            f"{_place(keys, named)}: {text[:1].lower()}{text[1:].rstrip('.')}"
            for keys, text in _flatten(messages, ())
        ]
    text = "\n".join(map(str, messages))
    try:
        errors = json.loads(text[text.index("{") : text.rindex("}") + 1])["errors"]
        return [
            f"{_place(tuple(e['path'].split('.')), named)}: {_shorten(e['message'])}"
            for e in errors
        ]
    except (ValueError, KeyError, TypeError):
        return [" ".join(text.split())]


def _flatten(messages: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            # The SDK's own level between the name of a step and its keys.
            own = key == "value" and len(keys) == 2 and keys[0] == "jobs"
            yield from _flatten(inner, keys if own else (*keys, str(key)))
    else:
        yield keys, "; ".join(map(str, messages)) if isinstance(messages, list) else str(messages)


def _shorten(message: str) -> str:
    # It may also be a binding, which an override may not.
    return re.sub(r"Value passed is not a data binding string: [^;]*; ", "", message).rstrip(".")


def _place(keys: tuple[str, ...], named: Mapping[str, str]) -> str:
    if len(keys) > 1 and keys[0] == "jobs":
        keys = (keys[0], named.get(keys[1], keys[1]), *keys[2:])
    return ".".join(keys)
