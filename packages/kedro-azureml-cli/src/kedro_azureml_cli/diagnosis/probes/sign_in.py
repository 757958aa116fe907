"""Who is signed in to Azure, and which credential has answered?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_datasets.azure_ml.errors import AzureUnreachableError
from kedro_azureml_datasets.azure_ml.signed_in import describe_sign_in

from kedro_azureml_cli.azure_ml.connection import sign_in_quietly
from kedro_azureml_cli.diagnosis.probe import Probe
from kedro_azureml_cli.diagnosis.rows import Row, ok, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_cli.diagnosis.subject import Subject

_LABEL = "sign-in"


def _examine(subject: Subject) -> Iterator[Row]:
    if subject.offline:
        subject.credential.lack("--offline")
        yield skipped(_LABEL, "--offline")
        return
    try:
        credential = sign_in_quietly()
        described = describe_sign_in(credential)
    except AzureUnreachableError:
        subject.credential.lack("no connection to Azure")
        raise
    subject.credential.learn(credential)
    who = f" as {described.name}" if described.name else ""
    tenant = f", tenant {described.tenant}" if described.tenant else ""
    yield ok(_LABEL, f"{described.credential}{who}{tenant}")


SIGN_IN = Probe(
    "sign-in",
    "Which credential of `DefaultAzureCredential` answers, and for which tenant?",
    _examine,
    after=("ignore-file",),
)
