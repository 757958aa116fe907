"""Which steps of a job announce what, and what the job shows of it."""

from __future__ import annotations

import json

import pytest
import yaml
from kedro_azureml_compiler import EarlierJob, Recording, Resumption, compile_recorded
from kedro_azureml_compiler.examination import examine_job
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_runner.protocol.notification import VARIABLE, NotificationSettings, Value


def compiled(project, events, *, job=None, **entry):
    chat = {"webhook_env": "HOOK", "events": events, **entry}
    project.settings_of(
        {"j": {"notifications": "chat", **(job or {})}}, notifications={"chat": chat}
    )
    return examine_job(ProjectRequest(project.root), "j")


def announced(examined) -> dict[str, tuple[str, ...]]:
    return {
        name: NotificationSettings.from_text(step.environment_variables[VARIABLE]).events
        for name, step in examined.pipeline_job.jobs.items()
        if VARIABLE in step.environment_variables
    }


@pytest.fixture
def chain(small_project):
    small_project.nodes(("a", None, "x"), ("b", "x", "y"), ("c", "x", "z"))
    return small_project


def test_each_step_sends_failures_and_no_step_is_added_for_them(chain):
    found = compiled(chain, ["failure"])
    assert announced(found) == dict.fromkeys("abc", ("failure",))
    assert "notification-step" not in {finding.code for finding in found.findings}


def test_one_root_announces_the_start(chain):
    assert announced(compiled(chain, ["start"])) == {"a": ("start",)}


def test_a_root_that_is_never_reused_announces_the_start_where_there_is_one(small_project):
    small_project.pipelines(
        """
def register_pipelines():
    nodes = [
        node(lambda: 1, None, "x", name="a", tags="deterministic"),
        node(lambda: 1, None, "y", name="b"),
    ]
    return {"__default__": Pipeline(nodes)}
"""
    )
    assert announced(compiled(small_project, ["start"])) == {"b": ("start",)}


def test_success_is_announced_by_one_step_that_waits_for_every_leaf(chain):
    found = compiled(chain, ["success"])
    assert announced(found) == {"notify": ("success",)}
    last = found.pipeline_job.jobs["notify"]
    assert dict(last.inputs) == {
        "_after_b": "${{parent.jobs.b.outputs._finished}}",
        "_after_c": "${{parent.jobs.c.outputs._finished}}",
    }
    assert last.component.is_deterministic is False
    assert last.component.command == "python .kedro-azureml --notify-success"
    assert "--order-output" in found.pipeline_job.jobs["b"].component.command
    assert "--order-output" not in found.pipeline_job.jobs["a"].component.command
    (note,) = (each for each in found.findings if each.code == "notification-step")
    assert note.message == "one more step announces the end of the job, and costs a container."
    assert found.notifying_steps == ("notify",)


def test_a_job_whose_start_may_be_reused_lets_its_last_step_see_that(chain):
    found = compiled(chain, ["start", "success"], job={"deterministic": True})
    last = found.pipeline_job.jobs["notify"]
    assert last.component.command.endswith('--notify-success --started "${{inputs._after_a}}"')
    assert "_after_a" in last.inputs
    assert "--order-output" in found.pipeline_job.jobs["a"].component.command


@pytest.mark.parametrize("event", ["warning", "recovered"])
def test_where_warnings_matter_every_step_leaves_them_for_the_last(chain, event):
    found = compiled(chain, [event, "failure"])
    assert announced(found) == {
        **dict.fromkeys("abc", ("failure", "warning")), "notify": (event,)
    }  # fmt: skip
    last = found.pipeline_job.jobs["notify"].component.command
    awaited = " ".join(f'"${{{{inputs._after_{step}}}}}"' for step in "abc")
    assert last.endswith(f"--notify-success --warned {awaited}")
    assert "--order-output" in found.pipeline_job.jobs["a"].component.command


def test_a_step_between_hands_on_the_warnings_of_those_that_it_waits_for(small_project):
    small_project.nodes(*((f"n{number}", None, f"x{number}") for number in range(250)))
    jobs = compiled(small_project, ["warning"]).pipeline_job.jobs
    second = jobs["notify_2"]
    assert second.component.command.startswith(
        'python .kedro-azureml --notify-gather "${{outputs._finished}}" "${{inputs._after_n'
    )
    assert second.component.command.count("${{inputs.") == len(second.inputs) == 60
    assert jobs["notify"].component.command.endswith(
        '--warned "${{inputs._after_notify_1}}" "${{inputs._after_notify_2}}"'
    )


def test_the_repetition_of_a_warning_is_only_for_warnings(chain):
    found = compiled(chain, ["failure"], warning_repeat_hours=24)
    assert "it has no effect without 'warning'." in {one.message for one in found.findings}
    found = compiled(chain, ["warning"], warning_repeat_hours=24)
    text = found.pipeline_job.jobs["notify"].environment_variables[VARIABLE]
    assert NotificationSettings.from_text(text).repeat_hours == 24
    assert not [one for one in found.findings if "no effect" in one.message]


def test_the_secrets_that_notifications_need_are_known(chain):
    found = compiled(chain, ["failure"], webhook_env="${azureml.secret:slack-hook}")
    assert found.notification_secrets == ("slack-hook",)


def test_a_step_of_the_project_keeps_its_name(small_project):
    small_project.nodes(("notify", None, "x"))
    assert set(compiled(small_project, ["success"]).pipeline_job.jobs) == {"notify", "notify_"}


@pytest.mark.parametrize(("leaves", "between"), [(190, 0), (191, 2), (450, 3)])
def test_more_leaves_than_a_step_has_inputs_are_gathered_by_steps_between(
    small_project, leaves, between
):
    small_project.nodes(*((f"n{number}", None, f"x{number}") for number in range(leaves)))
    found = compiled(small_project, ["success"])
    jobs = found.pipeline_job.jobs
    assert len(jobs) == leaves + between + 1
    assert not {"too-many-ports"} & {finding.code for finding in found.findings}
    added = {name: step for name, step in jobs.items() if name.startswith("notify")}
    bound = [path for step in added.values() for path in step.inputs.values()]
    assert len(bound) == len(set(bound)) == leaves + between


def test_the_job_names_variable_and_secret_and_holds_no_value(chain, monkeypatch):
    monkeypatch.setenv("HOOK", "https://example.org/s3cret")
    monkeypatch.setenv("SLACK_TOKEN", "s3cret")
    found = compiled(chain, ["failure"], token_env="${azureml.secret:slack-token}", channel="#jobs")
    text = found.pipeline_job.jobs["a"].environment_variables[VARIABLE]
    settings = NotificationSettings.from_text(text)
    assert (settings.webhook, settings.token) == (Value("HOOK"), Value(in_vault="slack-token"))
    assert "s3cret" not in f"{found.pipeline_job}{found.findings}"
    assert json.loads(text)["channel"] == "#jobs"


@pytest.mark.parametrize("value", ["https://hooks.slack.com/services/T/B/x", "a b", "x/y"])
def test_a_literal_address_is_an_error_that_does_not_repeat_it(chain, value):
    found = compiled(chain, ["failure"], webhook_env=value)
    (error,) = (each for each in found.findings if each.code == "notification-value")
    assert error.where == "notifications.chat.webhook_env"
    assert value not in f"{error}"


def test_addresses_of_apprise_are_a_variable_of_this_machine_and_cost_no_step(chain):
    found = compiled(chain, ["success"], webhook_env=None, apprise_env="CHANNELS")
    assert announced(found) == {}
    assert "notification-value" not in {one.code for one in found.findings}
    found = compiled(chain, ["recovered"], webhook_env=None, apprise_env="CHANNELS")
    assert "'recovered' is not sent" in "".join(one.message for one in found.findings)
    for value in ("json://host/s3cret", "${azureml.secret:channels}"):
        found = compiled(chain, ["success"], apprise_env=value)
        (error,) = (each for each in found.findings if each.code == "notification-value")
        assert error.where == "notifications.chat.apprise_env"
        assert "s3cret" not in f"{error}"


def test_who_is_notified_makes_no_node_run_again(chain):
    def record(events, resumption=None):
        chat = {"webhook_env": "HOOK", "events": events}
        chain.settings_of({"j": {"notifications": "chat"}}, notifications={"chat": chat})
        recording = Recording(lambda plan, workspace: {})
        return compile_recorded(ProjectRequest(chain.root), "j", recording, resumption=resumption)

    first = record(["failure"])
    left = dict.fromkeys("xyz", "azureml://datastores/d/paths/p")
    earlier = EarlierJob("j-1", first.record, frozenset("abc"), left, left)
    again = record(["start", "success", "warning"], Resumption(earlier, accept_code_changes=True))
    assert [(choice.name, choice.runs) for choice in again.choices] == [
        ("a", False), ("b", False), ("c", False),
    ]  # fmt: skip
    rest = record(["success", "warning"], Resumption(earlier, ("b",), accept_code_changes=True))
    assert rest.compiled is not None
    written = yaml.safe_load((rest.compiled.bundle / "pipeline.yml").read_text("utf-8"))
    assert list(written["jobs"]) == ["b", "notify"]
    assert list(written["jobs"]["notify"]["inputs"]) == ["_after_b"]


def test_a_job_without_notifications_is_compiled_as_before(chain):
    chain.settings_of({"j": {}})
    found = examine_job(ProjectRequest(chain.root), "j")
    assert announced(found) == {}
    assert set(found.pipeline_job.jobs) == {"a", "b", "c"}
