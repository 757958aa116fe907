"""Findings on a terminal."""

import click
from click.testing import CliRunner
from kedro_azureml_cli.findings_output import show_findings
from kedro_azureml_compiler.findings import Finding, Severity


def test_the_errors_come_last_and_each_hint_stands_below_its_finding():
    findings = [
        Finding("bad", Severity.ERROR, "x", "is bad.", "Write:\n  x: 1"),
        Finding("odd", Severity.WARNING, "y", "is odd."),
    ]

    @click.command()
    def show():
        show_findings(findings)

    result = CliRunner().invoke(show)
    assert result.stderr.splitlines() == [
        "warning odd: y: is odd.",
        "error bad: x: is bad.",
        "    Write:",
        "      x: 1",
    ]
    assert result.stdout == ""
