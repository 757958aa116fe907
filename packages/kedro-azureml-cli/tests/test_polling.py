"""How often a job is looked at."""

import pytest
from kedro_azureml_cli.jobs.polling import Pace

MINIMUM = "AZUREML_RUN_POLLING_INTERVAL_MIN"
MAXIMUM = "AZUREML_RUN_POLLING_INTERVAL_MAX"


def pauses(environ, number=20):
    pace = Pace(environ)
    return [pace.next_s(changed=False) for _ in range(number)]


def test_looks_get_rarer_up_to_fifteen_seconds():
    found = pauses({})
    assert found == sorted(found)
    assert 2 < found[0] <= 4
    assert found[-1] == 15


def test_a_change_makes_them_frequent_again():
    pace = Pace({})
    for _ in range(20):
        pace.next_s(changed=False)
    assert pace.next_s(changed=True) == 2


def test_the_variables_of_microsofts_client_set_both_ends():
    environ = {MINIMUM: "1", MAXIMUM: "60"}
    assert Pace(environ).next_s(changed=True) == 1
    assert pauses(environ)[-1] == 60
    assert pauses({MINIMUM: "30"})[-1] == 30  # a longest one that is shorter is none


@pytest.mark.parametrize("text", ["", "soon", "-1", "0", "inf", "nan"])
def test_a_value_that_is_not_a_number_of_seconds_changes_nothing(text):
    assert pauses({MINIMUM: text, MAXIMUM: text}) == pauses({})
