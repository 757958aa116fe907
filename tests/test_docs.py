"""The pages say what the code does."""

import re
from pathlib import Path

from kedro_azureml_compiler.settings_page import settings_page

ROOT = Path(__file__).parents[1]
COMPILER = ROOT / "packages/kedro-azureml-compiler/src/kedro_azureml_compiler"


def test_the_settings_page_is_the_one_of_the_models():
    assert (ROOT / "docs/settings.md").read_text() == settings_page()  # nox -s docs


def test_every_finding_of_the_code_is_on_its_page_and_no_other():
    made = set()
    for module in COMPILER.glob("*.py"):
        made |= set(re.findall(r'Finding\(\s*"([a-z-]+)"', module.read_text()))
    assert len(made) > 10
    listed = re.findall(
        r"^\| `([a-z-]+)` \|", (ROOT / "docs/findings.md").read_text(), re.MULTILINE
    )
    assert listed == sorted(made)


def test_every_link_between_pages_leads_somewhere():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
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
