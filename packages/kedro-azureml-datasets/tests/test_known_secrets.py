"""A text shows no secret that was read, however a library writes it."""

import json
from urllib.parse import quote, quote_plus

import pytest
from kedro_azureml_datasets.credentials.known_secrets import hide_secrets, remember_secrets

SECRET = 'two "lines" of\na kéy/@ '


@pytest.mark.parametrize(
    "write",
    [str, str.strip, repr, json.dumps, quote, quote_plus, lambda text: quote(text, safe="")],
    ids=["plain", "stripped", "repr", "json", "path of a URL", "query of a URL", "user of a URL"],
)
def test_a_secret_is_hidden_however_it_is_written(write):
    remember_secrets([SECRET])
    hidden = hide_secrets(f"no answer to <{write(SECRET)}>")
    assert hidden.replace('"', "").replace("'", "").replace(" ", "") == "noanswerto<***>"


def test_a_secret_that_is_not_utf_8_is_hidden_too():
    remember_secrets(["p\udce4ss-word"])  # as Python reads a variable in Latin-1
    assert hide_secrets("no answer to p\udce4ss-word") == "no answer to ***"


def test_a_secret_within_another_leaves_no_part_of_it():
    remember_secrets(["wren", "wren and robin"])
    assert hide_secrets("wren and robin, wren") == "***, ***"


def test_what_stands_in_any_text_by_chance_is_shown():
    remember_secrets(["sql", " a ", "", None, 4321])
    assert hide_secrets("sql, a 4321") == "sql, a 4321"
