"""The command of a submitted step is read back as the compiler wrote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_cli.azure_ml.jobs.step_command import read_command
from kedro_azureml_runner.protocol.invocation import IMAGE_RUNNER, SNAPSHOT_RUNNER, StepInvocation
from kedro_azureml_runner.protocol.promoted import InvocationError, Promoted

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NAMES = st.text("ab '\"$\\\n{[é\u2028", min_size=1)


@given(
    nodes=st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple),
    env=st.none() | TEXT,
    params=st.dictionaries(NAMES, TEXT | st.integers() | st.lists(TEXT)),
    load_versions=st.dictionaries(NAMES, TEXT),
    inputs=st.dictionaries(NAMES, st.just("${{inputs.x}}")),
    package=st.none() | NAMES,
    program=st.sampled_from([SNAPSHOT_RUNNER, IMAGE_RUNNER]),
    folder=st.none() | NAMES,
)
def test_any_command_is_read_back(program, folder, **values):
    step = StepInvocation(**values)
    assert read_command(step.to_command(program, folder), {}) == step


@given(value=TEXT.filter(lambda text: "KEDRO_AZUREML" not in text), folder=st.none() | NAMES)
def test_promoted_parameters_have_the_value_that_the_job_gives_them(value, folder):
    sent = StepInvocation(
        nodes=("fit",),
        promoted={
            "a": Promoted("str", "${{inputs._param_a}}"),
            "b": Promoted("float", "${{inputs._param_b}}"),
        },
    )
    command = sent.to_command(SNAPSHOT_RUNNER, folder)
    read = read_command(command, {"_param_a": value, "_param_b": "0.5"})
    assert read.all_params() == {"a": value, "b": 0.5}
    assert read.nodes == ("fit",)


@pytest.mark.parametrize("argument", ["--notify-success", "--notify-gather x y"])
def test_a_step_that_notifies_runs_no_node(argument):
    with pytest.raises(InvocationError, match="announces the end of the job and runs no node"):
        read_command(f"cd /code && {SNAPSHOT_RUNNER} {argument}", {})


@pytest.mark.parametrize("command", ["python train.py --rate 3", "", "echo '", "\\\n"])
def test_a_command_of_others_is_refused(command):
    with pytest.raises(InvocationError, match="does not start the runner of this plugin"):
        read_command(command, {})
