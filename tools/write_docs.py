"""Write the pages of docs/ and the files of the starter that are generated from the code."""

from pathlib import Path

from kedro_azureml_cli.diagnosis.assumptions_output import render_assumptions_page
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
from reference_pages.api_pages import render_api_pages
from reference_pages.command_page import render_command_page
from reference_pages.dataset_page import render_dataset_page
from reference_pages.files_page import render_files_page

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs/reference"
PAGES = {
    "assumptions.md": render_assumptions_page,
    "azureml.schema.json": render_settings_schema,
    "command-line.md": render_command_page,
    "datasets.md": render_dataset_page,
    "files.md": render_files_page,
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


def render_reference() -> dict[str, str]:
    """Return the files of `docs/reference/` that are made from the code, by their paths there."""
    pages = {name: render() for name, render in PAGES.items()}
    return {**pages, **render_findings_pages(), **render_api_pages()}


if __name__ == "__main__":
    reference = render_reference()  # before the pages go: it may fail
    for page in (*REFERENCE.glob("findings/*.md"), *REFERENCE.glob("api/*.md")):
        page.unlink()  # of what no longer exists
    for name, text in reference.items():
        (REFERENCE / name).parent.mkdir(exist_ok=True)
        (REFERENCE / name).write_text(text, encoding="utf-8", newline="\n")
    for name, text in render_starter_files().items():
        (STARTER / name).parent.mkdir(parents=True, exist_ok=True)
        (STARTER / name).write_text(text, encoding="utf-8", newline="\n")
