"""What steps send to a real server on this machine."""

import json

import pytest
from kedro_azureml_runner.__main__ import main
from kedro_azureml_runner.notifications.noted_warnings import (
    StepWarnings,
    read_warnings,
    write_warnings,
)
from kedro_azureml_runner.protocol.notification import VARIABLE, NotificationSettings, Value
from notified_steps import LINK, STEP, WORKSPACE, asked, finish


@pytest.fixture
def failing(project):
    project.pipeline(
        """
        def eat():
            try:
                {}["apple"]
            except KeyError as error:
                raise ValueError("no dinner") from error

        def register_pipelines():
            return {"__default__": Pipeline([node(eat, None, "full", name="eat")])}
        """
    )
    return project


def test_a_failing_step_sends_node_root_cause_and_link(failing, receiver):
    environ = {VARIABLE: asked("failure"), "HOOK": receiver.url, **WORKSPACE}
    done = failing.step(*STEP, **environ)
    assert done.returncode == 1
    (body,) = receiver.bodies
    assert (body["event"], body["job"], body["node"]) == ("failure", "train", "eat")
    assert body["cause"] == "KeyError: 'apple'"
    assert body["link"] == LINK
    assert body["text"] == f"Job 'train' failed in node 'eat': KeyError: 'apple'\n{LINK}"
    assert "s3cret" not in done.stdout + done.stderr


def test_a_dataset_that_cannot_be_loaded_is_named(project, receiver, tmp_path):
    project.pipeline(
        """
        def register_pipelines():
            return {"__default__": Pipeline([node(len, "apples", "full", name="eat")])}
        """
    )
    (tmp_path / "apples.json").write_text("{")
    environ = {VARIABLE: asked("failure"), "HOOK": receiver.url}
    done = project.step(*STEP, "--input", "apples", str(tmp_path), **environ)
    assert done.returncode == 1
    (body,) = receiver.bodies
    assert (body["node"], body["dataset"]) == ("eat", "apples")


def test_only_the_first_process_of_a_distributed_step_sends(failing, receiver):
    environ = {VARIABLE: asked("failure"), "HOOK": receiver.url, "WORLD_SIZE": "2"}
    failing.step(*STEP, RANK="1", **environ)
    assert receiver.bodies == []
    failing.step(*STEP, RANK="0", **environ)
    assert len(receiver.bodies) == 1


def test_a_step_that_does_not_start_sends_why(project, receiver):
    environ = {VARIABLE: asked("failure"), "HOOK": receiver.url}
    assert project.step("--protocol", "7", **environ).returncode == 2
    assert "step protocol 7" in receiver.bodies[0]["cause"]


def test_a_simulated_step_sends_only_where_it_is_asked_to(failing, receiver):
    environ = {VARIABLE: asked("failure"), "HOOK": receiver.url, "KEDRO_AZUREML_SIMULATION": "1"}
    done = failing.step(*STEP, **environ)
    assert "Notification of 'failure' not sent: this is a simulation." in done.stderr
    assert receiver.bodies == []
    failing.step(*STEP, KEDRO_AZUREML_SEND_NOTIFICATIONS="1", **environ)
    assert len(receiver.bodies) == 1


def test_the_last_step_announces_success(monkeypatch, receiver):
    assert finish(monkeypatch, asked("success"), HOOK=receiver.url) == 0
    assert receiver.bodies[0]["text"] == "Job 'train' has succeeded."


@pytest.fixture
def warning(project):
    project.pipeline(
        """
        import logging
        import warnings

        def eat():
            warnings.warn("a worm")
            warnings.warn("old", DeprecationWarning)
            warnings.warn("soon", FutureWarning)
            for number in range(9):
                logging.getLogger("orchard").warning("worm %d", number // 2)
            logging.getLogger("orchard").info("fine")
            logging.getLogger("kedro.io").warning("of the framework")
            return 1

        def register_pipelines():
            logging.getLogger("orchard").warning("before the first node")
            return {"__default__": Pipeline([node(eat, None, "full", name="eat")])}
        """
    )
    return project


def test_a_step_leaves_what_its_nodes_warn_of(warning, mount):
    left = mount("_finished")
    argv = ("--output", "full", mount("full"), "--order-output", left)
    done = warning.step(*STEP, *argv, **{VARIABLE: asked("warning")})
    assert done.returncode == 0, done.stderr
    (found,) = read_warnings([left])
    assert (found.step, found.count) == ("eat", 10)
    assert found.texts == ("UserWarning: a worm", "worm 0", "worm 1")


def test_a_process_that_is_not_the_first_leaves_no_warnings(warning, mount):
    left = mount("_finished")
    argv = ("--output", "full", mount("full"), "--order-output", left)
    environ = {VARIABLE: asked("warning"), "WORLD_SIZE": "2", "RANK": "1"}
    assert warning.step(*STEP, *argv, **environ).returncode == 0
    assert read_warnings([left]) == []


def leave(folder, step: str, count: int, *texts: str) -> str:
    folder.mkdir()
    write_warnings([str(folder)], [StepWarnings(step, count, texts)])
    return str(folder)


def test_the_last_step_sends_the_warnings_of_all_and_no_success(monkeypatch, receiver, tmp_path):
    folders = [leave(tmp_path / "a", "fit", 5, "worm", "<!here>"), leave(tmp_path / "b", "eat", 0)]
    gathered = tmp_path / "gathered"
    gathered.mkdir()
    assert main(["--notify-gather", str(gathered), *folders]) == 0
    assert (gathered / "finished").exists()
    settings = asked("success", "warning", form="slack")
    finish(monkeypatch, settings, "--warned", str(gathered), HOOK=receiver.url)
    assert receiver.bodies == [{
        "text": "Job 'train' has succeeded, with 5 warnings:\n- fit: worm\n- fit: &lt;!here&gt;\n"
        "- fit: and 3 more"
    }]  # fmt: skip


def test_a_job_without_warnings_sends_its_success(monkeypatch, receiver, tmp_path):
    folder = leave(tmp_path / "a", "fit", 0)
    finish(monkeypatch, asked("success", "warning"), "--warned", folder, HOOK=receiver.url)
    assert [body["event"] for body in receiver.bodies] == ["success"]


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"step": "a"}', '{"step": 1, "count": "x", "texts": []}']
)
def test_warnings_that_cannot_be_read_keep_no_success_back(
    monkeypatch, receiver, tmp_path, capsys, content
):
    (tmp_path / "warnings.json").write_text(content)
    settings = asked("success", "warning")
    assert finish(monkeypatch, settings, "--warned", str(tmp_path), HOOK=receiver.url) == 0
    assert "Warning: the notification of 'warning' was not sent" in capsys.readouterr().err
    assert [body["event"] for body in receiver.bodies] == ["success"]


def test_the_warnings_of_many_steps_are_cut_for_people_and_whole_for_programs(
    monkeypatch, receiver, tmp_path
):
    folders = [leave(tmp_path / f"{n}", f"s{n}", 1, "worm") for n in range(12)]
    finish(monkeypatch, asked("warning"), "--warned", *folders, HOOK=receiver.url)
    (body,) = receiver.bodies
    assert len(body["warnings"]) == body["count"] == 12
    assert body["text"].splitlines()[-1] == "- and those of 2 more steps"


def test_without_tracking_recovered_is_a_warning_and_success_is_sent(monkeypatch, receiver, capsys):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    finish(monkeypatch, asked("success", "recovered"), HOOK=receiver.url)
    assert "Warning: how the job ended before is not known: this step" in capsys.readouterr().err
    assert [body["event"] for body in receiver.bodies] == ["success"]


def test_a_simulated_step_asks_no_key_vault(monkeypatch, capsys):
    settings = NotificationSettings("t", "s", ("success",), Value(in_vault="slack-hook")).to_text()
    environ = {"KEDRO_AZUREML_SIMULATION": "1", "KEDRO_AZUREML_SEND_NOTIFICATIONS": "1"}
    assert finish(monkeypatch, settings, **environ) == 0
    said = capsys.readouterr().err
    assert "a simulation asks no key vault: pass --env-var SLACK_HOOK." in said


@pytest.mark.parametrize(("run", "note"), [("calm_fig", False), ("an_earlier_job", True)])
def test_a_start_that_was_reused_is_told_at_the_end(monkeypatch, receiver, tmp_path, run, note):
    (tmp_path / "started").write_text(run)
    environ = {"HOOK": receiver.url, **WORKSPACE}
    finish(monkeypatch, asked("success"), "--started", str(tmp_path), **environ)
    assert ("was not announced" in receiver.bodies[0]["text"]) is note


@pytest.fixture
def secretive(project):
    """A project whose node warns of two secrets of the dataset that it loads, and may raise."""
    project.write(
        "conf/base/credentials.yml",
        "orchard: {password: '${oc.env:ORCHARD_PASSWORD}', key: '${azureml.secret:orchard-key}'}\n",
    )
    catalog = (project.root / "conf/base/catalog.yml").read_text()
    entry = "far: {type: orchard.far.Far, credentials: orchard}\n"
    project.write("conf/base/catalog.yml", f"{catalog}\n{entry}")
    project.write(
        "src/orchard/far.py",
        """
        from kedro.io import AbstractDataset


        class Far(AbstractDataset):
            def __init__(self, credentials):
                self._told = f"no answer with {credentials['password']} and {credentials['key']}"

            def _describe(self):
                return {}

            def load(self):
                return self._told

            def save(self, data):
                raise NotImplementedError
        """,
    )
    project.pipeline(
        """
        import logging
        import os
        import warnings

        def tell(told):
            logging.getLogger("orchard").warning(told)
            warnings.warn(told)
            if "FAILS" in os.environ:
                raise ValueError(told)
            return 1

        def register_pipelines():
            return {"__default__": Pipeline([node(tell, "far", "full", name="eat")])}
        """
    )
    return project


SECRETS = {"ORCHARD_PASSWORD": "rainbow worm", "ORCHARD_KEY": "seven\nmoles"}


def test_secrets_that_a_step_has_read_are_in_no_message(secretive, receiver):
    environ = {VARIABLE: asked("failure"), "HOOK": receiver.url, "FAILS": "yes", **SECRETS}
    done = secretive.step(*STEP, **environ)
    assert done.returncode == 1, done.stderr
    (body,) = receiver.bodies
    assert body["cause"] == "ValueError: no answer with *** and ***"
    assert not any(word in json.dumps(body) for word in ("worm", "seven", "moles"))


def test_secrets_that_a_step_has_read_are_in_no_warning_that_it_leaves(secretive, mount):
    left = mount("_finished")
    argv = ("--output", "full", mount("full"), "--order-output", left)
    done = secretive.step(*STEP, *argv, **{VARIABLE: asked("warning"), **SECRETS})
    assert done.returncode == 0, done.stderr
    (found,) = read_warnings([left])
    told = "no answer with *** and ***"
    assert found.texts == (told, f"UserWarning: {told}")
