"""What a log may do to a terminal: nothing but colour it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_simulator.plain_text import make_printable

NASTY = {
    "a title": "\x1b]0;owned\x07",
    "a title, ended as ECMA-48 has it": "\x1b]2;owned\x1b\\",
    "a title in 8 bits": "\x9d0;owned\x9c",
    "a clipboard": "\x1b]52;c;bWFsaWNl\x07",
    "a link": "\x1b]8;;http://x\x1b\\",
    "a cleared screen": "\x1b[2J\x1b[H",
    "a cursor moved up": "\x1b[5A",
    "a cursor moved in 8 bits": "\x9b5A",
    "a report of the terminal": "\x1b[6n",
    "a hidden cursor": "\x1b[?25l",
    "another character set": "\x1b(0",
    "a reset": "\x1bc",
    "a device control string": "\x1bP$q q\x1b\\",
    "a string of a program": "\x1b_Ga=T;AAAA\x1b\\",
    "a bell and a backspace": "\x07\x08",
    "a shift out": "\x0e",
    "a lone escape": "\x1b",
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("colors", [True, False])
def test_what_a_terminal_would_obey_is_taken_out(text, colors):
    assert make_printable(f"before{text}\nafter", colors=colors) == "before\nafter"


def test_colours_stay_where_they_are_wanted():
    text = "\x1b[1;31mred\x1b[0m \x1b[38:2::1:2:3mrgb\x1b[m"
    assert make_printable(text, colors=True) == text
    assert make_printable(text) == "red rgb"


def test_a_string_without_an_end_swallows_nothing():
    assert make_printable("a\x1b]0;title\nthe next line") == "a0;title\nthe next line"


def test_progress_bars_and_windows_lines_become_lines():
    assert make_printable("10%\r20%\rdone\r\nnext\n") == "10%\n20%\ndone\nnext\n"


@given(st.text())
def test_no_control_character_is_left_and_nothing_else_is_lost(text):
    plain = make_printable(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", plain)
    if not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text):
        assert plain == text
    assert make_printable(plain) == plain
