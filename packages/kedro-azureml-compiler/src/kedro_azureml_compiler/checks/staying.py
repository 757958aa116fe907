"""Find code and files that stay behind although the project imports, opens or names them."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.snapshot import NEVER_FILES, NEVER_FOLDERS, advise_inclusion

if TYPE_CHECKING:
    from kedro_azureml_compiler.planning.facts import ProjectFacts

IMPORT_IGNORED = FindingKind(
    code="import-ignored",
    severity=Severity.ERROR,
    about=About.FILE,
    title="The ignore file excludes a module that the project imports",
    explanation=(
        "The step would fail with `ModuleNotFoundError`. Patterns without a leading slash match "
        "in every folder: `build/` and `**/*credentials*` also match code."
    ),
    hint=(
        "Anchor the pattern (`/build/`), or include the module at the end of `.amlignore`: "
        "`!src/shop/vault_credentials.py`."
    ),
)

FILE_STAYS = FindingKind(
    code="file-stays",
    severity=Severity.WARNING,
    about=About.FILE,
    title="A file that the project opens or names does not travel",
    explanation=(
        "The project's code opened the file while its pipelines were read, or a parameter names "
        "it, but the ignore file excludes it from the upload. It is missing in a step."
    ),
    hint="Include it at the end of `.amlignore`, or let the code work without it.",
)


def check_staying(facts: ProjectFacts, code: Sequence[str]) -> list[Finding]:
    """Find what does not travel although the project imports, opens or names it.

    Args:
        facts: What is known about the project.
        code: Files of the snapshot, relative to the project, sorted.
    """
    travelling = set(code)
    findings = [
        IMPORT_IGNORED.found(
            file,
            f"{importer} imports this module, and the ignore file keeps it from being uploaded.",
            f"{advise_inclusion(facts.root, file)}, or anchor the line that names it.",
        )
        for file, importer in _imported(facts, travelling)
    ]
    for file in facts.opened:
        path = PurePosixPath(file)
        if file in travelling or NEVER_FOLDERS.intersection(path.parts) or _is_in(facts, path):
            continue
        message = "the project's code opens this file while it is read, and it does not travel."
        hint = f"{advise_inclusion(facts.root, file)}, or do without the file in a step."
        if path.name in NEVER_FILES:
            hint = "This file never travels: give the step its variables in 'steps' of azureml.yml."
        findings.append(FILE_STAYS.found(file, message, hint))
    findings += _named(facts, code)
    return findings


def _is_in(facts: ProjectFacts, path: PurePosixPath) -> bool:
    """Check for data that steps get through a mount."""
    return any(path.is_relative_to(copy) for copy in facts.local_copies)


def _imported(facts: ProjectFacts, travelling: set[str]) -> Iterator[tuple[str, str]]:
    """Return each module that stays behind, and the first that imports it."""
    package = PurePosixPath(facts.source)
    ignored = {}
    for folder, inside, names in os.walk(facts.root / facts.source):
        inside[:] = [name for name in inside if name not in NEVER_FOLDERS]
        below = PurePosixPath(Path(folder).relative_to(facts.root).as_posix())
        for name in names:
            file = (below / name).as_posix()
            if name.endswith(".py") and file not in travelling:
                ignored[_module(file, package)] = file
    if f"{facts.source}/__init__.py" in ignored.values() or not ignored:
        return  # the whole package stays: a finding of its own
    importers: dict[str, str] = {}
    for file in sorted(f for f in travelling if f.endswith(".py")):
        if PurePosixPath(file).is_relative_to(package):
            for module in _imports(facts.root / file, _module(file, package)):
                importers.setdefault(module, f"'{file}'")
    for module, file in sorted(ignored.items()):
        importer = importers.get(module)
        if importer is None and _is_loaded(module, facts.root / file):
            importer = "the project"  # find_pipelines() names no module
        if importer is not None:
            yield file, importer


def _is_loaded(module: str, file: Path) -> bool:
    return getattr(sys.modules.get(module), "__file__", None) == str(file)


def _module(file: str, package: PurePosixPath) -> str:
    parts = PurePosixPath(file).relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(file: Path, module: str) -> Iterator[str]:
    """Return the modules that a file imports, at its top or inside functions."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    parts = module.split(".")
    here = parts if file.name == "__init__.py" else parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _parents(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from _parents(start)
            for alias in node.names:
                yield f"{start}.{alias.name}"


def _parents(module: str) -> Iterator[str]:
    parts = module.split(".")
    for size in range(1, len(parts) + 1):
        yield ".".join(parts[:size])


def _named(facts: ProjectFacts, code: Sequence[str]) -> Iterator[Finding]:
    """Find paths in parameters that exist here and do not travel."""
    there = set(code)
    folders = {parent.as_posix() for file in code for parent in PurePosixPath(file).parents}
    found = set()
    for file in list_config_files(
        facts.root, facts.files.folders, facts.files.patterns.get("parameters", ())
    ):
        if file not in there:
            continue
        try:
            content = yaml.safe_load((facts.root / file).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            continue  # Kedro has reported it
        for keys, text in _texts(content, ()):
            path = PurePosixPath(text)
            name = path.as_posix()
            if "/" not in text or "://" in text or len(text) > 500 or path.is_absolute():
                continue
            if name in there or name in folders or ".." in path.parts or name in found:
                continue
            if not _exists(facts.root / name) or _is_in(facts, path):
                continue
            found.add(name)
            message = f"'params:{'.'.join(keys)}' names it, and it does not travel."
            hint = (
                f"{advise_inclusion(facts.root, name)}, or, where steps only write it, make "
                "the folder in the node."
            )
            yield FILE_STAYS.found(name, message, hint)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _texts(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*keys, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, keys)
    elif isinstance(value, str):
        yield keys, value
