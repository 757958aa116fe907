"""What can be found wrong with the steps of a job: grouping, settings of steps, limits."""

from __future__ import annotations

from kedro_azureml_compiler.findings import About, FindingKind, Severity

STEP_KINDS = (
    FindingKind(
        "circular-groups",
        Severity.ERROR,
        About.SETTING,
        "groups of nodes would wait for each other in a circle",
        "A step starts when all its inputs are there. Where a node of the first group needs "
        "something of the second, and one of the second something of the first, none can start.",
        "The finding spells out the circle, and the smallest grouping that can run, to be pasted.",
        fixed=True,
    ),
    FindingKind(
        "fixed-output-path",
        Severity.WARNING,
        About.STEP,
        "every job would write its outputs to the same place",
        "Azure ML wants the folder of an output to be empty: the second job fails.",
        "Write the run's name into the path:\n\n"
        "```yaml\nsteps:\n  train:\n"
        "    output: {path: 'models/\\${{name}}/\\${{output_name}}'}\n```",
    ),
    FindingKind(
        "node-in-two-groups",
        Severity.ERROR,
        About.SETTING,
        "a node is in two groups",
        "A node runs in one step.",
        "Leave it in one of them.",
        fixed=True,
    ),
    FindingKind(
        "one-output-path",
        Severity.ERROR,
        About.STEP,
        "two outputs would be written to one place",
        "What one leaves, the other overwrites or stumbles over.",
        "Write `\\${{output_name}}` into the path, with its backslash, in single quotes.",
        fixed=True,
    ),
    FindingKind(
        "pattern-matches-nothing",
        Severity.ERROR,
        About.SETTING,
        "a pattern of `grouping` or `steps` matches no node of the job",
        "The setting would have no effect, and nobody would notice.",
        "Correct the name, or take the pattern out.",
    ),
    FindingKind(
        "reuse-refused",
        Severity.ERROR,
        About.STEP,
        "a step that touches data which Azure ML does not see may not be reused",
        "Azure ML reuses the outputs of a deterministic step as long as its code and its inputs "
        "are the same. It does not see when a table or a file in storage changes: the step would "
        "give yesterday's result.",
        "Take the tag `deterministic` from the node, or read the data through an "
        "`AzureMLAssetDataset`.",
        fixed=True,
    ),
    FindingKind(
        "settings-contradict",
        Severity.ERROR,
        About.STEP,
        "two patterns of `steps` give a step different values",
        "The narrower pattern wins; here none is narrower.",
        "Name the step itself:\n\n```yaml\nsteps:\n  train: {compute: gpu}\n```",
        fixed=True,
    ),
    FindingKind(
        "step-name-too-long",
        Severity.ERROR,
        About.STEP,
        "the name of a step is longer than Azure ML takes",
        "Azure ML takes 256 characters for a display name.",
        "Shorten the node's name, or put it into a group with a shorter one.",
    ),
    FindingKind(
        "step-name-twice",
        Severity.ERROR,
        About.SETTING,
        "a group has the name of a node outside it",
        "Both would be the same step.",
        "Give the group another name.",
        fixed=True,
    ),
    FindingKind(
        "too-many-ports",
        Severity.ERROR,
        About.STEP,
        "a step has more inputs or outputs than Azure ML takes",
        "Azure ML takes 200 inputs and 20 outputs for one step.",
        "Put the step together with those that it exchanges data with (`grouping`), or hand over "
        "one `PartitionedDataset` in place of many datasets.",
    ),
    FindingKind(
        "too-many-steps",
        Severity.ERROR,
        About.PROJECT,
        "the job has more steps than Azure ML takes",
        "Azure ML takes 30,000 steps for one pipeline.",
        "Put nodes together with `grouping`, or make several jobs of it.",
    ),
    FindingKind(
        "too-many-tags",
        Severity.ERROR,
        About.STEP,
        "a step has more tags than Azure ML takes",
        "Azure ML takes 50 tags for one step.",
        "Give its nodes fewer tags.",
    ),
)
