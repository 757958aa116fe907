"""Kedro's names in Azure ML: allowed there, and never two into one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_compiler.azureml.names import MAX_LENGTH, make_azure_name
from stress import examples

STEP = re.compile(r"[a-z_][a-z\d_]*")  # azure-ai-ml 1.35.2
OUTPUT_PORT = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")

anything = st.text(max_size=200)
confusable = st.text("aA1_.- ", min_size=1, max_size=8)
look_alike = st.from_regex(r"[a-z]{1,3}(_|__|\.)[0-9a-f]{10}", fullmatch=True)


@examples(300)
@given(anything | confusable | look_alike)
def test_every_name_is_allowed_in_azure(name: str):
    made = make_azure_name(name)
    assert STEP.fullmatch(made)
    assert OUTPUT_PORT.fullmatch(made)
    assert len(made) <= MAX_LENGTH


@examples(200)
@given(st.sets(confusable | look_alike | anything, max_size=30))
def test_two_names_never_become_one(names: set[str]):
    assert len({make_azure_name(name) for name in names}) == len(names)


@examples(100)
@given(confusable | look_alike)
def test_a_name_made_here_never_becomes_that_of_another(name: str):
    made = make_azure_name(name)
    assert made == name or make_azure_name(made) != made


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.b", "a_b"),
        ("a.b", "a__b"),
        ("Model", "model"),
        ("a-b", "a_b"),
        ("a b", "a_b"),
        ("é", "e"),
    ],
)
def test_twins_stay_apart(one: str, other: str):
    assert make_azure_name(one) != make_azure_name(other)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("model_input_table", "model_input_table"),
        ("training.split", "training__split"),
        ("a.b.c_d", "a__b__c_d"),
    ],
)
def test_a_readable_name_stays_readable(name: str, made: str):
    assert make_azure_name(name) == made


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("Model1", "model1"),
        ("1Model", "x_1model"),
        ("-a-b-", "a_b"),
        ("é", "x"),
        ("", "x"),
        ("__x__Y", "x_y"),
    ],
)
def test_any_other_name_keeps_its_words_before_a_hash(name: str, start: str):
    assert re.fullmatch(rf"{start}_[0-9a-f]{{10}}", make_azure_name(name))


@examples(100)
@given(anything)
def test_names_that_start_with_an_underscore_are_left_to_ports_without_a_dataset(name: str):
    assert not make_azure_name(name).startswith("_")


def test_long_names_that_differ_at_their_end_stay_apart():
    assert make_azure_name("x" * 200 + "a") != make_azure_name("x" * 200 + "b")


@pytest.mark.parametrize("name", ["x" * 80, "a." + "x" * 77])
def test_a_name_of_exactly_80_characters_in_azure_is_kept_and_one_more_is_shortened(name: str):
    kept = name.replace(".", "__")
    assert len(kept) == 80
    assert make_azure_name(name) == kept
    shortened = make_azure_name(f"{name}x")
    assert re.fullmatch(r"[ax_]{69}_[0-9a-f]{10}", shortened)
    assert len(shortened) == 80
