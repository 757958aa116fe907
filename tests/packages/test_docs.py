"""The pages say what the code does."""

import re
from pathlib import Path

from kedro_azureml_compiler.findings_page import findings_pages
from kedro_azureml_compiler.settings.reference_page import settings_page, settings_schema

ROOT = Path(__file__).parents[2]


def test_the_settings_page_is_the_one_of_the_models():
    assert (ROOT / "docs/settings.md").read_text() == settings_page()  # nox -s docs


def test_the_schema_of_the_settings_is_the_one_of_the_models():
    assert (ROOT / "docs/azureml.schema.json").read_text() == settings_schema()  # nox -s docs


def test_the_pages_of_the_findings_are_those_of_the_registry():
    docs = ROOT / "docs"
    files = [docs / "findings.md", *docs.glob("findings/*.md")]
    written = {file.relative_to(docs).as_posix(): file.read_text() for file in files}
    assert written == findings_pages()  # nox -s docs


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
