"""The names in a project that options and arguments take: jobs, steps, nodes, assets.

They are read from this machine alone. Jobs and assets are read from the files as they are written,
as long as those say everything; otherwise, and for steps and nodes, the project is opened.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem
from kedro.utils import find_kedro_project

from kedro_azureml_cli.terminal.command_groups import CommandGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kedro_azureml_compiler import ExaminedJob, ProjectRequest

_ASSET_DATASET = "AzureMLAssetDataset"
_CONFIG = "conf"
_BASE, _LOCAL = "base", "local"


class _NameType(click.types.StringParamType):
    """A string for which the names in the project are suggested."""

    def __init__(self, read: Callable[[click.Context], Iterable[str]], *, is_list: bool) -> None:
        self._read = read
        self._is_list = is_list

    def shell_complete(
        self, ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        before, comma, last = incomplete.rpartition(",") if self._is_list else ("", "", incomplete)
        names = dict.fromkeys(self._read(ctx))
        return [CompletionItem(f"{before}{comma}{n}") for n in names if n.startswith(last)]


@contextmanager
def complete_names() -> Iterator[None]:
    """Let the commands suggest names meanwhile."""
    CommandGroup.prepared_by.append(_suggest_names)
    try:
        yield
    finally:
        CommandGroup.prepared_by.remove(_suggest_names)


def _suggest_names(command: click.Command) -> None:
    for param in command.params:
        read = _READERS.get(param.name or "")
        if read is not None and isinstance(param.type, click.types.StringParamType):
            param.type = _NameType(read, is_list=param.name in _LISTS)


def _read_jobs(ctx: click.Context) -> Iterable[str]:
    written = _read_written("azureml.yml", ctx)
    jobs = (written or {}).get("jobs")
    if isinstance(jobs, dict) and not any("{" in str(name) for name in jobs):
        return [str(name) for name in jobs]
    from kedro_azureml_compiler import list_defined_jobs

    return list(list_defined_jobs(_request(ctx)))


def _read_workspaces(ctx: click.Context) -> Iterable[str]:
    workspaces = (_read_written("azureml.yml", ctx) or {}).get("workspace")
    return [str(name) for name in workspaces] if isinstance(workspaces, dict) else []


def _read_assets(ctx: click.Context) -> Iterable[str]:
    entries = _read_written("catalog*", ctx)
    if entries is None or any("{" in str(name) for name in entries):
        from kedro_azureml_compiler import read_catalog_facts

        facts = read_catalog_facts(_request(ctx))
        return [d.name for d in facts.datasets.values() if d.asset is not None]
    return [
        str(name)
        for name, entry in entries.items()
        if isinstance(entry, dict) and str(entry.get("type", "")).endswith(_ASSET_DATASET)
    ]


def _read_steps(ctx: click.Context) -> Iterable[str]:
    return [step.name for step in _examine(_request(ctx), _job(ctx)).plan.steps]


def _read_azure_steps(ctx: click.Context) -> Iterable[str]:
    return list(_examine(_request(ctx), _job(ctx)).pipeline_job.jobs)


def _read_nodes(ctx: click.Context) -> Iterable[str]:
    steps = _examine(_request(ctx), _job(ctx)).plan.steps
    return [node for step in steps for node in step.nodes]


def _read_tags(ctx: click.Context) -> Iterable[str]:
    steps = _examine(_request(ctx), _job(ctx)).plan.steps
    return sorted({tag for step in steps for tag in step.tags})


def _read_datasets(ctx: click.Context) -> Iterable[str]:
    return [d.name for d in _examine(_request(ctx), _job(ctx)).plan.datasets]


def _read_pipelines(_ctx: click.Context) -> Iterable[str]:
    from kedro.framework.project import pipelines
    from kedro.framework.startup import bootstrap_project

    bootstrap_project(find_kedro_project(Path.cwd()) or Path.cwd())
    return list(pipelines)


def _read_envs(_ctx: click.Context) -> Iterable[str]:
    project = find_kedro_project(Path.cwd())
    folders = (project / _CONFIG).iterdir() if project else ()
    return sorted(folder.name for folder in folders if folder.is_dir())


_LISTS = {
    "filter_pipeline": _read_pipelines,
    "filter_pipeline_names": _read_pipelines,
    "filter_node_names": _read_nodes,
    "filter_from_nodes": _read_nodes,
    "filter_to_nodes": _read_nodes,
    "filter_tags": _read_tags,
    "filter_from_inputs": _read_datasets,
    "filter_to_outputs": _read_datasets,
}
"""Arguments that are lists of names with commas between them."""

_READERS = _LISTS | {
    "job": _read_jobs,
    "jobs": _read_jobs,
    "workspace": _read_workspaces,
    "env": _read_envs,
    "name": _read_assets,
    "names": _read_assets,
    "step": _read_steps,
    "only": _read_azure_steps,
    "start": _read_azure_steps,
    "datasets": _read_datasets,
}
"""Name of a command's argument to what reads the names that it takes."""


def _job(ctx: click.Context) -> str:
    """Return the job that the command line names, or the first one."""
    named = ctx.params.get("job") or ctx.params.get("jobs")
    if isinstance(named, str):
        return named
    return named[0] if named else next(iter(_read_jobs(ctx)))


def _request(ctx: click.Context) -> ProjectRequest:
    from kedro_azureml_compiler import ProjectRequest

    return ProjectRequest(Path(find_kedro_project(Path.cwd()) or "."), ctx.params.get("env"))


@cache
def _open(request_path: Path, env: str | None, job: str) -> ExaminedJob:
    from kedro_azureml_compiler import ProjectRequest, examine_job

    return examine_job(ProjectRequest(request_path, env), job)


def _examine(request: ProjectRequest, job: str) -> ExaminedJob:
    return _open(request.path, request.env, job)


def _read_written(pattern: str, ctx: click.Context) -> dict[str, Any] | None:
    """Merge the top level of files as they are written; None if they may not say everything."""
    from kedro_azureml_compiler import load_yaml

    project = find_kedro_project(Path.cwd())
    if project is None or ctx.params.get("conf_source"):
        return None
    merged: dict[str, Any] = {}
    found = False
    for env in (_BASE, ctx.params.get("env") or _LOCAL):
        for file in sorted((project / _CONFIG / env).rglob(pattern)):
            if file.suffix in {".yml", ".yaml", ".json"}:
                content = load_yaml(file.read_text(encoding="utf-8"))
                merged |= content if isinstance(content, dict) else {}
                found = True
    return merged if found else None
