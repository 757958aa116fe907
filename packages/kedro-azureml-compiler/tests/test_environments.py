"""Environments that are described in `azureml.yml`, and their files."""

from kedro_azureml_compiler.azureml.environments import (
    list_environment_paths,
    list_needed_files,
    lower_environment,
)
from kedro_azureml_compiler.checks.outputs import check_environments
from kedro_azureml_compiler.settings.models import Job
from kedro_azureml_compiler.settings.parsing import read_config
from kedro_azureml_compiler.settings.steps import BuildContext, InlineEnvironment, StepSettings


def config(environment: object):
    return read_config(
        {
            "workspace": {
                "__default__": {"subscription_id": "s", "resource_group": "r", "name": "w"}
            },
            "compute": {"__default__": {"cluster_name": "cpu"}},
            "execution": {"environment": environment},
        }
    )


def test_a_conda_file_is_found_in_the_bundle_and_its_content_stands_in_the_job():
    described = InlineEnvironment(image="i", conda_file="env/c.yml")
    assert lower_environment(described) == {
        "image": "i",
        "conda_file": "./environments/env/c.yml",
    }
    content = {"dependencies": ["python=3.11"]}
    described = InlineEnvironment(image="i", conda_file=content)
    assert lower_environment(described) == {"image": "i", "conda_file": content}


def test_a_build_context_is_found_in_the_bundle():
    described = InlineEnvironment(build=BuildContext(path="./docker", dockerfile_path="D"))
    assert lower_environment(described) == {
        "build": {"path": "./environments/docker", "dockerfile_path": "D"}
    }


def test_files_of_all_steps_are_part_of_the_bundle_once():
    settings = config({"image": "i", "conda_file": "./c.yml"})
    build = InlineEnvironment(build=BuildContext(path="docker"))
    chosen = {"a": StepSettings(environment=build), "b": StepSettings(environment=build)}
    assert list_environment_paths(settings, chosen) == ("c.yml", "docker")
    assert list_needed_files(settings, chosen) == ("c.yml", "docker/Dockerfile")
    assert (
        check_environments("j", Job(), settings, chosen, list_needed_files(settings, chosen)) == []
    )


def test_a_file_that_is_missing_or_outside_the_project_is_an_error():
    settings = config({"image": "i", "conda_file": "../c.yml"})
    (outside,) = check_environments("j", Job(), settings, {}, [])
    assert "'../c.yml' is not in the project" in outside.message
    settings = config({"build": {"path": "docker"}})
    (missing,) = check_environments("j", Job(), settings, {}, [])
    assert "'docker/Dockerfile' does not exist" in missing.message
    assert (missing.code, missing.where) == ("environment-file", "execution.environment")
