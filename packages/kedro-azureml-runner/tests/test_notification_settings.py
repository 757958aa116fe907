"""The notification settings of a step, as the string of a variable and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_runner.protocol.notification import NotificationSettings, Value
from stress import examples

words = st.text(max_size=20) | st.sampled_from(["${{parent.jobs}}", "$[[x]]", '"', "\\u0024{{"])
maybe = st.none() | words
places = st.none() | st.builds(Value, maybe, maybe)
settings = st.builds(
    NotificationSettings,
    job=words,
    step=words,
    events=st.lists(words, max_size=3).map(tuple),
    webhook=places,
    token=places,
    channel=maybe,
    form=maybe,
    payload=maybe,
    key_vault=maybe,
    repeat_hours=st.none() | st.integers(0, 1000),
    tolerance_minutes=st.integers(0, 60),
)


@examples(200)
@given(settings)
def test_settings_survive_their_text_in_which_azure_finds_nothing_to_replace(given_settings):
    text = given_settings.to_text()
    assert "${{" not in text
    assert NotificationSettings.from_text(text) == given_settings


def test_what_is_not_given_is_not_in_the_text():
    text = NotificationSettings("train", "fit", ("failure",), Value("HOOK")).to_text()
    assert json.loads(text) == {
        "events": ["failure"],
        "job": "train",
        "step": "fit",
        "tolerance_minutes": 0,
        "webhook": {"variable": "HOOK"},
    }
    without = json.dumps({"job": "train", "step": "fit", "events": []})
    assert NotificationSettings.from_text(without).tolerance_minutes == 0


def test_the_same_settings_give_the_same_text():
    one = NotificationSettings("j", "s", ("success",), Value("A", "b"), form="slack")
    other = NotificationSettings.from_text(one.to_text())
    assert other.to_text() == one.to_text()
    assert [*json.loads(one.to_text())] == sorted(json.loads(one.to_text()))


def test_recovered_alone_asks_how_the_job_ended_before():
    assert NotificationSettings("j", "s", ("failure", "recovered")).recovers
    assert not NotificationSettings("j", "s", ("failure", "success")).recovers


def test_settings_cannot_change():
    settings = NotificationSettings("j", "s", (), Value("A"))
    for value, name in ((settings, "job"), (settings.webhook, "variable")):
        with pytest.raises(AttributeError):
            setattr(value, name, "other")


COMPLETE = {"job": "j", "step": "s", "events": ["failure"]}


@pytest.mark.parametrize(
    "content",
    [
        {"job": "j", "step": "s"},
        {"job": "j", "events": []},
        {**COMPLETE, "events": None},
        {**COMPLETE, "later": 1},
        {**COMPLETE, "webhook": {"later": 1}},
        {**COMPLETE, "token": "text"},
        [],
        None,
        "text",
    ],
)
def test_a_text_of_another_version_is_refused_in_words(content):
    with pytest.raises(ValueError, match="KEDRO_AZUREML_NOTIFICATIONS is not what this version"):
        NotificationSettings.from_text(json.dumps(content))


def test_a_text_that_is_no_json_is_refused():
    with pytest.raises(ValueError, match="Expecting"):
        NotificationSettings.from_text("{")
