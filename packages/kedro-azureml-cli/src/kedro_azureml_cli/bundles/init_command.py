"""`kedro azureml init`: write the files that a project needs."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.fixing.ci_files import (
    CI_FILES,
    HOOKS_FILE,
    describe_project,
    render_ci_file,
    render_hooks,
)
from kedro_azureml_cli.fixing.logging_file import (
    extend_logging,
    find_logging_file,
    render_logging,
)
from kedro_azureml_cli.fixing.project_files import (
    IGNORE_FILE,
    SCHEMA_FILE,
    render_ignore_rules,
    render_schema_line,
    render_settings,
)
from kedro_azureml_cli.terminal.exit_codes import MachineError, show_errors_as_messages
from kedro_azureml_cli.terminal.options import fixing_options
from kedro_azureml_cli.terminal.result_stream import redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.fixing.ci_files import CiKind
    from kedro_azureml_cli.terminal.options import WritingOptions

NEW_JOB = "default"
"""The job of a new `azureml.yml`."""


class AlreadyThereError(KedroAzureMLError):
    """A file that `init` would write exists."""

    blame = "user"


@click.command("init")
@click.option("--subscription-id", default="<subscription id>", help="Azure subscription ID.")
@click.option("--resource-group", default="<resource group>", help="Azure resource group.")
@click.option("--workspace", default="<workspace>", help="Azure ML workspace.")
@click.option("--cluster", default="cpu-cluster", show_default=True, help="Compute cluster.")
@click.option(
    "--aml-env",
    "--environment",
    "environment",
    default="<environment>@latest",
    help="Azure ML environment with the project's requirements and kedro-azureml-datasets.",
)
@click.option(
    "--ci",
    multiple=True,
    type=click.Choice(tuple(CI_FILES)),
    help="Also write what checks the project on every push, and submits a job from the branch "
    "main: a workflow of GitHub Actions, or a pipeline of Azure DevOps; repeatable.",
)
@click.option("--schema", is_flag=True, help=f"Write {SCHEMA_FILE} alone: again, after an update.")
@click.option("--force", is_flag=True, help="Replace azureml.yml and .amlignore.")
@fixing_options
@click.pass_obj
def init_command(
    metadata: ProjectMetadata,
    /,
    ci: tuple[CiKind, ...],
    schema: bool,
    force: bool,
    writing: WritingOptions,
    **values: str,
) -> None:
    """Write azureml.yml and .amlignore.

    azureml.yml describes the project's jobs; .amlignore lists what is not uploaded with them;
    azureml.schema.json lets editors complete and check azureml.yml. Also has Kedro's logging, in
    conf/logging.yml, leave out its line about itself, which would stand before the JSON of a
    command.

    With --ci, an azureml.yml and an .amlignore that exist are kept, unless --force is given. Files
    of the CI are never replaced.

    With --fix, also writes the catalog entries that the hints of 'kedro azureml check' show; the
    changes are shown as a diff first. If they are not written, neither are these files.
    """
    if schema and (ci or force or writing.fix):
        raise click.UsageError(
            f"--schema writes {SCHEMA_FILE} alone; use it without other options."
        )
    from kedro.framework.project import settings

    with redirect_the_rest_to_stderr():  # the settings are code of the project
        base = settings.CONFIG_LOADER_ARGS.get("base_env", "base")
        project, conf = metadata.project_path, settings.CONF_SOURCE
    described = project / conf / base / "azureml.yml"
    schema_line = render_schema_line(os.path.relpath(project / SCHEMA_FILE, described.parent))
    values |= {"package": metadata.package_name, "schema_line": schema_line}
    if schema:
        with show_errors_as_messages():
            _write_all(_plan_schema(project))
        click.echo(f"Wrote {SCHEMA_FILE}")
        _name_schema_line(described, schema_line)
        return
    targets = {
        described: render_settings(values),
        project / IGNORE_FILE: render_ignore_rules(conf),
    }
    of_ci = [CI_FILES[kind] for kind in dict.fromkeys(ci)]
    remarks: list[str] = []
    with show_errors_as_messages():
        there = [path for path in targets if path.exists() and not force]
        if ci:
            targets = {path: text for path, text in targets.items() if path not in there}
            there = [project / name for name in of_ci if os.path.lexists(project / name)]
        if there:
            raise _already_there([str(path.relative_to(project)) for path in there], ci, writing)
        if ci:
            job = NEW_JOB if described in targets else _first_job(project)
            planned, hook_remark = _plan_ci(project, ci, job)
            targets |= planned
            remarks.append(hook_remark)
        logging, remark = _plan_logging(project)
        targets |= _plan_schema(project) | logging
        with _restore_unless_kept(targets) as keep:
            _write_all(targets)
            if not writing.fix or _fix(project, writing):
                keep()
    if writing.dry_run:
        click.echo(f"Would write {' and '.join(str(p.relative_to(project)) for p in targets)}")
        return
    for path in targets:
        click.echo(f"Wrote {path.relative_to(project)}")
    for text in filter(None, [remark, *remarks]):
        click.echo(text)
    _name_schema_line(described, schema_line)
    for name in of_ci:
        click.echo(f"{name} verifies and submits the job '{job}'; its first lines say how.")
    if described in targets and any("<" in value for value in values.values()):
        click.echo("Replace the <placeholders> in azureml.yml before you submit.")
    click.echo("Next:  kedro azureml check")


_HOOK_REMARK = (
    f"{HOOKS_FILE} is there already; for a check before each commit, add to 'repos' in it:\n"
    + "".join(f"  {line}\n" for line in render_hooks().partition("repos:\n")[2].splitlines())
).rstrip()


def _already_there(
    names: list[str], ci: tuple[CiKind, ...], writing: WritingOptions
) -> AlreadyThereError:
    verb = "exists" if len(names) == 1 else "exist"
    hint = (
        "Move it away to have it written; it is never replaced."
        if ci
        else "Replace existing files with --force."
        + " Or fix the catalog alone with: kedro azureml check --fix" * writing.fix
    )
    return AlreadyThereError(
        f"{' and '.join(names)} already {verb}; nothing was written.", hint=hint
    )


def _plan_ci(project: Path, ci: tuple[CiKind, ...], job: str) -> tuple[dict[Path, str], str]:
    """Return the files of the CI, and what is left to the owner."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    described = describe_project(project, job, python)
    planned = {project / CI_FILES[kind]: render_ci_file(kind, described) for kind in ci}
    hooks = project / HOOKS_FILE
    if not os.path.lexists(hooks):  # a link to nothing is its owner's too
        return planned | {hooks: render_hooks()}, ""
    written = hooks.read_text("utf-8", errors="replace") if hooks.is_file() else ""
    has_hook = "kedro azureml check" in written
    return planned, "" if has_hook else _HOOK_REMARK


def _first_job(project: Path) -> str:
    """Return the first job of the project."""
    from kedro_azureml_compiler import ConfigError, ProjectRequest, list_defined_jobs

    with redirect_the_rest_to_stderr():
        names = [*list_defined_jobs(ProjectRequest(project))]
    if not names:
        raise ConfigError("azureml.yml has no jobs.", hint="Add one below 'jobs:'.")
    return names[0]


def _plan_schema(project: Path) -> dict[Path, str]:
    """Return the file with the schema of the compiler that is installed."""
    from kedro_azureml_compiler import render_settings_schema

    return {project / SCHEMA_FILE: render_settings_schema()}


def _name_schema_line(described: Path, schema_line: str) -> None:
    """Show the line that an `azureml.yml` of the user's own lacks."""
    if described.is_file() and SCHEMA_FILE not in described.read_text("utf-8", errors="replace"):
        click.echo(f"For editors, put at the top of {described.name}:  {schema_line}")


def _plan_logging(project: Path) -> tuple[dict[Path, str], str]:
    """Return the logging file if it changes, and what is left to the owner."""
    path = find_logging_file(project)
    try:
        before = path.read_bytes().decode("utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError):
        return {}, ""  # Kedro itself could not have begun with such a file
    after = render_logging() if before is None else extend_logging(before)
    if after is None:
        shown = path.relative_to(project)
        return {}, f"Add to 'loggers' in {shown}:  kedro.framework.project: {{level: WARNING}}"
    return ({path: after} if after != before else {}), ""


def _fix(project: Path, writing: WritingOptions) -> bool:
    """Fix the catalog for the new job; return whether the files of this command stay."""
    from kedro_azureml_compiler import ProjectRequest, check_jobs

    from kedro_azureml_cli.fixing.fix_catalog import fix_catalog

    request = ProjectRequest(project)
    with redirect_the_rest_to_stderr():
        checked = check_jobs(request)
    fix_catalog(request, checked, writing)
    return not writing.dry_run


@contextmanager
def _restore_unless_kept(paths: Iterable[Path]) -> Iterator[Callable[[], None]]:
    """Put files back as they were, unless the function is called that this yields."""
    before = {path: path.read_bytes() if path.is_file() else None for path in paths}
    kept: list[bool] = []
    try:
        yield lambda: kept.append(True)
    finally:
        for path, content in before.items() if not kept else ():
            if content is None:
                _remove(path)
            else:
                path.write_bytes(content)


def _remove(path: Path) -> None:
    """Remove a file, if there is one: its folder may be a file, or its name a folder's."""
    if path.is_file() or path.is_symlink():
        path.unlink(missing_ok=True)


def _write_all(targets: dict[Path, str]) -> None:
    """Write all files or none."""
    drafts: dict[Path, Path] = {}
    for path in targets:
        if path.is_dir():
            raise MachineError(f"'{path}' is a folder; move it away.")
    try:
        for path, text in targets.items():
            draft = path.with_name(f".{path.name}.new")
            draft.parent.mkdir(parents=True, exist_ok=True)
            drafts[draft] = path
            draft.write_bytes(text.encode("utf-8"))
        for draft, path in drafts.items():
            draft.replace(path)
    except OSError as error:
        raise MachineError(
            f"'{drafts.get(Path(error.filename), error.filename)}' cannot be written: "
            f"{error.strerror}.\nMake the folder writable."
        ) from error
    finally:
        for draft in drafts:
            _remove(draft)
