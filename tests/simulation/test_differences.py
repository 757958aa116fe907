"""What the simulator refuses is what the SDK refuses, but for this list; and what it accepts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from kedro_azureml_simulator import Problem, validate
from kedro_azureml_simulator.pipeline.rules import RULES
from sdk_cases import CASES, write_files
from stress import FACTOR

JUDGE = Path(__file__).parents[1] / "support" / "judge_together.py"

REFUSED_BY_A_RULE = {
    "job long display_name": ("labels", "256 characters are documented"),
    "job long description": ("labels", "5,000 characters are documented"),
    "job 51 tags": ("labels", "50 tags are documented"),
    "job compute local": ("compute-local", "no pipeline runs on `local`"),
    "no jobs": ("no-steps", "the service runs no empty pipeline"),
    "step long name": ("file-name", "no folder of this machine can have the name"),
    "step type missing": ("command-empty", "the SDK takes it for a step without a command"),
    "component workspace": (
        "remote-component",
        "nothing is fetched; the option --component maps it",
    ),
    "component workspace untyped": (
        "remote-component",
        "nothing is fetched; the option --component maps it",
    ),
    "component registry": (
        "remote-component",
        "nothing is fetched; the option --component maps it",
    ),
    "component number gets text": ("contract", "the SDK compares no value with its type"),
    "component integer gets float": ("contract", "the SDK compares no value with its type"),
    "component boolean gets text": ("contract", "the SDK compares no value with its type"),
    "component below min": ("contract", "the SDK compares no value with min"),
    "component above max": ("contract", "the SDK compares no value with max"),
    "component folder gets text": ("contract", "a string is no folder; the SDK does not look"),
    "component number gets data": ("contract", "a folder is no number; the SDK does not look"),
    "component string gets data": ("contract", "a folder is no string; the SDK does not look"),
    "component number gets output": ("contract", "an output is no number; the SDK does not look"),
    "pipeline input name 1a": ("port-name", "the SDK refuses the name when it sends"),
    "step output name 1a": ("port-name", "the SDK refuses the name when it sends"),
    "pipeline output name 1a": ("port-name", "the SDK refuses the name when it sends"),
    "pipeline input name a-b": ("port-name", "the SDK refuses the name when it sends"),
    "step output name a-b": ("port-name", "the SDK refuses the name when it sends"),
    "pipeline output name a-b": ("port-name", "the SDK refuses the name when it sends"),
    "empty command": ("command-empty", "the SDK takes white space for a command"),
    "command undefined": (
        "expression-undefined",
        "nothing replaces it, and the shell would get it as it is",
    ),
    "command parent": ("expression-undefined", "a command binds its own inputs alone"),
    "command undefined output": (
        "expression-undefined",
        "nothing replaces it, and the shell would get it as it is",
    ),
    "component command undefined": (
        "expression-undefined",
        "nothing replaces it, and the shell would get it as it is",
    ),
    "code git": ("remote-code", "nothing is fetched"),
    "code azureml": ("remote-code", "nothing is fetched"),
    "code empty folder": ("local-data", "the SDK uploads no empty folder"),
    "env vars equals": ("process", "no process of this machine takes the name"),
    "compute local step": ("compute-local", "no pipeline step runs on `local`"),
    "dist ray": ("ray", "the service sets up the cluster"),
    "pipeline input no path": ("input-value", "the step that reads it gets nothing"),
    "step input no path": ("input-value", "the step gets nothing"),
    "pipeline input asset label": ("remote-data", "nothing is fetched; the option --asset maps it"),
    "pipeline input https": ("remote-data", "nothing is fetched; the option --asset maps it"),
    "pipeline input wasbs": ("remote-data", "nothing is fetched; the option --asset maps it"),
    "pipeline input datastore short": (
        "remote-data",
        "nothing is fetched; the option --asset maps it",
    ),
    "pipeline input missing file": ("local-data", "the SDK looks for it when it uploads"),
    "pipeline input empty folder": ("local-data", "the SDK uploads no empty folder"),
    "pipeline input empty mapping": ("input-value", "the step that reads it gets nothing"),
    "binding forward unknown output": (
        "binding-target",
        "nobody writes it, and the reader never starts",
    ),
    **dict.fromkeys(
        (
            "bound mini_batch_size nowhere",
            "bound mini_batch_error_threshold nowhere",
            "bound error_threshold nowhere",
            "bound max_concurrency nowhere",
            "bound parallel instances nowhere",
            "bound retries nowhere",
            "bound trials nowhere",
            "bound space nowhere",
            "bound logging_level nowhere",
            "bound metric nowhere",
        ),
        ("binding-target", "there is no value to use"),
    ),
    "binding unknown step of a component": ("binding-target", "the reader never starts"),
    "binding forward of all outputs": ("binding-form", "an input is bound to one output"),
    "binding forward text after an output": (
        "binding-form",
        "what is around an output is not replaced",
    ),
    "binding own": ("binding-form", "the SDK refuses it when it sends"),
    "pipeline input bound": ("binding-form", "there is nothing around a pipeline to bind to"),
    "step output binding input": ("output-text", "an output is bound to an output"),
    "step output text": ("output-text", "a string here is a binding"),
    "21 outputs": ("too-many-ports", "20 outputs are documented"),
    "two writers": ("two-writers", "the service takes one writer of an output"),
    "two register one version": ("version-twice", "the second registration fails"),
    "cycle": ("cycle", "the steps wait for each other"),
    "reads itself": ("cycle", "the step waits for itself"),
    "command job undefined": (
        "expression-undefined",
        "nothing replaces it, and the shell would get it as it is",
    ),
    "declared default bool str": ("contract", "the SDK compares no default with its type"),
    "component additional includes missing": ("local-data", "the SDK looks for it when it uploads"),
    "parallel no input_data": ("parallel", "there is nothing to cut into mini-batches"),
    "parallel input_data unknown": ("parallel", "there is nothing to cut into mini-batches"),
    "parallel input_data text": ("parallel", "there is nothing to cut into mini-batches"),
    "parallel task missing": ("parallel", "there is nothing to call"),
    "parallel no entry": ("parallel", "there is nothing to call"),
    "parallel entry nowhere": ("parallel", "the script is not in the code"),
    "parallel task type model": ("model-task", "the image of the service calls the model"),
    "parallel append unknown": ("parallel", "the step has no such output"),
    "parallel size kb": ("tabular", "the service's reader of tables cuts them"),
    "parallel size 0": ("contract", "a mini-batch has at least one file"),
    "parallel partition": ("tabular", "the service's reader of tables cuts them"),
    "parallel args undefined": ("expression-undefined", "nothing replaces it"),
    "sweep no search space": ("expression-undefined trials", "there is nothing to draw from"),
    "sweep empty space": ("expression-undefined trials", "there is nothing to draw from"),
    "sweep grid uniform": ("trials", "a grid has no end"),
    "sweep space {'type': 'choice', 'values': []}": ("trials", "there is nothing to draw from"),
    "sweep space {'type': 'choice'}": ("trials", "there is nothing to draw from"),
    "sweep space {'type': 'randint', 'upper': 0}": ("trials", "there is nothing to draw from"),
    "sweep space {'type': 'uniform', 'min_value': 1, 'max_value': 0}": (
        "trials",
        "the range is empty",
    ),
    "sweep space {'type': 'normal', 'mu': 0, 'sigma': -1}": ("trials", "no deviation is negative"),
    "sweep undefined space": ("expression-undefined", "nothing replaces it"),
    "command job input no value": ("input-value", "the command gets nothing"),
    "command job bindings": ("binding-form", "there is no pipeline around a job to bind to"),
    "component prompt flow": ("flow", "the service runs the nodes of the flow"),
    "pipeline input empty path": ("input-value", "the step that reads it gets nothing"),
    "component output integer": (
        "literal-output",
        "the service reads the value that a step leaves",
    ),
}
"""Cases that `load_job` and `_validate()` accept and the simulator refuses: the rules, and why."""

ACCEPTED_WITH_A_REASON = {
    "component pipeline inline": "what the SDK dumps of nested pipelines, and cannot load again",
    "command job component": "what the SDK dumps of `command(...)`, and cannot load again",
}
"""Cases that `load_job` or `_validate()` refuses and the simulator accepts, with the reason."""


CHOSEN = dict(list(CASES.items())[:: 1 if FACTOR > 1 else 5])
"""All cases in `nox -s stress`, every fifth one with each change: the SDK takes its time."""


def ask_the_sdk(files: dict[str, str], errors: dict[str, list[Problem]]) -> list[str]:
    """Return the files that the SDK refuses, asked in a process of its own."""
    # A refusal that names a rule is one that the SDK does not make.
    likely = [file for file, name in files.items() if all(p.rule for p in errors[name])]
    others = [file for file in files if file not in likely]
    done = subprocess.run(
        [sys.executable, str(JUDGE)],
        input=json.dumps({"likely": likely, "others": others}),
        capture_output=True,
        text=True,
        check=False,
    )
    answers = [line for line in done.stdout.splitlines() if line.startswith("REFUSED ")]
    assert len(answers) == 1, done.stderr
    found: list[str] = json.loads(answers[0].removeprefix("REFUSED "))
    return found


@pytest.mark.once
def test_the_simulator_refuses_what_the_sdk_refuses_but_for_a_literal_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    files = {}
    for number, (name, content) in enumerate(CHOSEN.items()):
        file = tmp_path / f"case_{number}.yml"
        file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
        files[str(file)] = name
    errors = {
        name: [problem for problem in validate(file) if problem.severity == "error"]
        for file, name in files.items()
    }
    refused_by_sdk = {files[file] for file in ask_the_sdk(files, errors)}

    refused = {
        name: " ".join(sorted({problem.rule or "none" for problem in found}))
        for name, found in errors.items()
        if found and name not in refused_by_sdk
    }
    accepted = {name for name in refused_by_sdk if not errors[name]}

    assert {*REFUSED_BY_A_RULE, *ACCEPTED_WITH_A_REASON} <= set(CASES)
    expected = {name: rules for name, (rules, _) in REFUSED_BY_A_RULE.items()}
    assert refused == {name: rules for name, rules in expected.items() if name in CHOSEN}
    assert accepted == set(ACCEPTED_WITH_A_REASON) & set(CHOSEN)
    assert {rule for rules in refused.values() for rule in rules.split()} <= set(RULES)
