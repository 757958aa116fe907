"""Write the pages of docs/ that are generated from the code."""

from pathlib import Path

from kedro_azureml_compiler.findings_page import render_findings_pages
from kedro_azureml_compiler.settings.editor_schema import render_settings_schema
from kedro_azureml_compiler.settings.reference_page import render_settings_page
from kedro_azureml_simulator.pipeline.limits_page import render_limits_page

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {
    "azureml.schema.json": render_settings_schema,
    "settings.md": render_settings_page,
    "simulator-limits.md": render_limits_page,
}

if __name__ == "__main__":
    for name, write in PAGES.items():
        (DOCS / name).write_text(write(), encoding="utf-8", newline="\n")
    for page in DOCS.glob("findings/*.md"):
        page.unlink()  # of a finding that no longer exists
    (DOCS / "findings").mkdir(exist_ok=True)
    for name, text in render_findings_pages().items():
        (DOCS / name).write_text(text, encoding="utf-8", newline="\n")
