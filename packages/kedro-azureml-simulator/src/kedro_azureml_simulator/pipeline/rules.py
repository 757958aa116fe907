"""What is refused beyond what the Azure SDK refuses, each with its reason: the one list of it.

A problem without a rule is one that `load_job` or `_validate()` of the SDK refuses too. Every
other refusal names a rule of this list, and the documentation's page of limits is made from it.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple


class Rule(NamedTuple):
    """Why something is refused that the SDK's validation accepts.

    Args:
        by: `service`, a rule of Azure ML itself; `upload`, what the SDK refuses when it sends;
            `machine`, what one machine without Azure cannot do.
        reason: One sentence.
    """

    by: Literal["service", "upload", "machine"]
    reason: str


RULES: Final[dict[str, Rule]] = {
    "cycle": Rule("service", "Steps that wait for each other never start."),
    "command-empty": Rule("service", "A step needs a command to run."),
    "compute-local": Rule("service", "No pipeline step runs on `local`."),
    "contract": Rule(
        "service", "A literal must be of the type, and within the range, that its component"
        " declares; data cannot stand for a literal, or a literal for data."
    ),
    "expression-undefined": Rule(
        "service", "A `${{...}}` that stands for nothing would reach the shell as it is."
    ),
    "labels": Rule(
        "service", "Documented limits: display names have at most 256 characters, descriptions"
        " 5,000; there are at most 50 tags, and their values are strings."
    ),
    "no-steps": Rule("service", "A pipeline needs at least one step."),
    "output-text": Rule("service", "The string of an output is a binding to a pipeline output."),
    "parallel": Rule(
        "service", "A parallel step needs a task with an entry script in its code folder, and"
        " `input_data` bound to one of its inputs."
    ),
    "two-writers": Rule("service", "One output of a pipeline is written by one step."),
    "version-twice": Rule("service", "One version of an asset is registered once."),
    "too-many-ports": Rule("service", "Documented limits: 200 data inputs, 20 outputs a step."),
    "too-many-steps": Rule("service", "Documented limit: 30,000 steps a pipeline."),
    "trials": Rule("service", "A sweep needs a search space to draw from and trials to run."),
    "asset-version": Rule("upload", "A reference to an asset needs a version or a label."),
    "binding-form": Rule(
        "upload", "A binding is `${{parent.inputs.<name>}}` or"
        " `${{parent.jobs.<step>.outputs.<port>}}`, with nothing around it."
    ),
    "binding-target": Rule(
        "service", "A binding leads to an input, or to an output of a step, that exists."
    ),
    "input-value": Rule("upload", "An input that is used needs a value."),
    "local-data": Rule("upload", "A local path must exist and hold at least one file."),
    "port-name": Rule(
        "upload", "Pipeline inputs and all outputs are named with letters, digits and underscores."
    ),
    "automl": Rule("machine", "AutoML steps run inside Azure ML."),
    "data_transfer": Rule("machine", "Data transfer steps move data between Azure's stores."),
    "do_while": Rule("machine", "Loops are controlled by the service."),
    "finetuning": Rule("machine", "Fine-tuning steps run inside Azure ML."),
    "flow": Rule("machine", "Prompt flows run inside Azure ML."),
    "if_else": Rule("machine", "Conditions are evaluated by the service."),
    "import": Rule("machine", "Import steps read databases with Azure's own connections."),
    "parallel_for": Rule("machine", "Loops are controlled by the service."),
    "spark": Rule("machine", "Spark steps need Azure's Spark pools."),
    "ray": Rule("machine", "A Ray cluster is set up by the service."),
    "literal-output": Rule("machine", "Outputs that are strings or numbers need the service."),
    "model-task": Rule("machine", "A parallel `task` of type `model` needs Azure's image."),
    "remote-code": Rule("machine", "Code in a repository or a workspace is not fetched."),
    "remote-component": Rule(
        "machine", "A component of a workspace or registry is not fetched; map it to a file."
    ),
    "remote-data": Rule(
        "machine", "Assets and remote addresses are not fetched; map them to local data."
    ),
    "remote-include": Rule("machine", "An `additional_includes` artifact is not fetched."),
    "tabular": Rule(
        "machine", "Mini-batches of tabular data (`mltable`, `partition_keys`, sizes such as"
        " `10kb`) need Azure's reader of tables."
    ),
    "file-name": Rule("machine", "A file name on this machine has at most 255 bytes."),
    "process": Rule("machine", "No process takes a NUL character, or `=` in a variable's name."),
}  # fmt: skip
