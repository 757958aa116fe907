"""What the commands of environments print for people."""

from kedro_azureml_cli.environments.environment_output import show_export, show_registration
from kedro_azureml_cli.environments.image_target import ImageTarget
from kedro_azureml_cli.environments.needs import Undecided
from kedro_azureml_cli.environments.pinning import PinnedEnvironment
from kedro_azureml_cli.environments.registering import Registration


def test_an_export_says_what_was_written_and_how_to_try_it():
    undecided = (Undecided("torch", "requirements.txt:3", "it is not installed here"),)
    pinned = PinnedEnvironment(
        ImageTarget("3.11"),
        "requirements.txt",
        ("kedro==1.2.0", "pandas==2.2.0"),
        undecided,
        (),
        "",
    )
    text = show_export(pinned, "my image", ["Dockerfile", "requirements.txt"])
    first, *rest = text.splitlines()
    assert first == (
        "Wrote my image/Dockerfile, my image/requirements.txt: 2 packages for Python 3.11 on "
        "linux/amd64, from requirements.txt."
    )
    assert "torch" in text
    assert "kedro azureml simulate --step-env 'ENVIRONMENT=my image/requirements.txt'" in text
    assert "{environment: {build: {path: my image}}}" in rest[-2]


def test_a_registration_says_what_to_write_in_azureml_yml():
    text = show_registration(Registration("env", "3", is_new=True, packages=2), "shop")
    assert text.splitlines()[0] == "Registered env:3 in the workspace 'shop': 2 packages."
    assert "{environment: env@latest}" in text


def test_an_environment_that_is_there_already_is_not_sent_again():
    text = show_registration(Registration("env", "3", is_new=False, packages=2), "shop")
    assert text.strip() == "The workspace 'shop' already has it: env:3. Nothing was sent."
