"""Promoted parameters in real steps, behind a real shell."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from kedro_azureml_runner import Promoted, StepInvocation
from kedro_azureml_runner.protocol.promoted import make_document_end
from kedro_azureml_runner.protocol.shell_quoting import quote
from promoted_values import attacks, promoting, run_in, substituted

RUNNER = f"{quote(sys.executable)} -m kedro_azureml_runner"

KINDS_OF_ATTACK = sorted(attacks(""))


@pytest.mark.parametrize("kind", KINDS_OF_ATTACK)
def test_the_step_names_the_parameter_whose_value_it_was(kind, tmp_path):
    step = promoting(a="str", b="int")
    text = attacks(make_document_end(step.nodes, step.promoted))[kind]
    done = run_in("bash", substituted(step.to_command(RUNNER), a=text, b="3"), cwd=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("Step not started: The value of the promoted parameter 'a' ")
    assert "holds the line 'KEDRO_AZUREML_INPUTS_" in line


PIPELINE = """
def show(*values):
    return {"values": values}

def register_pipelines():
    names = ["model.rate", "model.depth", "empty", "digits", "title", "twice"]
    inputs = [f"params:{name}" for name in names]
    return {"__default__": Pipeline([node(show, inputs, "apples", name="show")])}
"""


@pytest.fixture
def shown(project, mount):
    """Run a node with promoted strings in a real step; give what the node got of them."""
    project.pipeline(PIPELINE)
    project.write(
        "conf/base/parameters.yml",
        'model: {rate: 0.1, depth: 3}\nempty: "no"\ndigits: "none"\ntitle: "none"\n'
        'twice: "${title} ${title}"\n',
    )

    def run(title: str, rate: str = "0.5") -> object:
        folder = mount("apples")
        step = StepInvocation(
            nodes=("show",),
            outputs={"apples": folder},
            promoted={
                "model.rate": Promoted("float", "${{inputs.rate}}"),
                "empty": Promoted("str", "${{inputs.empty}}"),
                "digits": Promoted("str", "${{inputs.digits}}"),
                "title": Promoted("str", "${{inputs.title}}"),
            },
        )
        given = {"rate": rate, "empty": "", "digits": "3", "title": title}
        command = substituted(step.to_command(RUNNER), **given)
        done = run_in("bash", command, cwd=project.root)
        if done.returncode:
            return done.stderr.decode()
        return json.loads(Path(folder, "apples.json").read_text())["values"]

    return run


def test_a_node_gets_the_promoted_values_as_they_are(shown):
    title = "it's\n`id` $(id) \\ 'ä'"
    assert shown(title) == [0.5, 3, "", "3", title, f"{title} {title}"]


def test_a_promoted_text_is_never_an_interpolation(shown):
    import kedro

    title = "${model.depth} \\\\${a ${nope:x} ${{inputs.x}}"
    values = shown(title)
    if kedro.__version__.startswith("1.2."):
        assert "Kedro 1.2" in str(values)
        assert 'pip install "kedro>=1.3"' in str(values)
    else:
        assert values == [0.5, 3, "", "3", title, f"{title} {title}"]


def test_a_text_of_another_type_is_one_line(shown):
    assert shown("x", rate="fast") == (
        "Step not started: The parameter 'model.rate' is promoted as float, and the job gives it "
        "the text 'fast'. Give it, for example: 0.5\n"
    )


DEBUGGED = """
import sys
from kedro_azureml_runner.__main__ import read_from_terminal_again
assert "KEDRO_AZUREML_INPUTS" in sys.stdin.buffer.read().decode()
read_from_terminal_again()
print("answer:", sys.stdin.readline())
"""


def debugged(tmp_path: Path) -> list[str]:
    (tmp_path / "program.py").write_text(DEBUGGED)
    step = StepInvocation(nodes=("n",), promoted={"a": Promoted("str", "${{inputs.a}}")})
    program = f"{quote(sys.executable)} {quote(str(tmp_path / 'program.py'))}"
    return ["bash", "-c", step.to_command(program)]


def test_a_debugger_reads_from_the_terminal_again(tmp_path):
    ours, its = pty.openpty()
    process = subprocess.Popen(debugged(tmp_path), stdin=its, stdout=its, stderr=its)
    os.write(ours, b"print the table\n")
    assert process.wait() == 0
    os.close(its)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    assert "answer: print the table" in shown


def test_without_a_terminal_there_is_nothing_to_read(tmp_path):
    done = subprocess.run(
        debugged(tmp_path), input="nobody asks", capture_output=True, text=True, check=True
    )
    assert done.stdout == "answer: \n"
