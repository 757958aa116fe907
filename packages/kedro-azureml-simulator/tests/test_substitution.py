from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_simulator.planning.substitution import expand, find_undefined
from stress import examples

PLAIN = st.text(alphabet=st.characters(exclude_characters="$"), max_size=20)
NAME = st.from_regex(r"(inputs|outputs)\.[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True)
ANYTHING = st.text(max_size=20) | st.sampled_from(["${{inputs.a}}", "$[[x]]", "]]", "}}", r"\1"])


@examples(100)
@given(st.lists(st.tuples(PLAIN, NAME, ANYTHING)), PLAIN)
def test_every_expression_becomes_its_value_and_nothing_else_changes(
    pieces: list[tuple[str, str, str]], end: str
) -> None:
    names = {name: value for _, name, value in pieces}
    template = "".join(f"{plain}${{{{{name}}}}}" for plain, name, _ in pieces) + end
    expected = "".join(plain + names[name] for plain, name, _ in pieces) + end

    assert find_undefined(template, names) == ()
    assert expand(template, names) == expected


@examples(100)
@given(st.lists(st.tuples(PLAIN, NAME), min_size=1), st.data())
def test_what_is_undefined_is_found_in_order_and_once(
    pieces: list[tuple[str, str]], data: st.DataObject
) -> None:
    template = "".join(f"{plain}${{{{{name}}}}}" for plain, name in pieces)
    known = data.draw(st.sets(st.sampled_from([name for _, name in pieces])))

    expected = tuple(dict.fromkeys(name for _, name in pieces if name not in known))
    assert find_undefined(template, known) == expected


@examples(100)
@given(PLAIN, NAME, ANYTHING, PLAIN)
def test_an_optional_part_stays_or_goes_as_a_whole(
    plain: str, name: str, value: str, inner: str
) -> None:
    inner = inner.replace("]", "")
    template = f"{plain}$[[{inner}${{{{{name}}}}}]]{plain}"

    assert expand(template, {name: value}) == plain + inner + value + plain
    assert expand(template, {}, absent={name}) == plain + plain


def test_a_value_that_looks_like_an_expression_is_not_expanded_again() -> None:
    names = {"inputs.a": "${{inputs.b}}", "inputs.b": "secret"}

    assert expand("echo ${{inputs.a}}", names) == "echo ${{inputs.b}}"


def test_quotes_do_not_protect_an_expression() -> None:
    assert expand("""a '${{inputs.x}}' "${{ inputs.x }}" """, {"inputs.x": "1"}) == """a '1' "1" """


def test_shell_variables_are_left_to_the_shell() -> None:
    line = "echo $HOME ${HOME} $(date) {{x}} ${X[0]}"

    assert find_undefined(line, ()) == ()
    assert expand(line, {}) == line


def test_an_absent_input_outside_of_an_optional_part_is_undefined() -> None:
    assert find_undefined("a ${{inputs.x}} $[[${{inputs.x}}]]", (), {"inputs.x"}) == ("inputs.x",)


@pytest.mark.parametrize("opening", ["$[[", "$[[${{inputs.a}}", "${{", "$[[${{"])
def test_openings_that_nothing_closes_take_no_time(opening: str) -> None:
    line = opening * 500

    assert expand(line, {"inputs.a": ""}).count("$[[") == line.count("$[[")
