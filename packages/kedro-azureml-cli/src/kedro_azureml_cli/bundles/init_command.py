"""`kedro azureml init`: write the files that a project needs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.fixing.logging_file import (
    extend_logging,
    find_logging_file,
    render_logging,
)
from kedro_azureml_cli.fixing.project_files import (
    IGNORE_FILE,
    render_ignore_rules,
    render_settings,
)
from kedro_azureml_cli.terminal.exit_codes import MachineError, show_errors_as_messages
from kedro_azureml_cli.terminal.options import fixing_options
from kedro_azureml_cli.terminal.result_stream import redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import WritingOptions


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
@click.option("--force", is_flag=True, help="Replace existing files.")
@fixing_options
@click.pass_obj
def init_command(
    metadata: ProjectMetadata, /, force: bool, writing: WritingOptions, **values: str
) -> None:
    """Write azureml.yml and .amlignore.

    azureml.yml describes the project's jobs; .amlignore lists what is not uploaded with them. Also
    has Kedro's logging, in conf/logging.yml, leave out its line about itself, which would stand
    before the JSON of a command.

    With --fix, also writes the catalog entries that the hints of 'kedro azureml check' show; the
    changes are shown as a diff first. If they are not written, neither are these files.
    """
    from kedro.framework.project import settings

    with redirect_the_rest_to_stderr():  # the settings are code of the project
        base = settings.CONFIG_LOADER_ARGS.get("base_env", "base")
        project, conf = metadata.project_path, settings.CONF_SOURCE
    values["package"] = metadata.package_name
    targets = {
        project / conf / base / "azureml.yml": render_settings(values),
        project / IGNORE_FILE: render_ignore_rules(conf),
    }
    with show_errors_as_messages():
        there = [str(path.relative_to(project)) for path in targets if path.exists()]
        if there and not force:
            verb = "exists" if len(there) == 1 else "exist"
            raise AlreadyThereError(
                f"{' and '.join(there)} already {verb}; nothing was written.",
                hint="Replace existing files with --force."
                + (" Or fix the catalog alone with: kedro azureml check --fix" * writing.fix),
            )
        logging, remark = _plan_logging(project)
        targets |= logging
        with _restore_unless_kept(targets) as keep:
            _write_all(targets)
            if not writing.fix or _fix(project, writing):
                keep()
    if writing.dry_run:
        click.echo(f"Would write {' and '.join(str(p.relative_to(project)) for p in targets)}")
        return
    for path in targets:
        click.echo(f"Wrote {path.relative_to(project)}")
    if remark:
        click.echo(remark)
    placeholders = [name for name, value in values.items() if "<" in value]
    if placeholders:
        click.echo("Replace the <placeholders> in azureml.yml before you submit.")
    click.echo("Next:  kedro azureml check")


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
    before = {path: path.read_bytes() if path.exists() else None for path in paths}
    kept: list[bool] = []
    try:
        yield lambda: kept.append(True)
    finally:
        for path, content in before.items() if not kept else ():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)


def _write_all(targets: dict[Path, str]) -> None:
    """Write all files or none."""
    drafts: dict[Path, Path] = {}
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
            f"'{error.filename}' cannot be written: {error.strerror}.\nMake the folder writable."
        ) from error
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
