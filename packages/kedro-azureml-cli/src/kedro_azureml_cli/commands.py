"""The group `kedro azureml`; each command's module is imported when it is called."""

import click

from kedro_azureml_cli.__about__ import __version__
from kedro_azureml_cli.terminal.command_groups import LazyCommandGroup


@click.group(name="Azure Machine Learning")
def project_commands() -> None:
    """Commands of kedro-azureml-cli."""


@project_commands.group(
    name="azureml",
    cls=LazyCommandGroup,
    lazy_subcommands={
        "assets": "kedro_azureml_cli.assets.assets_command.assets_command",
        "cancel": "kedro_azureml_cli.jobs.cancel_command.cancel_command",
        "check": "kedro_azureml_cli.bundles.check_command.check_command",
        "completion": "kedro_azureml_cli.shell.completion_command.completion_command",
        "compile": "kedro_azureml_cli.bundles.compile_command.compile_command",
        "data": "kedro_azureml_cli.job_data.data_command.data_command",
        "doctor": "kedro_azureml_cli.diagnosis.doctor_command.doctor_command",
        "download": "kedro_azureml_cli.jobs.download_command.download_command",
        "environment": ("kedro_azureml_cli.environments.environment_command.environment_command"),
        "init": "kedro_azureml_cli.bundles.init_command.init_command",
        "jobs": "kedro_azureml_cli.jobs.jobs_command.jobs_command",
        "logs": "kedro_azureml_cli.jobs.logs_command.logs_command",
        "migrate": "kedro_azureml_cli.fixing.migrate_command.migrate_command",
        "plan": "kedro_azureml_cli.bundles.plan_command.plan_command",
        "replay": "kedro_azureml_cli.replay.replay_command.replay_command",
        "resume": "kedro_azureml_cli.resuming.resume_command.resume_command",
        "run": "kedro_azureml_cli.submission.run_command.run_command",
        "schedule": "kedro_azureml_cli.schedules.schedule_command.schedule_command",
        "simulate": "kedro_azureml_cli.simulation.simulate_command.simulate_command",
        "status": "kedro_azureml_cli.jobs.status_command.status_command",
        "verify": "kedro_azureml_cli.verification.verify_command.verify_command",
    },
)
@click.version_option(__version__, message="kedro-azureml-cli %(version)s")
def azureml() -> None:
    """Run this project's pipelines as Azure Machine Learning jobs."""
