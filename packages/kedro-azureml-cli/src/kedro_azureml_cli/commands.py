"""The group `kedro azureml`; each command's module is imported when it is called."""

import click
from kedro.framework.cli.utils import LazyGroup


@click.group(name="Azure Machine Learning")
def project_commands() -> None:
    """Commands of kedro-azureml-cli."""


@project_commands.group(
    name="azureml",
    cls=LazyGroup,
    lazy_subcommands={
        "assets": "kedro_azureml_cli.assets_command.assets_command",
        "cancel": "kedro_azureml_cli.cancel_command.cancel_command",
        "check": "kedro_azureml_cli.check_command.check_command",
        "compile": "kedro_azureml_cli.compile_command.compile_command",
        "download": "kedro_azureml_cli.download_command.download_command",
        "init": "kedro_azureml_cli.init_command.init_command",
        "jobs": "kedro_azureml_cli.jobs_command.jobs_command",
        "logs": "kedro_azureml_cli.logs_command.logs_command",
        "plan": "kedro_azureml_cli.plan_command.plan_command",
        "run": "kedro_azureml_cli.run_command.run_command",
        "schedule": "kedro_azureml_cli.schedule_command.schedule_command",
        "simulate": "kedro_azureml_cli.simulate_command.simulate_command",
        "status": "kedro_azureml_cli.status_command.status_command",
        "verify": "kedro_azureml_cli.verify_command.verify_command",
    },
)
def azureml() -> None:
    """Run this project's pipelines as Azure Machine Learning jobs."""
