"""The command of a step, and what the step reads from it through a real bash."""

import copy
import io
import json
import pickle
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_runner import PROTOCOL, Promoted, StepInvocation
from kedro_azureml_runner.protocol.invocation import (
    IMAGE_RUNNER,
    InvocationError,
    params_to_json,
)
from kedro_azureml_runner.protocol.shell_quoting import quote
from stress import WITHOUT_SHRINKING, examples

ECHO = f"{quote(sys.executable)} -c 'import json, sys; print(json.dumps(sys.argv[1:]))'"

AZURE_EXPRESSION = re.compile(r"\$\{\{|\$\[\[")

text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
hostile = st.sampled_from(
    [
        "it's",
        "a'b'c",
        "x'; touch F; echo '",
        "$HOME",
        "`id`",
        "$(id)",
        "${{inputs.x}}",
        "$[[--x ${{inputs.x}}]]",
        "$${{inputs.x}}",
        "a\nb",
        "a\\nb\\",
        "\\",
        "!!",
        "*",
        "~",
        "-x",
        "--node",
        "",
        " ",
        "ä€🐧",
        "\u2028",
        "\x1b[31m",
        "\r\n",
        "#x",
        '"',
        "a=b",
        "{1..3}",
    ]
)
words = text | hostile
names = words.filter(bool)
paths = words.filter(lambda path: not path.startswith("${{"))  # those are bindings
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
invocations = st.builds(
    StepInvocation,
    nodes=st.lists(words, min_size=1, max_size=3).map(tuple),
    pipelines=st.lists(words, min_size=1, max_size=2).map(tuple),
    env=st.none() | words,
    conf_source=st.none() | words,
    params=st.dictionaries(words, json_values, max_size=3),
    params_file=st.none() | paths,
    load_versions=st.dictionaries(words, words, max_size=2),
    inputs=st.dictionaries(names, paths, max_size=3),
    outputs=st.dictionaries(names, paths, max_size=3),
    order_outputs=st.lists(paths, max_size=2).map(tuple),
)


def through_bash(command: str) -> list[str]:
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    argv: list[str] = json.loads(done.stdout)
    return argv


def test_a_whole_command_reads_like_this():
    step = StepInvocation(
        nodes=("training.split",),
        env="prod",
        params={"model": {"alpha": 0.5}},
        inputs={"table": "${{inputs.table}}"},
        outputs={"train set": "${{outputs.train_set_0a}}"},
        order_outputs=("${{outputs._finished}}",),
    )
    assert step.to_command() == (
        "python .kedro-azureml --protocol 1 --pipeline __default__ --node training.split "
        "--env prod \\\n"
        """  --params '{"model": {"alpha": 0.5}}' \\\n"""
        '  --input table "${{inputs.table}}" \\\n'
        """  --output 'train set' "${{outputs.train_set_0a}}" \\\n"""
        '  --order-output "${{outputs._finished}}"'
    )


def test_the_image_flow_starts_the_installed_runner():
    command = StepInvocation(nodes=("a",)).to_command(IMAGE_RUNNER)
    assert command.startswith("python -m kedro_azureml_runner --protocol")


@examples(60, phases=WITHOUT_SHRINKING)  # a smaller failure would take a shell for each try
@given(invocations)
def test_every_invocation_survives_a_real_bash(invocation: StepInvocation):
    argv = through_bash(invocation.to_command(ECHO))
    assert argv == invocation.to_argv()
    assert StepInvocation.from_argv(argv) == invocation


@examples(150)
@given(invocations)
def test_argv_and_back_is_the_same_invocation(invocation: StepInvocation):
    assert StepInvocation.from_argv(invocation.to_argv()) == invocation


@examples(250)
@given(st.lists(words | text.map("${{".__add__), max_size=4).map("".join))
def test_azure_finds_nothing_to_replace_in_a_quoted_text(value: str):
    assert not AZURE_EXPRESSION.search(quote(value))


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["--pipeline", "p", "--pipeline", "q"], {"pipelines": ("p", "q")}),
        (["--node", "b"], {"nodes": ("a", "b")}),
        (["--env", "prod"], {"env": "prod"}),
        (["--conf-source", "conf.zip"], {"conf_source": "conf.zip"}),
        (["--package", "shop"], {"package": "shop"}),
        (["--params", '{"x": 1}'], {"params": {"x": 1}}),
        (["--params-file", "/mnt/p"], {"params_file": "/mnt/p"}),
        (["--load-version", "t", "v"], {"load_versions": {"t": "v"}}),
        (["--input", "t", "/mnt/t"], {"inputs": {"t": "/mnt/t"}}),
        (["--output", "t", "/mnt/t"], {"outputs": {"t": "/mnt/t"}}),
        (["--order-output", "/o", "--order-output", "/q"], {"order_outputs": ("/o", "/q")}),
        (["--reaches", "t", "--reaches", "u"], {"reaches": ("t", "u")}),
        (["--key-vault", "kv"], {"key_vault": "kv"}),
        (["--promoted", "rate", "float"], {"promoted": {"rate": Promoted("float", "0.5")}}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_each_argument_is_read_with_all_of_its_values_and_no_more(words, read):
    pipelines = [] if words[0] == "--pipeline" else ["--pipeline", "__default__"]
    expected = StepInvocation(**{"nodes": ("a",), **read})
    argv = ["--protocol", "1", *pipelines, "--node", "a", *words]
    document = expected.to_document().encode()
    # With an argument behind it, which a wrong count of values would swallow or misread.
    for behind in ([], ["--shell-text", ""]):
        assert StepInvocation.from_argv([*argv, *behind], io.BytesIO(document)) == expected
    assert sorted(expected.to_argv()) == sorted(argv)


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("a_b/c.d", "a_b/c.d"),
        ("", "''"),
        ("a b", "'a b'"),
        ("$x", "'$x'"),
        ("a\nb c\t$", r"$'a\nb c\t\044'"),
        ("\x1b[31mä", r"$'\033[31mä'"),
        ("it's\\\x7f", r"$'it\'s\\\177'"),
        ("\u2028", r"$'\342\200\250'"),
    ],
)
def test_a_quoted_text_stays_readable_and_holds_no_control_character(value: str, quoted: str):
    assert quote(value) == quoted


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_what_no_command_can_hold_is_refused(value: str):
    with pytest.raises(ValueError, match=r"NUL|surrogates"):
        quote(value)


def test_a_mount_path_with_spaces_stays_one_argument():
    command = StepInvocation(nodes=("n",), inputs={"x": "${{inputs.x}}"}).to_command(ECHO)
    argv = through_bash(command.replace("${{inputs.x}}", "/mnt/a b/x"))
    assert argv[-3:] == ["--input", "x", "/mnt/a b/x"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "protocol None"),
        (["--protocol", "99", "--node", "a"], "protocol 99, and this runner speaks"),
        (["--protocol", "1"], "No --node"),
        (["--protocol", "1", "--node"], "--node takes 1 value"),
        (["--protocol", "1", "--input", "x"], "--input takes 2 value"),
        (["--protocol", "1", "--node", "a", "--env", "x", "--env", "y"], "--env is given 2 times"),
        (["--protocol", "1", "--nodes", "a"], "Unknown argument '--nodes'"),
        (["--protocol", "1", "--node", "a", "--params", "{"], "--params is not JSON"),
        (["--protocol", "1", "--node", "a", "--params", "[]"], "not a JSON object"),
    ],
)
def test_a_command_that_is_none_is_refused_with_the_reason(argv: list[str], message: str):
    with pytest.raises(InvocationError, match=re.escape(message)):
        StepInvocation.from_argv(argv)


def test_what_is_shown_of_parameters_that_are_no_object_ends_after_80_characters():
    text = json.dumps("x" * 100)
    with pytest.raises(InvocationError, match="not a JSON object") as error:
        StepInvocation.from_argv(["--protocol", "1", "--node", "a", "--params", text])
    assert str(error.value).endswith(f": {text[:80]}")


def test_parameters_have_one_text_in_which_letters_stay_as_they_are():
    text = params_to_json({"b": "é", "a": {"d": 1, "c": None}})
    assert text == '{"a": {"c": null, "d": 1}, "b": "é"}'


def test_parameters_come_from_the_file_too_and_the_command_wins(tmp_path):
    path = tmp_path / "params.json"
    path.write_text('{"a": 1, "b": "é"}', encoding="utf-8")
    step = StepInvocation(nodes=("n",), params={"a": 2}, params_file=str(path))
    assert step.all_params() == {"a": 2, "b": "é"}


def test_a_file_of_parameters_that_cannot_be_read_is_named(tmp_path):
    step = StepInvocation(nodes=("n",), params_file=str(tmp_path / "gone.json"))
    with pytest.raises(InvocationError, match=r"gone.json' cannot be read: No such file"):
        step.all_params()


def test_an_invocation_cannot_change():
    step = StepInvocation(nodes=("n",))
    with pytest.raises(AttributeError):
        step.nodes = ("other",)


def test_another_protocol_says_what_to_rebuild():
    with pytest.raises(InvocationError, match=r"rebuild the image, or compile"):
        StepInvocation.from_argv(["--protocol", str(PROTOCOL + 1), "--node", "a"])


def test_an_invocation_can_be_pickled_and_copied():
    step = StepInvocation(("a",), promoted={"rate": Promoted("float", "0.5")})
    assert pickle.loads(pickle.dumps(step)) == copy.deepcopy(step) == step
