"""Options that several commands share, each written once, and the values that commands get of them.

A decorator of this module adds options to a command and hands it one typed value for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kedro_azureml_cli.terminal.node_filters import filter_options, take_filters
from kedro_azureml_cli.terminal.option_values import (
    NamedPath,
    bundle_folder,
    find_conf_source,
    parse_load_versions,
    parse_pairs,
    parse_params,
    require_folder,
)

if TYPE_CHECKING:
    from kedro_azureml_compiler import ProjectRequest

Command = Callable[..., object]


class ReadingOptions(NamedTuple):
    """How a command reads the project.

    Args:
        env: Kedro environment; None leaves it to the project.
        params: Runtime parameters.
        load_versions: Dataset name to version.
        conf_source: The configuration, absolute; None leaves it to the project.
        use_hooks: Whether the project is read with its hooks.
        filters: Name of a filter to the names that it selects, of those that are given.
    """

    env: str | None = None
    params: Mapping[str, Any] = {}
    load_versions: Mapping[str, str] = {}
    conf_source: str | None = None
    use_hooks: bool = True
    filters: Mapping[str, tuple[str, ...]] = {}

    def request(self, project: Path) -> ProjectRequest:
        """Return what the compiler is asked to read.

        Args:
            project: The project's folder.
        """
        from kedro_azureml_compiler import NodeFilters, ProjectRequest

        return ProjectRequest(
            project,
            self.env,
            self.params,
            self.load_versions,
            self.conf_source,
            self.use_hooks,
            NodeFilters(**self.filters),
        )


job_option = click.option(
    "-j",
    "--job",
    help="Name of the job in azureml.yml; if there is only one, it need not be named.",
)


result_option = click.option(
    "-o",
    "--output",
    type=NamedPath(dir_okay=False, writable=True),
    callback=require_folder,
    help="Write the result to this file instead of the standard output.",
)


_env = click.option("-e", "--env", help="Kedro environment, as for `kedro run`.")


def reading_options(command: Command) -> Command:
    """Add the options that say how the project is read, and which nodes of a job are run.

    The command gets `ReadingOptions`.
    """

    @wraps(command)
    def with_value(
        *args: object,
        env: str | None,
        params: Mapping[str, Any],
        load_versions: Mapping[str, str],
        conf_source: str | None,
        use_hooks: bool,
        **others: object,
    ) -> object:
        filters = take_filters(others)
        reading = ReadingOptions(env, params, load_versions, conf_source, use_hooks, filters)
        return command(*args, reading=reading, **others)

    options: list[Callable[[Command], Command]] = [
        _env,
        click.option(
            "--params",
            callback=parse_params,
            help="Runtime parameters, as for `kedro run`: key=value,group.key=value; or JSON.",
        ),
        click.option(
            "--load-versions",
            "-lv",
            callback=parse_load_versions,
            help="Versions to read, as for `kedro run`: dataset:version,...",
        ),
        _conf_source_option(),
        hooks_option,
        *filter_options,
    ]
    return _all(options, with_value)


def job_options(command: Command) -> Command:
    """Add the options of a command that compiles one job to a bundle.

    The command gets `job`, `output` and `ReadingOptions`.
    """
    output = click.option(
        "-o",
        "--output",
        type=NamedPath(file_okay=False),
        callback=bundle_folder,
        help="Folder for the bundle; build/azureml/JOB by default.",
    )
    return job_option(reading_options(output(command)))


class WorkspaceOptions(NamedTuple):
    """Which workspace a command asks, and where `azureml.yml` is.

    Args:
        workspace: Entry of `workspace` in `azureml.yml`; None for that of the job or asset.
        reading: How the project is read.
    """

    workspace: str | None
    reading: ReadingOptions


def following_options(command: Command) -> Command:
    """Add the options of a command about submitted jobs; it gets `WorkspaceOptions`."""

    @wraps(command)
    def with_value(
        *args: object,
        workspace: str | None,
        env: str | None,
        conf_source: str | None,
        use_hooks: bool = True,
        **others: object,
    ) -> object:
        reading = ReadingOptions(env, conf_source=conf_source, use_hooks=use_hooks)
        return command(*args, asked=WorkspaceOptions(workspace, reading), **others)

    workspace = click.option(
        "-w", "--workspace", help="Entry of 'workspace' in azureml.yml; the job's by default."
    )
    return _all([workspace, _env, _conf_source_option()], with_value)


def asset_options(command: Command) -> Command:
    """Add the options of a command about data assets; it gets `WorkspaceOptions` and `form`."""

    @wraps(command)
    def with_value(
        *args: object,
        workspace: str | None,
        env: str | None,
        conf_source: str | None,
        use_hooks: bool,
        **others: object,
    ) -> object:
        reading = ReadingOptions(env, conf_source=conf_source, use_hooks=use_hooks)
        return command(*args, asked=WorkspaceOptions(workspace, reading), **others)

    workspace = click.option(
        "-w", "--workspace", help="Entry of 'workspace' in azureml.yml; the asset's by default."
    )
    return _all([workspace, _env, _conf_source_option(), hooks_option, form_option], with_value)


hooks_option = click.option(
    "--hooks/--no-hooks",
    "use_hooks",
    default=True,
    help="Read the project with its hooks, as every Kedro command does, or without them.",
)

submitted_job_argument = click.argument("job", metavar="JOB")

form_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format: text for people, or JSON for programs.",
)


class WritingOptions(NamedTuple):
    """How a command writes changes of files.

    Args:
        fix: Whether it is to write any.
        dry_run: Whether the changes are only shown.
        yes: Whether they are written without a question.
    """

    fix: bool = True
    dry_run: bool = False
    yes: bool = False


def fixing_options(command: Command) -> Command:
    """Add `--fix` and the options that belong to it; the command gets `WritingOptions`."""

    @wraps(command)
    def with_value(*args: object, fix: bool, dry_run: bool, yes: bool, **others: object) -> object:
        if not fix and (dry_run or yes):
            raise click.UsageError(f"{'--dry-run' if dry_run else '--yes'} belongs to --fix.")
        return command(*args, writing=WritingOptions(fix, dry_run, yes), **others)

    text = "Write the catalog entries that the hints show; the changes are shown first."
    return _all([click.option("--fix", is_flag=True, help=text), *_writing], with_value)


def writing_options(command: Command) -> Command:
    """Add the options of a command that changes files; it gets `WritingOptions`."""

    @wraps(command)
    def with_value(*args: object, dry_run: bool, yes: bool, **others: object) -> object:
        return command(*args, writing=WritingOptions(True, dry_run, yes), **others)

    return _all([*_writing], with_value)


_writing: list[Callable[[Command], Command]] = [
    click.option("--dry-run", is_flag=True, help="Show the changes of files, and write nothing."),
    click.option("-y", "--yes", is_flag=True, help="Write the changes without a question."),
]


def _conf_source_option() -> Callable[[Command], Command]:
    return click.option(
        "--conf-source",
        callback=find_conf_source,
        help="Configuration folder, or zip or tar file, in the project; as for `kedro run`.",
    )


def _all(options: list[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def pairs_option(name: str, target: str, text: str) -> Callable[[Command], Command]:
    """Return a repeatable option that takes `NAME=VALUE`.

    Args:
        name: The option, as in `--tag`.
        target: The command's argument.
        text: Its help.
    """
    return click.option(
        name,
        target,
        multiple=True,
        callback=parse_pairs,
        metavar="NAME=VALUE",
        help=f"{text}; repeatable.",
    )


def changing_options(command: Command) -> Command:
    """Add the options that change a job for this occasion; the command gets `JobChanges`."""

    @wraps(command)
    def with_value(
        *args: object,
        workspace: str | None,
        inputs: Mapping[str, str],
        environment_variables: Mapping[str, str],
        environment: str | None,
        display_name: str | None,
        experiment_name: str | None,
        tags: Mapping[str, str],
        **others: object,
    ) -> object:
        from kedro_azureml_compiler import JobChanges

        changes = JobChanges(
            workspace=workspace,
            environment=environment,
            environment_variables=environment_variables,
            display_name=display_name,
            experiment_name=experiment_name,
            tags=tags,
            inputs=inputs,
        )
        return command(*args, changes=changes, **others)

    options: list[Callable[[Command], Command]] = [
        click.option(
            "-w",
            "--workspace",
            help="Entry of 'workspace' in azureml.yml; the job's by default.",
        ),
        pairs_option("--input", "inputs", "Value for an input of the job (a promoted parameter)"),
        pairs_option("--env-var", "environment_variables", "Environment variable for every step"),
        click.option(
            "--aml-env", "environment", help="Azure ML environment for the steps: my-env@latest."
        ),
        click.option("--display-name", help="The job's name in Studio."),
        click.option("--experiment-name", help="The experiment in Azure ML."),
        pairs_option("--tag", "tags", "Tag for the job"),
    ]
    return _all(options, with_value)
