"""What the simulator refuses is what the SDK refuses, but for this list; and what it accepts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from environments import judged
from kedro_azureml_simulator import validate
from kedro_azureml_simulator.pipeline.rules import RULES
from sdk_cases import CASES, write_files

REFUSED_BY_A_RULE = {
    "job long display_name": "labels",
    "job long description": "labels",
    "job 51 tags": "labels",
    "job compute local": "compute-local",
    "no jobs": "no-steps",
    "step long name": "file-name",
    "step type missing": "command-empty",
    "component workspace": "remote-component",
    "component workspace untyped": "remote-component",
    "component registry": "remote-component",
    "component number gets text": "contract",
    "component integer gets float": "contract",
    "component boolean gets text": "contract",
    "component enum miss": "contract",
    "component below min": "contract",
    "component above max": "contract",
    "component folder gets text": "contract",
    "component number gets data": "contract",
    "component string gets data": "contract",
    "component number gets output": "contract",
    "pipeline input name 1a": "port-name",
    "step output name 1a": "port-name",
    "pipeline output name 1a": "port-name",
    "pipeline input name a-b": "port-name",
    "step output name a-b": "port-name",
    "pipeline output name a-b": "port-name",
    "empty command": "command-empty",
    "command undefined": "expression-undefined",
    "command parent": "expression-undefined",
    "command undefined output": "expression-undefined",
    "component command undefined": "expression-undefined",
    "code git": "remote-code",
    "code azureml": "remote-code",
    "code empty folder": "local-data",
    "env vars equals": "process",
    "compute local step": "compute-local",
    "dist ray": "ray",
    "pipeline input no path": "input-value",
    "step input no path": "input-value",
    "pipeline input asset label": "remote-data",
    "pipeline input https": "remote-data",
    "pipeline input wasbs": "remote-data",
    "pipeline input datastore short": "remote-data",
    "pipeline input missing file": "local-data",
    "pipeline input empty folder": "local-data",
    "pipeline input empty mapping": "input-value",
    "binding own": "binding-form",
    "pipeline input bound": "binding-form",
    "step output binding input": "output-text",
    "step output text": "output-text",
    "21 outputs": "too-many-ports",
    "two writers": "two-writers",
    "two register one version": "version-twice",
    "cycle": "cycle",
    "reads itself": "cycle",
    "command job undefined": "expression-undefined",
    "declared default bool str": "contract",
    "component additional includes missing": "local-data",
    "parallel no input_data": "parallel",
    "parallel input_data unknown": "parallel",
    "parallel input_data text": "parallel",
    "parallel task missing": "parallel",
    "parallel no entry": "parallel",
    "parallel entry nowhere": "parallel",
    "parallel task type model": "model-task",
    "parallel append unknown": "parallel",
    "parallel size kb": "tabular",
    "parallel size 0": "contract",
    "parallel partition": "tabular",
    "parallel args undefined": "expression-undefined",
    "sweep no search space": "expression-undefined trials",
    "sweep empty space": "expression-undefined trials",
    "sweep grid uniform": "trials",
    "sweep space {'type': 'choice', 'values': []}": "trials",
    "sweep space {'type': 'choice'}": "trials",
    "sweep space {'type': 'randint', 'upper': 0}": "trials",
    "sweep space {'type': 'uniform', 'min_value': 1, 'max_value': 0}": "trials",
    "sweep space {'type': 'normal', 'mu': 0, 'sigma': -1}": "trials",
    "sweep undefined space": "expression-undefined",
    "command job input no value": "input-value",
    "command job bindings": "binding-form",
}
"""Cases that `load_job` and `_validate()` accept and the simulator refuses, with the rules."""

ACCEPTED_WITH_A_REASON = {
    "component pipeline inline": "what the SDK dumps of nested pipelines, and cannot load again",
    "job identity bad": "identities are not read: nothing of this machine depends on them",
    "step services bad": "services are not read: there is nobody to log in to a step",
    "command job component": "what the SDK dumps of `command(...)`, and cannot load again",
}
"""Cases that `load_job` or `_validate()` refuses and the simulator accepts, with the reason."""


@pytest.mark.once
def test_the_simulator_refuses_what_the_sdk_refuses_but_for_a_literal_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    files = {}
    for number, (name, content) in enumerate(CASES.items()):
        file = tmp_path / f"case_{number}.yml"
        file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
        files[str(file)] = name
    halves = [list(files)[0::2], list(files)[1::2]]
    with ThreadPoolExecutor(2) as pool:
        refused_by_sdk = {
            files[file] for found in pool.map(lambda half: judged(*half), halves) for file in found
        }

    refused, accepted = {}, set()
    for file, name in files.items():
        errors = [problem for problem in validate(file) if problem.severity == "error"]
        if errors and name not in refused_by_sdk:
            refused[name] = " ".join(sorted({problem.rule or "none" for problem in errors}))
        if not errors and name in refused_by_sdk:
            accepted.add(name)

    assert refused == REFUSED_BY_A_RULE
    assert accepted == set(ACCEPTED_WITH_A_REASON)
    assert {rule for rules in refused.values() for rule in rules.split()} <= set(RULES)
