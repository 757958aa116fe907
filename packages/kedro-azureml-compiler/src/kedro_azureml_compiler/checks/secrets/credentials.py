"""Check that steps get the variables that their credentials need, and that secrets stay in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kedro_azureml_datasets.credentials.placing import PLACING_HINT, find_secret_references
from kedro_azureml_datasets.credentials.resolvers import secrets_were_read

from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import strip_transcoding

if TYPE_CHECKING:
    from kedro_azureml_compiler.azureml.pipeline_job import PipelineJob
    from kedro_azureml_compiler.planning.facts import ProjectFacts
    from kedro_azureml_compiler.planning.plan import Plan

VARIABLE_NOT_GIVEN = FindingKind(
    code="variable-not-given",
    severity=Severity.WARNING,
    about=About.DATASET,
    title="A step needs an environment variable that the job does not give it",
    explanation=(
        "The entry, or its credentials, read the variable with `${oc.env:NAME}` and without a "
        "default. If the step's image does not set it either, the step fails before its first "
        "node. A variable of this machine reaches no step by itself. A secret inside another "
        "resolver, such as `${quote:${azureml.secret:NAME}}`, needs its variable as well: that "
        "resolver runs before a secret is fetched."
    ),
    hint=(
        "Name the variable in `environment_variables` of the step, if everybody who sees the job "
        "may read its value; set it in the image; or refer to a secret of the workspace's key "
        "vault, `${azureml.secret:NAME}`, which the step reads itself. If the image sets it, "
        "lower the severity."
    ),
    example="# conf/base/credentials.yml\ndatabase:\n  con: ${azureml.secret:database-url}",
)

SECRET_OUTSIDE_CREDENTIALS = FindingKind(
    code="secret-outside-credentials",
    severity=Severity.ERROR,
    about=About.PROJECT,
    title="A secret of the key vault is referred to outside credentials",
    explanation=(
        "`${azureml.secret:NAME}` is resolved in credentials, whose values are neither logged nor "
        "written down. A step and `kedro run` refuse it in the catalog, the parameters and other "
        "configuration."
    ),
    hint=(
        "Write the reference into a credentials file, and name that entry in `credentials` of the "
        "catalog entry."
    ),
    example=(
        "# conf/base/credentials.yml\ndatabase:\n  con: ${azureml.secret:database-url}\n\n"
        "# conf/base/catalog.yml\norders:\n  type: pandas.SQLTableDataset\n"
        "  table_name: orders\n  credentials: database"
    ),
)

_SET_BY_AZURE = ("AZUREML_", "AZURE_ML_", "MLFLOW_")
_ALWAYS_SET = frozenset({"HOME", "PATH"})
_KINDS = ("catalog", "parameters", "globals")
_GLOBALS = ("globals*",)


def check_variables(plan: Plan, facts: ProjectFacts, pipeline_job: PipelineJob) -> list[Finding]:
    """Find variables that an entry needs and a step that uses it is not given.

    Args:
        plan: The plan: which nodes a step runs.
        facts: What is known about the project.
        pipeline_job: The job as it is sent, with the variables of each step.
    """
    findings = []
    for name, variable, steps in _lacking(plan, facts, pipeline_job):
        which = ", ".join(f"'{step}'" for step in steps)
        does = "the step" if len(steps) == 1 else "the steps"
        get = "does not get" if len(steps) == 1 else "do not get"
        message = f"it needs the environment variable {variable}, which {does} {which} {get}."
        hint = (
            "Use a secret of the key vault instead, ${azureml.secret:NAME} with no other resolver "
            "around it; or set it in the image, "
            f"or in azureml.yml:  steps: {{{steps[0]}: {{environment_variables: "
            f"{{{variable}: ...}}}}}}"
        )
        findings.append(VARIABLE_NOT_GIVEN.found(name, message, hint))
    return findings


def _lacking(
    plan: Plan, facts: ProjectFacts, pipeline_job: PipelineJob
) -> Iterator[tuple[str, str, list[str]]]:
    needing = {name: each for name, each in facts.datasets.items() if each.variables}
    if not needing:
        return
    nodes = {node.name: {*node.inputs, *node.outputs} for node in facts.nodes}
    lacking: dict[tuple[str, str], list[str]] = {}
    for step in plan.steps:
        given = pipeline_job.jobs[make_azure_name(step.name)].environment_variables
        used = set().union(*(nodes[node] for node in step.nodes)) & needing.keys()
        for name in sorted(used):
            for variable in needing[name].variables:
                if variable not in given and not _is_set_anyway(variable):
                    steps = lacking.setdefault((strip_transcoding(name), variable), [])
                    if step.name not in steps:
                        steps.append(step.name)
    for (name, variable), steps in lacking.items():
        yield name, variable, steps


def _is_set_anyway(variable: str) -> bool:
    return variable.startswith(_SET_BY_AZURE) or variable in _ALWAYS_SET


def check_secret_places(facts: ProjectFacts) -> list[Finding]:
    """Find references to secrets in configuration other than credentials and `azureml.yml`.

    Args:
        facts: What is known about the project.
    """
    if not secrets_were_read():
        return []
    findings = []
    for kind in _KINDS:
        patterns = facts.files.patterns.get(kind, _GLOBALS)
        for file in list_config_files(facts.root, facts.files.folders, patterns):
            if "credentials" in file.lower():
                continue
            for line in find_secret_references(facts.root / file):
                message = "'${azureml.secret:...}' is resolved only in credentials."
                findings.append(
                    SECRET_OUTSIDE_CREDENTIALS.found(
                        f"the {kind}", message, PLACING_HINT, file=file, line=line
                    )
                )
    return findings
