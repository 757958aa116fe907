"""Write the pages of docs/ and the files of the starter that are generated from the code."""

from pathlib import Path

from kedro_azureml_cli.fixing.ci_files import (
    CI_FILES,
    HOOKS_FILE,
    describe_project,
    render_ci_file,
    render_hooks,
)
from kedro_azureml_cli.fixing.project_files import SCHEMA_FILE
from kedro_azureml_compiler.findings_page import render_findings_pages
from kedro_azureml_compiler.settings.editor_schema import render_settings_schema
from kedro_azureml_compiler.settings.reference_page import render_settings_page
from kedro_azureml_simulator.pipeline.limits_page import render_limits_page

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs/reference"
PAGES = {
    "azureml.schema.json": render_settings_schema,
    "settings.md": render_settings_page,
    "simulator-limits.md": render_limits_page,
}
STARTER = ROOT / "starters/azureml/{{ cookiecutter.repo_name }}"


def render_starter_files() -> dict[str, str]:
    """Return the files of the starter that `kedro azureml init --ci` writes too."""
    project = describe_project(STARTER, job="training", python="3.11")
    return {
        **{file: render_ci_file(kind, project) for kind, file in CI_FILES.items()},
        HOOKS_FILE: render_hooks(),
        SCHEMA_FILE: render_settings_schema(),
    }


if __name__ == "__main__":
    for name, write in PAGES.items():
        (REFERENCE / name).write_text(write(), encoding="utf-8", newline="\n")
    for page in REFERENCE.glob("findings/*.md"):
        page.unlink()  # of a finding that no longer exists
    (REFERENCE / "findings").mkdir(exist_ok=True)
    for name, text in render_findings_pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8", newline="\n")
    for name, text in render_starter_files().items():
        (STARTER / name).parent.mkdir(parents=True, exist_ok=True)
        (STARTER / name).write_text(text, encoding="utf-8", newline="\n")
