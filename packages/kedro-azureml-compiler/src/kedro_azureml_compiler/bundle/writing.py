"""Write a bundle, the folder that is simulated, submitted and scheduled: all of it or nothing."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from importlib.metadata import requires
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any, TextIO

import yaml
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_runner.image_check import IMAGE_FILE
from kedro_azureml_runner.protocol.invocation import params_to_json

from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.bundle.copying import copy_file
from kedro_azureml_compiler.bundle.drafts import open_draft, put_in_place
from kedro_azureml_compiler.bundle_layout import (
    CODE_FOLDER,
    ENVIRONMENTS_FOLDER,
    INPUTS_FOLDER,
    KEEP_FILE,
    PARAMS_FILE,
    PIPELINE_FILE,
    PLAN_FILE,
    PLAN_PAGE,
    RUNNER_FOLDER,
)
from kedro_azureml_compiler.drawing.details import NO_DETAILS, PageDetails
from kedro_azureml_compiler.drawing.page import render_plan_page
from kedro_azureml_compiler.planning.plan import Flow, Plan

_START = '''\
"""Starts a step; the runner is next to this file."""

import sys
from pathlib import Path

# Absolute, for nodes that change the working directory.
sys.path[0] = str(Path(__file__).parent.resolve())

from kedro_azureml_runner.__main__ import main

sys.exit(main())
'''


_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_FOLDER = frozenset({errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.ENOENT})


class OccupiedError(KedroAzureMLError):
    """The target of the bundle exists and is not a bundle; it was not changed."""

    blame = "user"


class BundleError(KedroAzureMLError):
    """The bundle cannot be written; the previous one is unchanged."""

    blame = "machine"


class SourceError(KedroAzureMLError):
    """A file of the project cannot be read, so it cannot travel."""

    blame = "user"


def write_bundle(
    target: Path,
    *,
    pipeline_yml: str,
    plan: Plan,
    project: Path,
    code: Sequence[str] | None,
    environment_paths: Sequence[str] = (),
    kept_folders: Sequence[str] = (),
    details: PageDetails = NO_DETAILS,
) -> None:
    """Write a bundle, and replace an existing one.

    It is written next to the target and then moved there, so that the target is at any time either
    a complete bundle or unchanged.

    Args:
        target: The folder of the bundle.
        pipeline_yml: Text of the pipeline job.
        plan: The plan that it was made from.
        project: The project's folder.
        code: Files of the snapshot, relative to the project; None if the image contains the code.
        environment_paths: Files and folders of the project from which environments are made.
        kept_folders: Folders that must exist in the snapshot though they may be empty.
        details: What the page shows beside the plan.

    Raises:
        OccupiedError: The target exists and is not a bundle.
        SourceError: A file of the project cannot be read.
        BundleError: The target cannot be written.
    """
    check_target(target, project)
    try:
        with open_draft(target) as draft:
            (draft / PIPELINE_FILE).write_text(pipeline_yml, encoding="utf-8", newline="\n")
            _write_json(draft / PLAN_FILE, plan_to_dict(plan))
            with _open_text(draft / PLAN_PAGE) as page:
                page.writelines(render_plan_page(plan, details))
            if code is not None:
                _write_code(draft / CODE_FOLDER, project, code, kept_folders)
            _write_inputs(draft / INPUTS_FOLDER, project, plan)
            for path in environment_paths:
                _write_environment(project, path, draft / ENVIRONMENTS_FOLDER / path)
            put_in_place(draft, target)
    except OSError as error:
        source = _source_of(error, project, target)
        if source is not None:
            raise SourceError(
                f"'{source}' cannot be read: {error.strerror or error}.",
                hint="Make it readable, or list it in .amlignore if no step reads it.",
            ) from error
        raise BundleError(
            f"The bundle cannot be written to '{target}': {error.strerror or error}"
            + (f" ('{error.filename}')." if error.filename else "."),
            hint=_hint(error),
        ) from error


def _source_of(error: OSError, project: Path, target: Path) -> str | None:
    """Return the file of the project, relative to it, that could not be read."""
    # A copy that finds no space names its source as well.
    if not isinstance(error.filename, str) or error.errno in _NO_SPACE:
        return None
    path = Path(error.filename)
    if not path.is_relative_to(project) or path.is_relative_to(target.parent):
        return None
    return path.relative_to(project).as_posix()


def _hint(error: OSError) -> str:
    elsewhere = "name another folder with --output, if the command has it."
    if error.errno in _NO_SPACE:
        return f"Free some space on that disk, or {elsewhere}"
    if error.errno == errno.ENAMETOOLONG:
        return f"Shorten the name, or {elsewhere}"
    if error.errno in _NO_FOLDER:
        return f"Remove or rename what is there instead of a folder, or {elsewhere}"
    return f"Make that folder writable, or {elsewhere}"


def plan_to_dict(plan: Plan) -> dict[str, Any]:
    """Return a plan as `plan.json` holds it, with the names that its parts have in the job."""
    content: dict[str, Any] = {"format": 1, **_plain(plan)}
    for step in content["steps"]:
        step["port_names"] = {n: make_azure_name(n) for n in (*step["reads"], *step["writes"])}
        step["job_name"] = make_azure_name(step["name"])
    return content


def read_image_requirements() -> dict[str, str]:
    """Return the packages that a step image must have, from the metadata of the installed ones.

    Example:
        >>> sorted(read_image_requirements())
        ['kedro', 'kedro-azureml-datasets']
    """
    wanted = {}
    for package in ("kedro-azureml-runner", "kedro-azureml-datasets"):
        for line in requires(package) or ():
            requirement = line.partition(";")[0].strip()
            name = requirement.split("<")[0].split(">")[0].split("=")[0].strip()
            if name in {"kedro", "kedro-azureml-datasets"}:
                wanted[name] = requirement.removeprefix(name).strip()
    return wanted


def check_target(target: Path, project: Path) -> None:
    """Refuse to replace anything but a bundle.

    Args:
        target: Where the bundle is to be, absolute.
        project: The project's folder, absolute.

    Raises:
        OccupiedError: The target exists and is not a bundle.
    """
    if target == project or target in project.parents or not _is_free_or_bundle(target):
        raise OccupiedError(
            f"'{target}' exists and is not a bundle, so it is not replaced.",
            hint="Remove it yourself, or name another folder with --output, if the command has it.",
        )


def _is_free_or_bundle(target: Path) -> bool:
    if not target.exists():
        return True
    return target.is_dir() and (not any(target.iterdir()) or is_bundle(target))


def is_bundle(folder: Path) -> bool:
    """Check whether a folder is a bundle without any other files.

    Args:
        folder: A folder that exists.
    """
    names = {entry.name for entry in folder.iterdir()}
    parts = {
        PIPELINE_FILE, PLAN_FILE, PLAN_PAGE, CODE_FOLDER, INPUTS_FOLDER, ENVIRONMENTS_FOLDER,
    }  # fmt: skip
    return {PIPELINE_FILE, PLAN_FILE} <= names <= parts


def _write_code(
    folder: Path, project: Path, code: Sequence[str], kept_folders: Sequence[str]
) -> None:
    for name in code:
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy_file(project / name, copy)  # with its mode: scripts stay executable
    for name in kept_folders:
        kept = folder / name
        kept.mkdir(parents=True, exist_ok=True)
        if not any(kept.iterdir()):
            (kept / KEEP_FILE).touch()  # empty folders do not travel
    runner = folder / RUNNER_FOLDER
    _copy_package(files("kedro_azureml_runner"), runner / "kedro_azureml_runner")
    (runner / "__main__.py").write_text(_START, encoding="utf-8", newline="\n")
    required = json.dumps(read_image_requirements(), indent=2, sort_keys=True)
    (runner / IMAGE_FILE).write_text(required + "\n", encoding="utf-8", newline="\n")


def _copy_package(source: Any, target: Path) -> None:
    target.mkdir(parents=True)
    for entry in sorted(source.iterdir(), key=lambda e: e.name):
        if entry.is_dir() and entry.name != "__pycache__":
            _copy_package(entry, target / entry.name)
        elif entry.name.endswith(".py"):
            (target / entry.name).write_bytes(entry.read_bytes())


def _write_inputs(folder: Path, project: Path, plan: Plan) -> None:
    if plan.has_long_params:
        folder.mkdir()
        text = params_to_json(plan.params) + "\n"
        (folder / PARAMS_FILE).write_text(text, encoding="utf-8", newline="\n")
    for dataset in plan.datasets:
        if dataset.flow is not Flow.UPLOAD or dataset.source is None:
            continue
        inside = PurePosixPath(dataset.source).relative_to(dataset.source_root or "")
        _copy(project / dataset.source, folder / make_azure_name(dataset.name) / inside)


def _write_environment(project: Path, path: str, copy: Path) -> None:
    """Copy a build context as it is, and a conda file with its requirements files in place."""
    from kedro_azureml_compiler.conda_files import read_conda_file

    conda = read_conda_file(project, path) if (project / path).is_file() else None
    if conda is None or not conda.included:
        _copy(project / path, copy)
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(conda.content, sort_keys=False, allow_unicode=True, width=1000)
    copy.write_text(text, encoding="utf-8", newline="\n")


def _copy(source: Path, copy: Path, seen: tuple[str, ...] = ()) -> None:
    """Copy a file or a folder; links are followed, except those to a parent folder."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    if not source.is_dir():
        copy_file(source, copy)
        return
    real = os.path.realpath(source)
    if real in seen:
        return
    copy.mkdir(exist_ok=True)
    for entry in sorted(os.scandir(source), key=lambda entry: entry.name):
        _copy(Path(entry.path), copy / entry.name, (*seen, real))


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write each step, dataset and so on in its own line, to be searched by line."""
    # Without an indent, it is done in C.
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    with _open_text(path) as file:
        before = "{"
        for key, value in content.items():
            file.write(f"{before}\n  {encode(key)}: ")
            if isinstance(value, list) and value and isinstance(value[0], dict):
                file.write("[\n    ")
                for number, item in enumerate(value):
                    file.write((",\n    " if number else "") + encode(item))
                file.write("\n  ]")
            else:
                file.write(encode(value))
            before = ","
        file.write("\n}\n")


def _open_text(path: Path) -> TextIO:
    # By default, each 8 KB would be a call of the system.
    return path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20)


_KEPT = frozenset({str, bool, int, type(None)})
"""What JSON writes as it is; first of all, because most values are of these."""


def _plain(value: Any) -> Any:
    kind: Any = type(value)
    if kind in _KEPT:
        return value
    fields = _list_fields(kind)
    if fields is not None:
        return {name: _plain(getattr(value, name)) for name in fields}
    if isinstance(value, (list, tuple)):
        return [inner if type(inner) in _KEPT else _plain(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return value


@cache
def _list_fields(kind: Any) -> tuple[str, ...] | None:
    """Return the fields of a dataclass or a named tuple; None of another type."""
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    return getattr(kind, "_fields", None)
