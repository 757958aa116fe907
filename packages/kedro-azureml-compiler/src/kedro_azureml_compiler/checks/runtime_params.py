"""Find runtime parameters that nothing reads: most are typed wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.suggestions import did_you_mean
from kedro_azureml_compiler.yaml_text import compose_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_compiler.planning.facts import ProjectFacts

UNKNOWN_RUNTIME_PARAMETER = FindingKind(
    code="unknown-runtime-parameter",
    severity=Severity.WARNING,
    about=About.PROJECT,
    title="A runtime parameter has a name that the project does not know",
    explanation=(
        "`--params` and the job's `params` may add parameters as well as replace them, so a name "
        "that is typed wrong changes nothing: the job runs with the value of the project. Known "
        "are the keys of the parameter files, what nodes read as `params:`, and "
        "`${runtime_params:}` in the configuration."
    ),
    hint="Correct the name, or add the parameter to the project's parameters.",
)

_REFERENCE = re.compile(r"\$\{\s*runtime_params\s*:\s*([^,}\s]+)")
_ANYTHING = "..."
"""Stands for a value of which the files do not say what keys it has."""


def check_runtime_params(facts: ProjectFacts) -> list[Finding]:
    """Find the runtime parameters that the project does not know.

    Args:
        facts: What is known about the project.
    """
    patterns = facts.files.patterns.get("parameters", ())
    # An archive, and a config loader of another kind, say nothing about their files.
    if not facts.params or not patterns or not facts.run_env:
        return []
    known: dict[str, Any] = {}
    for file in list_config_files(facts.root, facts.files.folders, patterns):
        _merge(known, _keys_of(facts, file))
    for node in facts.nodes:
        for name in node.inputs:
            if name.startswith("params:"):
                _add_read(known, name.removeprefix("params:").split("."))
    unknown = list(_unknown(facts.params, known, ()))
    if not unknown:
        return []
    for keys in _referenced(facts):
        _merge(known, _nested(keys))
    names = [".".join(path) for path in _paths(known, ())]
    unknown = list(_unknown(facts.params, known, ()))
    return [_finding(".".join(path), names, _value_above(known, path)) for path in unknown]


def _finding(name: str, known: list[str], replaced: str) -> Finding:
    suggestion = did_you_mean(name, known)
    near = f" {suggestion}" if suggestion.startswith("(did") else ""
    effect = "so the value changes nothing"
    if replaced:
        effect = f"and the value of '{replaced}', which is not a mapping, is replaced by one"
    message = f"the project has no parameter of this name{near}, {effect}."
    return UNKNOWN_RUNTIME_PARAMETER.found(f"params:{name}", message)


def _keys_of(facts: ProjectFacts, file: str) -> Any:
    try:
        text = (facts.root / file).read_text(encoding="utf-8")
        return _keys(compose_yaml(text), ())
    except (OSError, ValueError, yaml.YAMLError):
        return {}  # Kedro has read it, or has reported it


def _keys(node: Any, above: tuple[int, ...]) -> Any:
    """Return the keys below a YAML node, as nested dicts."""
    if isinstance(node, yaml.MappingNode) and id(node) not in above:
        inside = (*above, id(node))
        return {str(key.value): _keys(value, inside) for key, value in node.value}
    if isinstance(node, yaml.ScalarNode) and not ("${" in node.value or _is_null(node)):
        return None
    return _ANYTHING


def _is_null(node: yaml.ScalarNode) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def _nested(keys: list[str]) -> Any:
    nested: Any = _ANYTHING
    for key in reversed(keys):
        nested = {key: nested}
    return nested


def _merge(known: dict[str, Any], more: Any) -> None:
    for key, value in more.items() if isinstance(more, dict) else ():
        old = known.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value)
        elif old is None or isinstance(value, dict):
            known[key] = value if old != _ANYTHING else old


def _add_read(known: dict[str, Any], keys: list[str]) -> None:
    """Add what a node reads; what the files say of it is known better."""
    for key in keys[:-1]:
        inner = known.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        known = inner
    known.setdefault(keys[-1], _ANYTHING)


def _value_above(known: dict[str, Any], path: tuple[str, ...]) -> str:
    """Return the parameter with a value, not keys, into which a path leads; '' if there is none."""
    inner: Any = known
    for depth, key in enumerate(path):
        if not isinstance(inner, dict):
            return ".".join(path[:depth])
        if key not in inner:
            return ""
        inner = inner[key]
    return ""


def _unknown(
    params: Mapping[str, Any], known: Any, above: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    for key, value in params.items():
        path = (*above, key)
        if not isinstance(known, dict) or key not in known:
            yield path
        elif isinstance(value, Mapping) and value and known[key] != _ANYTHING:
            yield from _unknown(value, known[key], path)


def _paths(known: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, value in known.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from _paths(value, (*above, key))


def _referenced(facts: ProjectFacts) -> Iterator[list[str]]:
    """Yield the names that `${runtime_params:}` asks for, anywhere in the configuration."""
    for file in list_config_files(facts.root, facts.files.folders, ("**/*",)):
        try:
            text = (facts.root / file).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        yield from (match.split(".") for match in _REFERENCE.findall(text))
