"""The judge is the SDK of Azure ML."""

from __future__ import annotations

import re

import yaml
from environments import judged

from .written_case import Case, Cases, refused

CASES = Cases()


def the_sdk_refuses(case: Case, code: str) -> None:
    refused(case, code)
    file = case.bundle().bundle / "pipeline.yml"
    assert judged(file, python=case.sdk)[str(file)]


@CASES.of("no-environment")
def no_environment_is_named(case):
    case.project.settings_of({"j": {}}, execution={})
    refused(case, "no-environment")
    document = yaml.safe_load(case.yml())
    for step in document["jobs"].values():
        assert step["component"].pop("environment") == "azureml:"  # which names none
    file = case.bundle().bundle / "pipeline.yml"
    file.write_text(yaml.safe_dump(document))
    assert judged(file, python=case.sdk)[str(file)]


@CASES.of("environment-reference")
def an_environment_has_no_version(case):
    case.project.settings_of({"j": {}}, execution={"environment": "env"})
    refused(case, "environment-reference")
    # Documented: `azureml:NAME:VERSION` or `azureml:NAME@LABEL`. The SDK asks the workspace first.
    (step,) = yaml.safe_load(case.yml())["jobs"].values()
    assert not re.fullmatch(r"azureml:[^:@]+[:@][^:@]+", step["component"]["environment"])


@CASES.of("environment-file")
def a_conda_file_does_not_exist(case):
    environment = {"image": "ubuntu:22.04", "conda_file": "no.yml"}
    case.project.settings_of({"j": {"steps": {"a": {"environment": environment}}}})
    the_sdk_refuses(case, "environment-file")
