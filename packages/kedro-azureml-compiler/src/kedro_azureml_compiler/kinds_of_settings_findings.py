"""What can be found wrong with the settings in `azureml.yml`."""

from __future__ import annotations

from kedro_azureml_compiler.findings import About, FindingKind, Severity

SETTINGS_KINDS = (
    FindingKind(
        "code-directory",
        Severity.ERROR,
        About.SETTING,
        "`execution.code_directory` is something else than `.` or null",
        "What is uploaded is the project: the runner starts Kedro in it.",
        "Write `.`, or null where the code is in the image.",
        fixed=True,
    ),
    FindingKind(
        "compute-local",
        Severity.ERROR,
        About.SETTING,
        "an entry of `compute` names the cluster `local`",
        "Azure ML runs no pipeline job on `local`.",
        "Name a compute of the workspace. `kedro azureml simulate` runs the job on this machine, "
        "whatever stands here.",
    ),
    FindingKind(
        "environment-reference",
        Severity.ERROR,
        About.SETTING,
        "a text names no environment that Azure ML resolves",
        "A registered environment needs a version or a label. The name of an image is no reference "
        "to an environment.",
        "```yaml\nexecution:\n  environment: my-env@latest        # or my-env:3\n"
        "  # environment: azureml://registries/azureml/environments/sklearn-1.5/labels/latest\n"
        "  # environment: {image: docker.io/library/python:3.11}\n```",
    ),
    FindingKind(
        "experiment-name",
        Severity.ERROR,
        About.SETTING,
        "the name of an experiment has characters that Azure ML refuses",
        "It may hold letters, digits, `-` and `_`, and starts with a letter or a digit.",
        "```yaml\njobs:\n  training:\n    experiment_name: my-experiment\n```",
    ),
    FindingKind(
        "fixed-check",
        Severity.ERROR,
        About.SETTING,
        "`checks` lowers a finding with which no job can be built",
        "Some findings are no matter of taste: without the dataset, the node or the setting that "
        "they name there is nothing to write into the job.",
        "Take the line out of `checks`, and mend what the finding names.",
        fixed=True,
    ),
    FindingKind(
        "no-effect",
        Severity.WARNING,
        About.SETTING,
        "a setting is accepted and has no effect",
        "Files of kedro-azureml-pipeline 0.1.0 are read as they are; a few of their settings do "
        "nothing yet. And `execution.working_directory` goes with `code_directory: null` alone.",
        "Nothing has to change, but do not rely on it.",
    ),
    FindingKind(
        "no-environment",
        Severity.ERROR,
        About.SETTING,
        "`execution.environment` is missing",
        "Azure ML needs to know what a step runs in.",
        "```yaml\nexecution:\n  environment: my-env@latest\n```",
        fixed=True,
    ),
    FindingKind(
        "project-error",
        Severity.ERROR,
        About.PROJECT,
        "the project, or a job, a pipeline or a node that is named, cannot be read",
        "Every other command stops with the same message. `check` goes on with the other jobs.",
        "What the message says. `kedro registry list` shows the whole traceback of an error in the "
        "pipelines, `kedro catalog describe-datasets` that of one in the catalog.",
        fixed=True,
    ),
    FindingKind(
        "promoted-parameter",
        Severity.ERROR,
        About.SETTING,
        "a parameter cannot become an input of the job",
        "Inputs of a job are text, numbers, true and false. Azure ML replaces `${{...}}` in them, "
        "and takes no empty text.",
        "Name each value on its own:\n\n"
        "```yaml\njobs:\n  training:\n    inputs:\n"
        "      learning_rate: params:model.learning_rate\n```",
        fixed=True,
    ),
    FindingKind(
        "schedule-refused",
        Severity.WARNING,
        About.SETTING,
        "a schedule that Azure ML would refuse",
        "The time or the interval is not one that a schedule of Azure ML can have.",
        "What the message says.",
    ),
    FindingKind(
        "settings-mistake",
        Severity.ERROR,
        About.SETTING,
        "`azureml.yml` says something that has no meaning",
        "A key is missing, unknown or of a wrong type, or names an entry that does not exist. No "
        "job is read from such a file.",
        "What the message says; the page [Settings](../settings.md) lists every key.",
        fixed=True,
    ),
    FindingKind(
        "text-too-long",
        Severity.ERROR,
        About.SETTING,
        "a name or a description is longer than Azure ML takes",
        "256 characters for a display name or an experiment, 5,000 for a description.",
        "Shorten it.",
    ),
    FindingKind(
        "unknown-check",
        Severity.ERROR,
        About.SETTING,
        "`checks` names a finding that does not exist",
        "The line would change nothing.",
        "Write one of the codes on this page.",
        fixed=True,
    ),
    FindingKind(
        "unknown-entry",
        Severity.ERROR,
        About.SETTING,
        "a job names a workspace, a compute, a schedule or a notification that does not exist",
        "Names refer to entries of the sections of the same file.",
        "Correct the name, or add the entry:\n\n"
        "```yaml\ncompute:\n  gpu: {cluster_name: gpu-cluster}\n"
        "jobs:\n  training:\n    compute: gpu\n```",
        fixed=True,
    ),
    FindingKind(
        "unknown-tag",
        Severity.WARNING,
        About.SETTING,
        "a job's filter names a tag that no node has, beside others that some have",
        "The job runs the nodes with the other tags, as `kedro run --tags` does. Where no node has "
        "any of the tags, there is no job to build, and every command stops.",
        "Correct the tag, or take it out of `pipeline.tags`.",
    ),
)
