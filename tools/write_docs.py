"""Write the pages of docs/ that are generated from the code."""

from pathlib import Path

from kedro_azureml_compiler.findings_page import findings_pages
from kedro_azureml_compiler.settings.reference_page import settings_page, settings_schema
from kedro_azureml_simulator.pipeline.limits_page import limits_page

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {
    "azureml.schema.json": settings_schema,
    "settings.md": settings_page,
    "simulator-limits.md": limits_page,
}

if __name__ == "__main__":
    for name, write in PAGES.items():
        (DOCS / name).write_text(write(), encoding="utf-8", newline="\n")
    for page in DOCS.glob("findings/*.md"):
        page.unlink()  # of a finding that no longer exists
    (DOCS / "findings").mkdir(exist_ok=True)
    for name, text in findings_pages().items():
        (DOCS / name).write_text(text, encoding="utf-8", newline="\n")
