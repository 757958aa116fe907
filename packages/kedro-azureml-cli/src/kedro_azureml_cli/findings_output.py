"""Shows findings: what is wrong, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kedro_azureml_compiler import Finding

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


def show_findings(findings: Iterable[Finding]) -> None:
    """Print each finding to the standard error, the errors last, where the eye is.

    Args:
        findings: The findings of all stages.
    """
    order = ("info", "warning", "error")
    for finding in sorted(findings, key=lambda f: order.index(f.severity.value)):
        severity = finding.severity.value
        label = click.style(severity, fg=_COLOURS[severity], bold=True)
        click.echo(f"{label} {finding.code}: {finding.where}: {finding.message}", err=True)
        for line in finding.hint.splitlines():
            click.echo(f"    {line}", err=True)
