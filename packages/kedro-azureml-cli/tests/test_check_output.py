"""What `check` writes, for any findings."""

import json
import re

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_cli.bundles.check_output import as_github, as_json, as_text
from kedro_azureml_compiler.checking import CheckedJob
from kedro_azureml_compiler.finding_registry import collect_finding_kinds
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from stress import examples

# What might end a command, a property or a line, and what no encoding has.
HOSTILE = st.lists(
    st.sampled_from(
        ["a", "::", "%", "%0A", "\n", "\r", "\r\n", ",", ":", "=", " ", '"', "\\", "\x00", "\x1b",
         "\x85", "\u2028", "é", "\U0001f40d", "\udc80", "::error::", "]", "}"]
    ),
    max_size=8,
).map("".join)  # fmt: skip
TEXT = HOSTILE | st.text(max_size=10)
FINDINGS = st.builds(
    Finding,
    kind=st.sampled_from(list(collect_finding_kinds().values())),
    severity=st.sampled_from(Severity),
    where=TEXT,
    message=TEXT,
    hint=TEXT,
    file=st.none() | TEXT.filter(bool),
    line=st.none() | st.integers(1, 10_000),
)
CHECKED = st.lists(
    st.builds(CheckedJob, job=st.none() | TEXT, findings=st.lists(FINDINGS, max_size=4).map(tuple)),
    max_size=3,
    unique_by=lambda job: job.job,
)
COMMAND = re.compile(r"::(error|warning|notice) ([a-z]+=[^\r\n:,]*(?:,[a-z]+=[^\r\n:,]*)*)::(.*)")


def read_as_github_does(text: str) -> str:
    return re.sub("%(25|0D|0A|3A|2C)", lambda m: chr(int(m[1], 16)), text)


@given(checked=CHECKED)
@examples(100)
def test_the_document_says_what_was_found_whatever_the_names(checked):
    text = as_json(checked)
    assert text.encode("ascii")  # no encoding of a terminal or a file stands in the way
    document = json.loads(text)
    assert document["format"] == 1
    assert [job["job"] for job in document["jobs"]] == [job.job for job in checked]
    for job, written in zip(checked, document["jobs"], strict=True):
        assert [
            (f["code"], f["severity"], f["where"], f["file"], f["line"], f["message"], f["hint"])
            for f in written["findings"]
        ] == [
            (f.code, f.severity.value, f.where, f.file, f.line, f.message, f.hint or None)
            for f in job.findings
        ]
    severities = [f.severity.value for job in checked for f in job.findings]
    counts = {s: document[f"{s}s"] for s in ("error", "warning", "info")}
    assert counts == {s: severities.count(s) for s in counts}


@given(checked=CHECKED)
@examples(100)
def test_every_finding_is_one_command_that_github_reads_back(checked, tmp_path_factory):
    text = as_github(checked, tmp_path_factory.getbasetemp(), {})
    lines = re.split("\r\n|\r|\n", text)
    assert lines.pop() == ""
    read = set()
    for line in lines:
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        values = {key: read_as_github_does(value) for key, value in properties.items()}
        title = values.pop("title").partition(" [")[0]
        read.add((match[1], title, tuple(sorted(values.items())), read_as_github_does(match[3])))
    expected = set()
    for finding in (f for job in checked for f in job.findings):
        values = {}
        if finding.file is not None:
            values["file"] = finding.file
            if finding.line is not None:
                values["line"] = str(finding.line)
        command = "notice" if finding.severity is Severity.INFO else finding.severity.value
        message = f"{finding.where}: {finding.message}"
        message = f"{message}\n{finding.hint}" if finding.hint else message
        expected.add((command, finding.code, tuple(sorted(values.items())), message))
    assert read == expected


@given(checked=CHECKED)
@examples(50)
def test_the_text_ends_with_a_summary_of_one_line(checked):
    last = as_text(checked).rstrip("\n").split("\n")[-1]
    assert re.search(r": \d+ errors?, \d+ warnings?, \d+ notes?\.$", last), last


def kind(code: str, severity: Severity) -> FindingKind:
    return FindingKind(code, severity, About.DATASET, "It is", "It is so.", "")


ODD = kind("odd", Severity.WARNING).found("x", "is odd.", file="conf/a.yml", line=2)
BAD = kind("bad", Severity.ERROR).found("x", "is bad.")


def test_what_all_jobs_share_is_reported_once_and_the_rest_with_its_jobs():
    checked = [CheckedJob("a", (BAD, ODD)), CheckedJob("b", (ODD,))]
    assert as_text(checked).splitlines() == [
        "conf/a.yml:2: \x1b[33m\x1b[1mwarning\x1b[0m odd: x: is odd.",
        "\x1b[31m\x1b[1merror\x1b[0m bad: x: is bad. [a]",
        "Checked 2 jobs: 1 error, 1 warning, 0 notes.",
    ]


def test_what_is_wrong_before_there_are_jobs_names_none(tmp_path):
    checked = [CheckedJob(None, (BAD,)), CheckedJob("a", (ODD,))]
    assert "\x1b[31m\x1b[1merror\x1b[0m bad: x: is bad." in as_text(checked).splitlines()
    assert "title=bad::" in as_github(checked, tmp_path, {})


@pytest.mark.parametrize(
    ("workspace", "file"),
    [
        (".", "conf/a.yml"),
        ("..", "shop/conf/a.yml"),
        ("elsewhere", "conf/a.yml"),
        (None, "conf/a.yml"),
    ],
)
def test_files_are_named_from_the_checkout_on(tmp_path, workspace, file):
    project = tmp_path / "shop"
    environ = {"GITHUB_WORKSPACE": str((project / workspace).resolve())} if workspace else {}
    commands = as_github([CheckedJob("a", (ODD,))], project, environ)
    assert commands == f"::warning file={file},line=2,title=odd::x: is odd.\n"


def test_a_hint_that_findings_of_a_kind_share_stands_below_the_last_of_them():
    a, b = kind("a", Severity.INFO), kind("b", Severity.INFO)
    found = [
        b.found("x", "is b.", "Do b."),
        a.found("x", "is a.", "Do a."),
        b.found("y", "is b.", "Do b."),
        b.found("z", "is b.", "Do z."),
    ]
    lines = click.unstyle(as_text([CheckedJob("j", tuple(found))])).splitlines()
    assert lines[:-1] == [
        "info a: x: is a.", "    Do a.",
        "info b: x: is b.", "info b: y: is b.", "    Do b.",
        "info b: z: is b.", "    Do z.",
    ]  # fmt: skip


def test_many_notes_of_a_kind_are_counted_with_the_names_of_what_they_are_about():
    a, b = kind("a", Severity.INFO), kind("b", Severity.WARNING)
    notes = [a.found(f"data_{n:02}", f"is {n}.", f"Do {n}.") for n in range(14)]
    job = CheckedJob("j", (b.found("x", "is b."), *notes))
    lines = click.unstyle(as_text([job])).splitlines()
    assert lines == [
        "info a: 14 notes: It is",
        "    data_00, data_01, data_02, data_03, data_04, data_05, data_06, data_07,",
        "    data_08, data_09",
        "    and 4 more",
        "    Explained by:  kedro azureml check --explain a",
        "warning b: x: is b.",
        "To see each note:  kedro azureml check --verbose",
        "Checked the job 'j': 0 errors, 1 warning, 14 notes.",
    ]
    in_full = click.unstyle(as_text([job], every_note=True)).splitlines()
    assert [line for line in in_full if line.startswith("info")] == [
        f"info a: data_{n:02}: is {n}." for n in range(14)
    ]
    assert "--verbose" not in "".join(in_full)


def test_many_notes_of_one_job_alone_are_not_counted_with_those_of_all_jobs():
    a = kind("a", Severity.INFO)
    shared = tuple(a.found(f"s{n}", "is.", "Do.") for n in range(4))
    alone = tuple(a.found(f"o{n}", "is.", "Do.") for n in range(5))
    checked = [CheckedJob("one", (*alone, *shared)), CheckedJob("two", shared)]
    assert click.unstyle(as_text(checked)).splitlines()[:6] == [
        "info a: 4 notes: It is", "    s0, s1, s2, s3", "    Do.",
        "info a: 5 notes: It is [one]", "    o0, o1, o2, o3, o4", "    Do.",
    ]  # fmt: skip
