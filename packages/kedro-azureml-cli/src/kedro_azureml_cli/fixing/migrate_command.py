"""`kedro azureml migrate`: from kedro-azureml and kedro-azureml-pipeline to this plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.options import writing_options

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import WritingOptions


@click.command("migrate")
@writing_options
@click.pass_obj
def migrate_command(metadata: ProjectMetadata, /, writing: WritingOptions) -> None:
    """Migrate a project from kedro-azureml or kedro-azureml-pipeline.

    Converts azureml.yml, replaces the types of the catalog, and writes rules into an empty
    .amlignore; the changes are shown as a diff first. Lists what is left to you: Python code,
    requirements and images are never changed.
    """
    from kedro_azureml_cli.fixing.applying import apply_changes
    from kedro_azureml_cli.fixing.project_files import plan_ignore_file
    from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr

    project = metadata.project_path
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_compiler import ProjectRequest, plan_migration

        plan = plan_migration(ProjectRequest(project))
    changes = [*plan.changes, *plan_ignore_file(project)]
    remarks = "".join(f"  {remark}\n" for remark in plan.remarks)
    if remarks:
        remarks = f"Left to you:\n{remarks}"
    if not changes:
        click.echo("Nothing to migrate in the configuration.")
        print_result(remarks)
    else:
        apply_changes(changes, writing, remarks)
    click.echo("Next:  kedro azureml check --fix")
