"""Names of schedules in Azure ML: stable, apart from each other, and possible there."""

import re

from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_cli.schedules.scheduling import make_schedule_name
from stress import examples

PLACES = st.one_of(
    st.text(max_size=300).map("schedules.{}".format),
    st.integers(0, 30).map("jobs.x.schedule[{}]".format),
)
WORDS = st.tuples(st.text(max_size=300), st.text(max_size=300), PLACES, st.text(max_size=40))


@examples(100)
@given(WORDS)
def test_every_name_is_one_that_azure_ml_takes(words):
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,100}", make_schedule_name(*words))


@examples(100)
@given(WORDS, WORDS)
def test_two_schedules_have_two_names(one, other):
    assert (make_schedule_name(*one) == make_schedule_name(*other)) == (one == other)


def test_one_schedule_in_place_is_the_first_of_a_list():
    alone = make_schedule_name("shop", "a", "jobs.a.schedule")
    assert alone == make_schedule_name("shop", "a", "jobs.a.schedule[0]")
    assert alone != make_schedule_name("shop", "a", "jobs.a.schedule[1]")


def test_the_environment_is_part_of_it():
    names = {make_schedule_name("shop", "a", "schedules.n", env) for env in ("", "dev", "prod")}
    assert len(names) == 3
    assert make_schedule_name("shop", "a-b", "schedules.n") != make_schedule_name(
        "shop", "a", "schedules.n", "b"
    )


def test_a_named_schedule_that_reads_like_a_place_is_another_one():
    assert make_schedule_name("s", "a", "schedules.[0]") != make_schedule_name(
        "s", "a", "jobs.a.schedule"
    )
