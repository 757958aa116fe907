"""`kedro azureml environment`: what a step image needs, and whether the job gets it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from kedro_azureml_cli.terminal.command_groups import CommandGroup
from kedro_azureml_cli.terminal.exit_codes import (
    USER_MUST_CHANGE_SOMETHING,
    show_errors_as_messages,
)
from kedro_azureml_cli.terminal.option_values import NamedPath
from kedro_azureml_cli.terminal.options import (
    following_options,
    form_option,
    job_option,
    reading_options,
)
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.environments.image_target import ImageTarget
    from kedro_azureml_cli.environments.needs import ProjectNeeds
    from kedro_azureml_cli.terminal.options import ReadingOptions, WorkspaceOptions

_Command = Callable[..., object]

DEFAULT_FOLDER = "environment"
"""Folder of the project into which an image's files are written."""


class ImageOptions(NamedTuple):
    """Where the requirements are read, and for which image.

    Args:
        source: The file; None for the first choice.
        target: The image.
    """

    source: Path | None
    target: ImageTarget

    def read(self, project: Path) -> ProjectNeeds:
        """Read what the project says.

        Args:
            project: Its folder.
        """
        from kedro_azureml_cli.environments.sources.source_choice import read_project_needs

        # From the working directory, as other paths of a command; or else from the project.
        source = self.source
        with suppress(OSError):  # a name that no file can have
            source = source.absolute() if source is not None and source.exists() else source
        return read_project_needs(project, self.target, source, has_code=_has_image_code(project))


def _has_image_code(project: Path) -> bool:
    """Check whether the jobs of a project take its code from their image."""
    from kedro_azureml_compiler import ConfigError, ProjectError, ProjectRequest, read_settings

    try:
        return read_settings(ProjectRequest(project)).execution.code_directory is None
    except (ConfigError, ProjectError):  # what an image needs can be asked without it
        return False


def _image_options(command: _Command) -> _Command:
    @wraps(command)
    def with_value(*args: object, source: Path | None, python: str, **others: object) -> object:
        from kedro_azureml_cli.environments.image_target import ImageTarget

        return command(*args, image=ImageOptions(source, ImageTarget(python)), **others)

    options = [
        click.option(
            "--from",
            "source",
            type=NamedPath(),
            help="File with the requirements: *.txt, pyproject.toml, pylock.toml, uv.lock or "
            "poetry.lock. By default the lock file, or else requirements.txt, or else "
            "pyproject.toml.",
        ),
        click.option(
            "--python",
            default=_running_python,
            callback=_check_python,
            metavar="VERSION",
            help="Python of the image; the one that runs this command by default.",
        ),
    ]
    for option in reversed(options):
        with_value = option(with_value)
    return with_value


def _running_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _check_python(ctx: click.Context, option: click.Parameter, value: str) -> str:
    from kedro_azureml_cli.environments.image_target import check_python

    try:
        return check_python(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, option) from error


@click.group("environment", cls=CommandGroup)
def environment_command() -> None:
    """Show, export, compare and register what a step's image needs.

    An image needs the project's requirements and kedro-azureml-datasets. The project's code travels
    with each job.
    """


@environment_command.command("show")
@_image_options
@form_option
@click.pass_obj
def show_command(metadata: ProjectMetadata, /, image: ImageOptions, form: str) -> None:
    """Show what a step image needs, and where the project says so."""
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_cli.environments.environment_output import needs_as_json, show_needs

        needs = image.read(metadata.project_path)
        if form == "json":
            result = needs_as_json(needs, image.target)
        else:
            result = show_needs(needs, image.target)
    print_result(result)


@environment_command.command("export")
@_image_options
@click.option(
    "-o",
    "--output",
    type=NamedPath(),
    help=f"Folder for the files; '{DEFAULT_FOLDER}' in the project by default.",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@form_option
@click.pass_obj
def export_command(
    metadata: ProjectMetadata,
    /,
    image: ImageOptions,
    output: Path | None,
    force: bool,
    form: str,
) -> None:
    """Write a Dockerfile, a conda file and a requirements file with one version of each package.

    The versions are those of the lock file. Without one they are those that are installed here,
    with everything that the requirements bring along on linux/amd64. What cannot be pinned is
    listed.
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_cli.environments.environment_output import export_as_json, show_export
        from kedro_azureml_cli.environments.image_files import render_files, write_files
        from kedro_azureml_cli.environments.pinning import pin_environment

        project: Path = metadata.project_path
        needs = image.read(project)
        pinned = pin_environment(needs, image.target)
        files = render_files(pinned)
        folder = output if output is not None else project / DEFAULT_FOLDER
        write_files(folder, files, force=force, source=project / needs.source)
        if form == "json":
            result = export_as_json(pinned, folder, files)
        else:
            shown = DEFAULT_FOLDER if output is None else output.as_posix()
            result = show_export(pinned, shown, files)
    print_result(result)


@environment_command.command("check")
@job_option
@_image_options
@reading_options
@form_option
@click.pass_obj
def check_command(
    metadata: ProjectMetadata,
    /,
    job: str | None,
    image: ImageOptions,
    reading: ReadingOptions,
    form: str,
) -> None:
    """Compare what a job's steps get with what is installed here.

    The exit code is 1 if a step would get another version, or lacks a package that the project
    asks for. Of a registered environment and of a bare image nothing is known here.
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_compiler import examine_job

        from kedro_azureml_cli.environments.comparing import compare_environment
        from kedro_azureml_cli.environments.environment_output import (
            comparison_as_json,
            show_comparison,
        )
        from kedro_azureml_cli.environments.step_environments import read_step_environments
        from kedro_azureml_cli.terminal.job_choice import choose_job

        project: Path = metadata.project_path
        request = reading.request(project)
        name = choose_job(request, job)
        needs = image.read(project)
        environments = read_step_environments(examine_job(request, name), project, image.target)
        compared = [compare_environment(one, needs, image.target) for one in environments]
        result = comparison_as_json(name, compared) if form == "json" else show_comparison(compared)
    print_result(result)
    if any(one.is_wrong for one in compared):
        sys.exit(USER_MUST_CHANGE_SOMETHING)


@environment_command.command("register")
@click.argument("name", metavar="[NAME]", required=False)
@_image_options
@click.option(
    "--image",
    "base",
    help="Image that Azure ML starts from; it must have conda. By default one of Azure ML's own.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Register it even if nothing has changed, or if something is left to decide.",
)
@following_options
@form_option
@click.pass_obj
def register_command(
    metadata: ProjectMetadata,
    /,
    name: str | None,
    image: ImageOptions,
    base: str | None,
    force: bool,
    asked: WorkspaceOptions,
    form: str,
) -> None:
    """Register what 'export' would write as an environment; Azure ML builds its image.

    NAME is the environment that azureml.yml names by default. If the requirements have not changed
    since its newest version was registered, nothing is registered.
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_compiler import read_settings

        from kedro_azureml_cli.azure_ml.connection import connect
        from kedro_azureml_cli.environments.environment_output import (
            registration_as_json,
            show_registration,
        )
        from kedro_azureml_cli.environments.pinning import pin_environment
        from kedro_azureml_cli.environments.registering import (
            BASE_IMAGE,
            choose_name,
            refuse_undecided,
            register_project,
        )
        from kedro_azureml_cli.jobs.job_lookup import choose_workspace

        project: Path = metadata.project_path
        needs = image.read(project)
        pinned = pin_environment(needs, image.target)
        if not force:
            refuse_undecided(pinned)
        config = read_settings(asked.reading.request(project))
        workspace = choose_workspace(config, asked.workspace)
        registered = register_project(
            connect(workspace),
            name or choose_name(config, metadata.package_name),
            needs.content,
            pinned,
            base or BASE_IMAGE,
            force=force,
        )
        if form == "json":
            result = registration_as_json(registered, workspace.name)
        else:
            result = show_registration(registered, workspace.name)
    print_result(result)
