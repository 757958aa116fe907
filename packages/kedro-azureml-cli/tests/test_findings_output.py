"""Findings on a terminal."""

import click
from click.testing import CliRunner
from kedro_azureml_cli.terminal.findings import format_finding, show_findings
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity

BAD = FindingKind("bad", Severity.ERROR, About.DATASET, "It is bad", "It is so.", "")
ODD = FindingKind("odd", Severity.WARNING, About.DATASET, "It is odd", "It is so.", "")
NOTE = FindingKind("so", Severity.INFO, About.DATASET, "It is so", "It is so.", "")


def shown(*findings: Finding):
    @click.command()
    def show():
        show_findings(findings)

    result = CliRunner().invoke(show)
    assert result.exception is None
    assert result.stdout == ""
    return result.stderr.splitlines()


def test_the_errors_come_last_and_each_hint_stands_below_its_finding():
    lines = shown(
        BAD.found("x", "is bad.", "Write:\n  x: 1", file="conf/base/catalog.yml", line=3),
        ODD.found("y", "is odd."),
    )
    assert lines == [
        "warning odd: y: is odd.",
        "conf/base/catalog.yml:3: error bad: x: is bad.",
        "    Write:",
        "      x: 1",
    ]


def test_notes_are_counted_and_not_shown():
    note = NOTE.found("y", "is so.")
    odd = ODD.found("y", "is odd.")
    assert shown(note, odd, note) == [
        "warning odd: y: is odd.",
        "2 more notes; see them with: kedro azureml check",
    ]


def test_a_file_that_a_finding_is_about_is_named_once():
    finding = BAD.found("a/b.pem", "is bad.", file="a/b.pem")
    assert shown(finding) == ["error bad: a/b.pem: is bad."]


def test_names_end_no_line_and_change_no_terminal():
    finding = NOTE.found("a\nb\x1b[2J", "is so.", "one\ntwo", file="c\r.yml", line=1)
    assert [click.unstyle(line) for line in format_finding(finding, "j\n")] == [
        "c\\r.yml:1: info so: a\\nb\\x1b[2J: is so. [j\\n]",
        "    one",
        "    two",
    ]


def test_a_name_that_no_encoding_has_is_shown_all_the_same():
    assert shown(ODD.found("\udc80", "is odd.")) == ["warning odd: \\udc80: is odd."]
