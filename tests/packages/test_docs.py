"""The pages say what the code does, and the starter has the files that the commands write."""

import re
from pathlib import Path

import pytest
import write_docs
from kedro_azureml_cli.diagnosis.probe import collect_probes
from kedro_azureml_compiler.checks.secrets.files import check_credentials
from sdk_cases import CASES

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs/reference"


@pytest.mark.once
def test_the_reference_is_what_is_made_from_the_code():
    files = (page for folder in ("api", "findings") for page in (REFERENCE / folder).glob("*.md"))
    made = write_docs.render_reference()
    written = {file.relative_to(REFERENCE).as_posix() for file in files}
    here = {name: (REFERENCE / name).read_text() for name in {*made, *written}}
    assert here == made  # nox -s docs


def test_the_files_for_the_ci_and_for_editors_in_the_starter_are_those_of_init():
    written = write_docs.render_starter_files()
    assert len(written) == 4
    here = {name: (write_docs.STARTER / name).read_text() for name in written}
    assert here == written  # nox -s docs


def test_the_page_of_doctor_has_the_question_of_each_probe():
    local, remote = collect_probes()
    rows = [f"| `{probe.name}` | {probe.question} |" for probe in (*local, *remote)]
    text = (ROOT / "docs/how-to/doctor.md").read_text()
    assert text.partition("| row | question |\n|---|---|\n")[2].splitlines()[: len(rows) + 1] == [
        *rows,
        "",
    ]


def test_every_link_between_pages_leads_somewhere():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]
    pages += ROOT.glob("packages/*/README.md")
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    ]
    assert links
    assert [(str(p), t) for p, t in links if not (p.parent / t).exists()] == []


def test_the_readme_has_the_command_that_ci_runs():
    line = 'python -m pip install "nox[uv]" && python -m nox -s tests'
    assert line in (ROOT / "README.md").read_text()
    assert line in (ROOT / ".ci/run").read_text().splitlines()


def test_every_line_of_the_comparison_names_a_test_that_exists():
    rows = (ROOT / "README.md").read_text().partition("| held by |\n|---|---|---|---|\n")[2]
    rows = rows.partition("\n\n")[0].splitlines()
    named = [re.findall(r"\[`(test_\w+)`\]\(([\w/.-]+)\) \|$", row) for row in rows]
    assert rows
    assert [row for row, names in zip(rows, named, strict=True) if len(names) != 1] == []
    tests = [(name, ROOT / file) for ((name, file),) in named]
    assert [name for name, file in tests if f"def {name}(" not in file.read_text()] == []


def test_every_path_on_the_page_of_the_architecture_exists():
    text = (ROOT / "docs/explanation/architecture.md").read_text()
    names = "cli|compiler|datasets|runner|simulator"
    sources = {
        name: ROOT / f"packages/kedro-azureml-{name}/src/kedro_azureml_{name}"
        for name in names.split("|")
    }
    named = [
        (folder, rest, modules or "")
        for folder, rest, modules in re.findall(
            rf"`({names})/([\w/.]*)`(?: \(((?:`\w+\.py`(?:, )?)+)\))?", text
        )
    ]
    assert {folder for folder, _, _ in named} == set(sources)
    paths = [sources[folder] / rest for folder, rest, _ in named]
    paths += [
        sources[folder] / rest / module
        for folder, rest, modules in named
        for module in re.findall(r"\w+\.py", modules)
    ]
    paths += [ROOT / path for path in re.findall(r"`((?:packages|tests)/[\w/.-]+)`", text)]
    assert [path for path in paths if not path.exists()] == []
    missing = set(re.findall(r"\b\w+\.py\b", text)) - {path.name for path in paths}
    assert missing == set()  # every module on the page was looked at
    folders = re.findall(r'\["(\w+/)<br/>', text)
    assert folders
    assert [name for name in folders if not (sources["compiler"] / name).is_dir()] == []


def test_the_credentials_of_their_page_may_travel(tmp_path):

    page = (ROOT / "docs/how-to/credentials.md").read_text()
    written = page.split("```yaml\n# conf/base/credentials.yml\n")[1].split("```")[0]
    assert "${azureml.secret:" in written
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/credentials.yml").write_text(written)
    assert check_credentials(tmp_path, ["conf/credentials.yml"], "conf") == []


def test_every_claim_has_a_command_that_can_be_run():
    rows = (
        (ROOT / "docs/explanation/claims.md").read_text().partition("| command |\n|---|---|---|\n")
    )
    commands = [row.split("`")[-2] for row in rows[2].partition("\n\n")[0].splitlines()]
    assert len(commands) > 20
    sessions = set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(), re.M))
    named = [command.partition(" -- ") for command in commands]
    assert {session.removeprefix("nox -s ") for session, _, _ in named} <= sessions
    assert [
        path for _, _, given in named for path in given.split() if not (ROOT / path).exists()
    ] == []


def test_counts_of_jobs_on_the_pages_are_those_that_the_tests_try():
    corpus = [*ROOT.glob("packages/kedro-azureml-simulator/tests/pipelines/corpus/*.yml")]
    pages = ("docs/explanation/claims.md", "packages/kedro-azureml-simulator/README.md")
    told = {
        page: {int(number) for number in re.findall(r"\b(\d+)\s+jobs\b", (ROOT / page).read_text())}
        for page in (*pages, "docs/reference/simulator-limits.md")
    }
    assert all(told[page] == {len(CASES), len(corpus)} for page in pages)
    assert told["docs/reference/simulator-limits.md"] == {len(CASES)}


def test_pages_promise_the_pythons_that_the_packages_name_and_no_later_one():
    constants = (ROOT / "tools/package_metadata.py").read_text()
    minors = [int(minor) for minor in re.findall(r"Python :: 3\.(\d+)\"", constants)]
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]
    pages += [*ROOT.glob("packages/*/README.md"), *ROOT.glob("starters/**/README.md")]
    said = {
        (page.relative_to(ROOT).as_posix(), text)
        for page in pages
        for text in re.findall(r"Python 3\.\d+ (?:to 3\.\d+|or (?:newer|later))", page.read_text())
    }
    assert len(said) > 3
    assert {text for _, text in said} == {f"Python 3.{min(minors)} to 3.{max(minors)}"}


def test_the_picture_of_a_terminal_shows_no_error_and_no_path_of_a_machine():
    text = (ROOT / "docs/images/terminal.svg").read_text("utf-8").replace("&#160;", " ")
    assert "Compiled" in text
    assert re.findall(r"Traceback|Exception|Error:|/(?:tmp|home|root|opt|usr)/", text) == []
