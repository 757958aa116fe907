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
        "check": "kedro_azureml_cli.check_command.check_command",
        "compile": "kedro_azureml_cli.compile_command.compile_command",
        "init": "kedro_azureml_cli.init_command.init_command",
        "plan": "kedro_azureml_cli.plan_command.plan_command",
        "run": "kedro_azureml_cli.run_command.run_command",
        "simulate": "kedro_azureml_cli.simulate_command.simulate_command",
        "verify": "kedro_azureml_cli.verify_command.verify_command",
    },
)
def azureml() -> None:
    """Run this project's pipelines as Azure Machine Learning jobs."""
