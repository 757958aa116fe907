"""Promoted parameters, through real shells, as Azure ML puts their values into the command."""

import io
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_runner import Promoted, PromotedValueError, StepInvocation
from kedro_azureml_runner.protocol.promoted import (
    InvocationError,
    make_document_end,
    read_document,
    write_document,
)
from kedro_azureml_runner.protocol.shell_quoting import quote
from promoted_values import attacks, promoting, run_in, substituted
from stress import WITHOUT_SHRINKING, examples

ECHO = (
    f"{quote(sys.executable)} -c "
    "'import json, sys; print(json.dumps([sys.argv[1:], sys.stdin.buffer.read().decode()]))'"
)

SHELLS = [shell for shell in ("bash", "dash") if shutil.which(shell)]

KINDS_OF_ATTACK = sorted(attacks(""))

HOSTILE = [
    "",
    " ",
    "\n",
    "a\n",
    "\n\n\na",
    "two\nlines",
    "\r\n",
    "it's",
    '"',
    "x'; touch F; echo '",
    "$(touch F)",
    "`touch F`",
    "${HOME}",
    "$HOME \\",
    "${{inputs.other}}",
    "$[[x]]",
    "\\",
    "\\\n",
    "EOF",
    "<<EOF",
    "\tä€🐧",
    "\u2028",
    "KEDRO_AZUREML_INPUTS_",
    "#!",
    "!!",
]
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
values = texts | st.sampled_from(HOSTILE) | st.lists(st.sampled_from(HOSTILE)).map("".join)
names = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12
)


def arrived(shell: str, command: str) -> StepInvocation:
    """Read an invocation as the step does, behind a real shell."""
    done = run_in(shell, command)
    assert done.returncode == 0, done.stderr
    argv, text = json.loads(done.stdout)
    return StepInvocation.from_argv(argv, io.BytesIO(text.encode()))


def test_a_whole_command_reads_like_this():
    step = StepInvocation(
        nodes=("train",),
        inputs={"table": "${{inputs.table}}"},
        promoted={"model.rate": Promoted("float", "${{inputs.rate}}")},
    )
    assert step.to_command() == (
        "exec python .kedro-azureml --protocol 1 --pipeline __default__ --node train \\\n"
        "  --promoted model.rate float \\\n"
        '  --input table "${{inputs.table}}" \\\n'
        "  --shell-text \"${BASH_EXECUTION_STRING-}\" <<'KEDRO_AZUREML_INPUTS_8225b1e3d252'\n"
        "KEDRO_AZUREML_INPUTS_8225b1e3d252 1 model.rate\n"
        "${{inputs.rate}}\n"
        "KEDRO_AZUREML_INPUTS_8225b1e3d252 all\n"
        "KEDRO_AZUREML_INPUTS_8225b1e3d252\n"
    )


@examples(60, phases=WITHOUT_SHRINKING)  # a smaller failure would take a shell for each try
@given(st.dictionaries(names, values, min_size=1, max_size=3), names, values)
def test_every_value_arrives_exactly_through_bash(given_texts, node: str, param: str):
    ports = {f"p{number}": text for number, text in enumerate(given_texts.values())}
    invocation = StepInvocation(
        nodes=(node,),
        params={"other": param},
        promoted={
            name: Promoted("str", f"${{{{inputs.p{number}}}}}")
            for number, name in enumerate(given_texts)
        },
    )
    command = substituted(invocation.to_command(ECHO), **ports)
    done = run_in("bash", command)
    assert done.returncode == 0, done.stderr
    argv, text = json.loads(done.stdout)
    assert argv[:-2] == invocation.to_argv()
    assert argv[-1] == command
    read = StepInvocation.from_argv(argv, io.BytesIO(text.encode()))
    assert {name: each.value for name, each in read.promoted.items()} == given_texts
    assert read.to_document() == text


@pytest.mark.parametrize("shell", SHELLS)
def test_hostile_values_arrive_exactly_in_each_shell(shell: str, tmp_path: Path):
    texts = {f"p{number}": text for number, text in enumerate(HOSTILE)}
    step = promoting(**dict.fromkeys(texts, "str"))
    read = arrived(shell, substituted(step.to_command(ECHO, folder=str(tmp_path)), **texts))
    assert {name: each.value for name, each in read.promoted.items()} == texts
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", [None, ".", "/no/such/folder"])
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("kind", KINDS_OF_ATTACK)
def test_a_value_that_ends_the_document_runs_nothing(shell, kind, folder, tmp_path):
    step = promoting(a="str", b="int")
    text = attacks(make_document_end(step.nodes, step.promoted))[kind]
    command = substituted(step.to_command("cat -", folder=folder), a=text, b="3")
    done = run_in(shell, command, cwd=tmp_path)
    assert done.returncode == 1  # cat does not know the arguments, cd not the folder
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_runs_where_the_program_cannot_be_started(shell, tmp_path):
    step = promoting(a="str")
    text = attacks(make_document_end(step.nodes, step.promoted))["ends it"]
    done = run_in(shell, substituted(step.to_command("no-such-python"), a=text), cwd=tmp_path)
    assert done.returncode == 127
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", sorted(set(KINDS_OF_ATTACK) - {"forges all and ends it"}))
@pytest.mark.parametrize("shell", SHELLS)
def test_without_the_shells_text_the_lines_alone_tell(shell, kind):
    # A shell that is not bash tells no text. What then goes unseen is a value that forges all that
    # should follow and ends the document: it gives the step's other promoted parameters values.
    step = promoting(a="str", b="int")
    text = attacks(make_document_end(step.nodes, step.promoted))[kind]
    command = substituted(step.to_command(ECHO), a=text, b="3")
    with pytest.raises(
        PromotedValueError, match=r"promoted parameter 'a' .*holds the line"
    ) as error:
        arrived(shell, command.replace("${BASH_EXECUTION_STRING-}", ""))
    assert error.value.parameter == "a"


@pytest.mark.parametrize("kind", KINDS_OF_ATTACK)
def test_with_the_text_of_bash_every_forgery_is_found(kind):
    step = promoting(a="str", b="int")
    text = attacks(make_document_end(step.nodes, step.promoted))[kind]
    with pytest.raises(PromotedValueError, match=r"'a' (or 'b' )?holds the line") as error:
        arrived("bash", substituted(step.to_command(ECHO), a=text, b="3"))
    assert error.value.parameter == "a"


def test_a_later_value_is_named_too():
    step = promoting(a="str", b="str")
    text = attacks(make_document_end(step.nodes, step.promoted))["ends it"]
    with pytest.raises(PromotedValueError, match="promoted parameter 'b' holds the line"):
        arrived("bash", substituted(step.to_command(ECHO), a="x", b=text))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"before\n{text}",
        lambda text: f"{text}after\n",
        lambda text: f"{text}after",
        lambda text: f"{text}\n",
        lambda text: text.removesuffix("\n"),
    ],
)
def test_a_document_with_more_or_less_than_was_written_is_refused(change):
    promoted = {"a": Promoted("str", "x"), "b": Promoted("int", "3")}
    text = write_document("END", promoted)
    assert read_document(text, "END", {"a": "str", "b": "int"}) == promoted
    with pytest.raises(PromotedValueError, match="have not arrived as the command") as error:
        read_document(change(text), "END", {"a": "str", "b": "int"})
    assert error.value.parameter == "a"


def test_a_long_name_is_cut_in_the_document():
    promoted = {"n" * 101: Promoted("str", "x")}
    assert write_document("END", promoted) == f"END 1 {'n' * 100}\nx\nEND all\n"


def test_where_the_first_mark_is_missing_the_first_parameter_is_named():
    with pytest.raises(PromotedValueError, match="'a' holds the line 'END all'") as error:
        read_document("x\nEND all\n", "END", {"a": "str", "b": "int"})
    assert error.value.parameter == "a"


def test_names_that_look_alike_in_the_document_are_kept_apart():
    promoted = {name: Promoted("str", "${{inputs.x}}") for name in ("a b", "a?b", "ä\nb", "${{x}}")}
    command = StepInvocation(nodes=("n",), promoted=promoted).to_command(ECHO)
    assert len(re.findall(r"\$\{\{", command)) == len(promoted)
    read = arrived("bash", substituted(command, x="1"))
    assert read.promoted == {name: Promoted("str", "1") for name in promoted}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "3", 3),
        ("int", " -12 ", -12),
        ("int", "007", 7),
        ("int", "9" * 3999, 10**3999 - 1),
        ("float", "0.5", 0.5),
        ("float", "3", 3.0),
        ("float", "1e-05", 1e-05),
        ("float", ".5", 0.5),
        ("float", "-.inf", float("-inf")),
        ("float", "inf", float("inf")),
        ("bool", "True", True),
        ("bool", "false", False),
        ("str", " True ", " True "),
        ("str", "3", "3"),
        ("str", "", ""),
    ],
)
def test_the_text_becomes_a_value_of_the_type(kind: str, text: str, value: object):
    typed = Promoted(kind, text).typed("x")
    assert typed == value
    assert type(typed) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int", "3.0"),
        ("int", "1_000"),
        ("int", "٣"),
        ("int", ""),
        ("int", "9" * 4000),
        ("int", "9" * 4001),
        ("int", "true"),
        ("float", "true"),
        ("float", "half"),
        ("float", "1_0.5"),
        ("float", "1,5"),
        ("bool", "1"),
        ("bool", "yes"),
        ("bool", ""),
        ("bool", "None"),
    ],
)
def test_a_text_that_does_not_fit_is_reported_with_the_parameter_and_the_type(kind: str, text: str):
    with pytest.raises(PromotedValueError) as error:
        Promoted(kind, text).typed("model.x")
    message = str(error.value)
    assert f"'model.x' is promoted as {kind}" in message
    assert repr(text)[:70] in message
    assert len(message) < 250


def test_a_long_text_is_shown_in_part():
    for length, shown in ((4, "'yyyy'"), (80, repr("y" * 80)), (81, f"'{'y' * 77}'...")):
        with pytest.raises(PromotedValueError) as error:
            Promoted("bool", "y" * length).typed("x")
        assert f"gives it the text {shown}. Give it" in str(error.value)


def test_a_promoted_parameter_cannot_change():
    promoted = Promoted("str", "x")
    with pytest.raises(AttributeError):
        promoted.value = "other"


def test_texts_are_checked_before_anything_else_is_done():
    good, bad = Promoted("int", "3"), Promoted("int", "many")
    StepInvocation(nodes=("n",), promoted={"a": good}).check_promoted()
    with pytest.raises(PromotedValueError, match="'b' is promoted as int") as error:
        StepInvocation(nodes=("n",), promoted={"a": good, "b": bad}).check_promoted()
    assert error.value.parameter == "b"


def test_a_type_that_no_input_can_have_is_refused():
    with pytest.raises(ValueError, match="'list' is not a type"):
        Promoted("list", "[]")
    argv = ["--protocol", "1", "--node", "a", "--promoted", "x", "list"]
    with pytest.raises(InvocationError, match=r"'list' is not a type .* rebuild the image"):
        StepInvocation.from_argv(argv, io.BytesIO())


@pytest.mark.parametrize("text", ["0.5", "$(id)", "${{inputs.x}} ", "${{parent.inputs.x}}"])
def test_the_compiler_may_write_bindings_alone(text: str):
    step = StepInvocation(nodes=("n",), promoted={"x": Promoted("str", text)})
    with pytest.raises(ValueError, match="'x' is to be a binding"):
        step.to_command()


def test_promoted_values_win_over_the_parameters_and_leave_their_neighbours():
    step = StepInvocation(
        nodes=("n",),
        params={"model": {"rate": 1, "depth": 2}, "flat": 1, "other": "${x}"},
        promoted={
            "model.rate": Promoted("float", "0.5"),
            "flat.deep": Promoted("str", "${y}"),
            "new.a.b": Promoted("bool", "True"),
        },
    )
    assert step.all_params() == {
        "model": {"rate": 0.5, "depth": 2},
        "flat": {"deep": "${y}"},
        "other": "${x}",
        "new": {"a": {"b": True}},
    }
    assert step.params["model"] == {"rate": 1, "depth": 2}
    assert step.all_params(str.upper)["flat"] == {"deep": "${Y}"}


def test_an_image_of_another_version_is_reported():
    argv = ["--protocol", "1", "--node", "a", "--no-such-flag"]
    with pytest.raises(InvocationError, match="rebuild the image, or compile"):
        StepInvocation.from_argv(argv)


def test_the_values_come_from_the_standard_input_alone():
    argv = ["--protocol", "1", "--node", "a", "--promoted", "x", "int"]
    with pytest.raises(InvocationError, match="standard input"):
        StepInvocation.from_argv(argv)
    with pytest.raises(InvocationError, match="utf-8"):
        StepInvocation.from_argv(argv, io.BytesIO(b"\xff"))
