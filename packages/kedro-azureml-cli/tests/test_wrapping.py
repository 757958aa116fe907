"""Wrapping names and sentences to a width."""

from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_cli.terminal.wrapping import wrap_names
from rich.cells import cell_len
from stress import examples

NAMES = st.lists(
    st.text("abc_.@:[](), \u00e9\u6f22\U0001f40d", min_size=1, max_size=60).filter(
        lambda name: name == " ".join(name.split())
    ),
    max_size=8,
)


@given(names=NAMES, width=st.integers(20, 80))
@examples(100)
def test_every_name_is_whole_and_no_line_is_too_wide_that_could_be_narrower(names, width):
    lines = wrap_names(names, width)
    assert " ".join(lines) == ", ".join(names)
    for line in lines:
        assert cell_len(line) <= width or " " not in line


def test_a_name_that_fits_into_a_line_is_not_broken_at_its_spaces():
    names = ["first", "train([a, b]) -> [model]"]
    assert wrap_names(names, 25) == ["first,", "train([a, b]) -> [model]"]
