"""The judge is another tool that reads the same file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from environments import needed, run_checked
from kedro_azureml_compiler import ProjectRequest

from .written_case import Cases, refused

CASES = Cases()


@CASES.of("catalog-entry")
def the_type_of_an_entry_is_a_number(case):
    case.project.catalog("x: {type: 3, filepath: data/x.csv}")
    refused(case, "catalog-entry")
    assert case.kedro("run").returncode != 0


@CASES.of("unknown-dataset-type")
def the_type_of_an_entry_does_not_exist(case):
    case.project.catalog("x: {type: pandas.CSVDatset, filepath: data/x.csv}")
    refused(case, "unknown-dataset-type")
    assert case.kedro("run").returncode != 0


@CASES.of("unknown-dataset-argument")
def an_entry_has_an_argument_that_its_class_does_not_take(case):
    case.project.catalog("x: {type: json.JSONDataset, filepath: data/x.json, savee_args: {}}")
    refused(case, "unknown-dataset-argument")
    assert case.kedro("run").returncode != 0


@CASES.of("project-error")
def the_catalog_is_no_yaml(case):
    from kedro_azureml_compiler import check_jobs

    case.project.catalog("x: {type: [")
    (job,) = check_jobs(ProjectRequest(case.project.root))
    assert [finding.code for finding in job.findings] == ["project-error"]
    assert case.kedro("run").returncode != 0


@CASES.of("settings-mistake")
def the_settings_have_an_unknown_key(case):
    import jsonschema
    from kedro_azureml_compiler import check_jobs

    case.project.settings_of({"j": {"computer": "gpu"}})
    (job,) = check_jobs(ProjectRequest(case.project.root))
    assert {finding.code for finding in job.findings} == {"settings-mistake"}
    schema = json.loads(
        (Path(__file__).parents[3] / "docs/reference/azureml.schema.json").read_text()
    )
    written = yaml.safe_load((case.project.root / "conf/base/azureml.yml").read_text())
    with pytest.raises(jsonschema.ValidationError, match="computer"):
        jsonschema.validate(written, schema)


@CASES.of("conda-file")
def a_conda_file_names_the_project(case):
    case.project.write("env.yml", "dependencies: [pip, {pip: ['-r more/missing.txt']}]\n")
    environment = {"image": "ubuntu:22.04", "conda_file": "env.yml"}
    case.project.settings_of({"j": {}}, execution={"environment": environment})
    refused(case, "conda-file")
    with pytest.raises(AssertionError, match=r"missing\.txt"):
        run_checked(needed("UV"), "pip", "compile", "--offline", "more/missing.txt")
