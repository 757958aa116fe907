"""Find code that steps import and that does not travel, since it lies beside the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity

if TYPE_CHECKING:
    from kedro_azureml_compiler.planning.facts import ProjectFacts

CODE_OUTSIDE = FindingKind(
    code="code-outside",
    severity=Severity.WARNING,
    about=About.FILE,
    title="The project imports a module from a folder outside it",
    explanation=(
        "Only the project's folder is uploaded. A module of a sibling folder, found through "
        "`sys.path`, `PYTHONPATH` or an editable installation (`pip install -e ../shared`), is "
        "not in the step's container, and every step that imports it fails. If the step's image "
        "has the package installed, ignore the finding for that job."
    ),
    hint="Move the code into the project's `src` folder, or install it in the step's image.",
)


def check_outside_code(facts: ProjectFacts) -> list[Finding]:
    """Report modules from outside the project, with the file that imports each.

    Args:
        facts: What is known about the project.
    """
    return [
        CODE_OUTSIDE.found(
            module.importer,
            f"imports '{module.name}' from '{module.file}', which does not travel.",
            file=module.importer,
        )
        for module in facts.outside_modules
    ]
