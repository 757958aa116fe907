"""`kedro azureml environment register`, and what `run` says of an environment that became old."""

import json

import pytest
import yaml
from stress import spread_faults

KEDRO = """
import sys

sys.argv = ["kedro", "azureml", *sys.argv[2:]]
from kedro.framework.cli.cli import main

main()
"""


@pytest.fixture
def shop_with_environment(farm, azure):
    """The farm, whose environment is registered by the command."""
    farm.write("requirements.txt", "click>=8\nkedro\n")
    settings = yaml.safe_load(farm.read("conf/base/azureml.yml"))
    settings["execution"]["environment"] = "shop-env@latest"
    settings["jobs"]["all"] = {"pipeline": {"node_names": ["clean"]}}
    farm.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    return farm


def kedro(project, *arguments):
    done = project.start(KEDRO, *arguments).wait()
    assert "Traceback" not in done.output, done.output
    return done


def document(done):
    assert done.returncode == 0, done.output
    return json.loads(done.output[done.output.index("{") :])


def register(project, *arguments):
    return document(kedro(project, "environment", "register", "--format", "json", *arguments))


def bodies(azure):
    """The environments that were sent, by version."""
    return {
        path.rpartition("/")[2]: body["properties"]
        for method, path, body in azure.control.sent
        if method == "PUT" and "/environments/" in path
    }


def test_an_environment_is_registered_once_for_each_change_of_the_requirements(
    shop_with_environment, azure
):
    project = shop_with_environment
    first = register(project, "--python", "3.11")
    assert (first["name"], first["version"], first["registered"]) == ("shop-env", "1", True)
    sent = bodies(azure)["1"]
    conda = yaml.safe_load(sent["condaFile"])
    pip = conda["dependencies"][-1]["pip"]
    assert "python=3.11" in conda["dependencies"]
    assert any(line.startswith("kedro-azureml-datasets==") for line in pip)
    assert not any(line.startswith("azure") for line in pip)
    assert sent["tags"]["kedro_azureml_source"] == "requirements.txt"

    azure.control.sent.clear()
    project.write("requirements.txt", "# the same\nkedro\nclick >= 8\n")
    again = register(project, "--python", "3.11")
    assert (again["version"], again["registered"]) == ("1", False)
    assert bodies(azure) == {}

    project.write("requirements.txt", "kedro\nclick>=8.1\n")
    assert register(project, "--python", "3.11")["version"] == "2"
    assert register(project, "--python", "3.12")["version"] == "3"
    assert register(project, "--python", "3.12", "--force")["version"] == "4"


def test_run_warns_of_an_environment_that_is_older_than_the_requirements(
    shop_with_environment, azure
):
    project = shop_with_environment
    register(project)
    done = kedro(project, "run", "-j", "all")
    assert done.returncode == 0, done.output
    assert "Warning" not in done.output
    project.write("requirements.txt", "kedro\nclick>=8.1\n")
    done = kedro(project, "run", "-j", "all")
    assert done.returncode == 0, done.output
    told = "The environment 'shop-env:1' was registered before requirements.txt changed."
    assert told in done.output
    assert len(azure.control.jobs.bodies) == 2


def test_a_request_for_the_warning_that_fails_does_not_fail_the_run(shop_with_environment, azure):
    project = shop_with_environment
    register(project)
    project.write("requirements.txt", "kedro\nclick>=8.1\n")
    azure.control.faults.add(403, "GET .*/environments/shop-env", times=1)
    done = kedro(project, "run", "-j", "all")
    assert done.returncode == 0, done.output
    assert "was registered before" not in done.output
    azure.add_environment("shop-env", "9")  # by someone else, without our tags
    done = kedro(project, "run", "-j", "all")
    assert done.returncode == 0, done.output
    assert "was registered before" not in done.output


def test_what_is_left_to_decide_is_not_registered_without_force(shop_with_environment, azure):
    project = shop_with_environment
    project.write("requirements.txt", "kedro\n-e ./near\n")
    done = kedro(project, "environment", "register")
    assert done.returncode == 1, done.output
    assert "-e ./near (requirements.txt:2)" in done.output
    assert bodies(azure) == {}
    assert register(project, "other-env", "--force")["name"] == "other-env"


def test_a_refusal_is_a_message(shop_with_environment, azure):
    azure.control.faults.add(403, "PUT .*/environments/", times=9, message="Not you.")
    done = kedro(shop_with_environment, "environment", "register")
    assert done.returncode == 1, done.output
    assert "Registering the environment 'shop-env' failed: Not you." in done.output


@pytest.mark.parametrize("kind", spread_faults([401, 403, 500, "reset", "lost", "truncated"]))
def test_a_registration_that_fails_is_one_message_and_the_next_one_registers(
    shop_with_environment, azure, kind
):
    project = shop_with_environment
    azure.control.faults.add(kind, "/environments/", times=10_000, message="It is broken.")
    failed = kedro(project, "environment", "register", "--python", "3.11")
    assert failed.returncode in {1, 3}, failed.output
    assert failed.output.count("Error: ") == 1, failed.output
    azure.control.faults.clear()
    assert register(project, "--python", "3.11")["name"] == "shop-env"
