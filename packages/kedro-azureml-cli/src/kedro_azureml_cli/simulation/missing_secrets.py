"""Refuse a simulation in which a step would need a secret that nobody has given it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_datasets import KedroAzureMLError, name_secret_variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_compiler import CompiledJob


class MissingSecretError(KedroAzureMLError):
    """A step needs a secret, and a simulation asks no key vault.

    Args:
        secrets: Name of each secret to the steps that need it.
    """

    blame = "user"

    def __init__(self, secrets: Mapping[str, list[str]]) -> None:
        needed = "; ".join(
            f"'{secret}' by {', '.join(map(repr, steps))}" for secret, steps in secrets.items()
        )
        variables = " ".join(f"--env-var {name_secret_variable(secret)}" for secret in secrets)
        super().__init__(
            f"A simulation asks no key vault, and these secrets are needed: {needed}.",
            hint=f"Pass their values:  {variables}  or  --env-file FILE",
        )
        self.secrets = dict(secrets)


def refuse_missing_secrets(
    compiled: CompiledJob, variables: Mapping[str, str], only: str | None = None
) -> None:
    """Refuse to run steps without the variables that stand for their secrets.

    Args:
        compiled: The job and its bundle.
        variables: Environment variables that every step gets.
        only: The only step that is going to run; all of them by default.

    Raises:
        MissingSecretError: A variable is missing.
    """
    missing: dict[str, list[str]] = {}
    for step in compiled.plan.steps:
        if only not in {None, step.name}:
            continue
        given = {*variables, *compiled.variables.get(step.name, {})}
        for secret in step.secrets:
            if name_secret_variable(secret) not in given:
                missing.setdefault(secret, []).append(step.name)
    if missing:
        raise MissingSecretError(missing)
