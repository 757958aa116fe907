"""Promoted parameters as the simulator puts them into a command: its rules are Azure ML's."""

import io
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_runner import Promoted, PromotedValueError, StepInvocation
from kedro_azureml_runner.protocol.shell_quoting import quote
from kedro_azureml_simulator.planning.substitution import expand, find_undefined
from stress import examples

ECHO = (
    f"{quote(sys.executable)} -c "
    "'import json, sys; print(json.dumps([sys.argv[1:], sys.stdin.buffer.read().decode()]))'"
)
STEP = StepInvocation(
    nodes=("train",),
    inputs={"table": "${{inputs.table}}"},
    promoted={
        "label": Promoted("str", "${{inputs.label}}"),
        "rate": Promoted("float", "${{inputs.rate}}"),
    },
)

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
pieces = st.sampled_from(["${{inputs.rate}}", "$[[", "]]", "'", '"', "$(id)", "`id`", "\n", "\\"])
values = texts | st.lists(pieces | texts, max_size=5).map("".join)


def arrived(label: str, rate: str = "0.5") -> StepInvocation:
    names = {"inputs.label": label, "inputs.rate": rate, "inputs.table": "/mnt/a b"}
    assert find_undefined(STEP.to_command(ECHO), names) == ()
    command = expand(STEP.to_command(ECHO), names)
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    argv, text = json.loads(done.stdout)
    return StepInvocation.from_argv(argv, io.BytesIO(text.encode()))


@examples(40)
@given(values)
def test_values_arrive_exactly(label: str):
    step = arrived(label)
    assert step.all_params() == {"label": label, "rate": 0.5}
    assert step.inputs == {"table": "/mnt/a b"}


def test_a_value_that_forges_the_rest_is_found():
    here_document = STEP.to_command().split("<<'")[1]
    end = here_document.split("'")[0]
    with pytest.raises(PromotedValueError, match="'label'"):
        arrived(f"x\n{end} 2 rate\n9\n{end} all\n{end}\ntouch F")
