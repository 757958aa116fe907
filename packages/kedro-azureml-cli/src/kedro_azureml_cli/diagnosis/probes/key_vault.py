"""May the secrets to which credentials refer be read?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_datasets.azure_ml.errors import KeyVaultError
from kedro_azureml_datasets.azure_ml.key_vault import read_secrets

from kedro_azureml_cli.azure_ml.connection import to_workspace
from kedro_azureml_cli.diagnosis.probe import WorkspaceProbe
from kedro_azureml_cli.diagnosis.rows import Row, SkippedError, failed_with, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_cli.diagnosis.subject import Place


def _examine(place: Place) -> Iterator[Row]:
    if not place.jobs:
        raise SkippedError("no job could be read")
    jobs = place.jobs.values()
    named = [step.secrets for job in jobs for step in job.plan.steps]
    named += [job.notification_secrets for job in jobs]
    secrets = sorted({secret for secrets in named for secret in secrets})
    if not secrets:
        raise SkippedError("the jobs need no secret of a key vault")
    place.client.take()
    credential = place.credential.take()
    vault, workspace = place.settings.key_vault, to_workspace(place.settings)
    for secret in secrets:
        label = f"key-vault secret {secret}"
        try:
            read_secrets([secret], vault, workspace, credential)
        except KeyVaultError as error:
            if not hasattr(error, "secret"):
                raise  # about the vault itself: the same for the others
            yield failed_with(label, error)
        else:
            yield ok(label, f"readable in {vault or 'the key vault of the workspace'}")


KEY_VAULT = WorkspaceProbe(
    "key-vault",
    "May the secrets of the key vault be read that credentials and notifications name?",
    _examine,
)
