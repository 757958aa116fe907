"""Bindings, as text: what they are bound to, and what is said where a text is none."""

import pytest
from kedro_azureml_simulator.pipeline.bindings import (
    is_binding,
    read_binding,
    read_bound_port,
    read_output_binding,
)
from kedro_azureml_simulator.pipeline.model import FromPipelineInput, FromStepOutput
from kedro_azureml_simulator.pipeline.section import Reading, Section

FORM = (
    "write ${{parent.inputs.<name>}} or ${{parent.jobs.<step>.outputs.<port>}}, and nothing "
    "around it"
)


@pytest.fixture
def section() -> Section:
    return Section("jobs.a.inputs", {}, Reading())


def found(section: Section) -> tuple[str, str, str, str]:
    (problem,) = section.reading.problems
    return problem.where, problem.text, problem.hint, problem.rule


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("${{parent.inputs.rate}}", FromPipelineInput("rate", "ro_mount")),
        ("${{ parent.inputs.rate  }}", FromPipelineInput("rate", "ro_mount")),
        ("${{parent.jobs.b.outputs.x}}", FromStepOutput("b", "x", "ro_mount")),
        ("${{parent.jobs.inputs.outputs.jobs}}", FromStepOutput("inputs", "jobs", "ro_mount")),
    ],
)
def test_an_input_is_bound_to_an_input_of_the_job_or_an_output_of_a_step(section, text, target):
    assert is_binding(text)
    assert read_binding(section, "x", text, "ro_mount") == target
    assert section.reading.problems == []


@pytest.mark.parametrize(
    "text",
    [
        "${{parent.inputs}}",
        "${{parent.zinputs.rate}}",
        "${{a.inputs.rate}}",
        "${{z.inputs.rate}}",
        "${{parent.a.rate}}",
        "${{parent.z.rate}}",
        "${{parent.jobs}}",
        "${{parent.jobs.b}}",
        "${{parent.jobs.b.outputs}}",
        "${{parent.jobs.b.outputs.x.y}}",
        "${{parent.jobs.b.inputs.x}}",
        "${{parent.jobs.b.zoutputs.x}}",
        "${{parent.a.b.outputs.x}}",
        "${{parent.z.b.outputs.x}}",
        "${{a.jobs.b.outputs.x}}",
        "${{}}",
        "rate",
        "a ${{parent.inputs.rate}}",
        "${{parent.inputs.rate}} b",
        "${{parent.inputs.rate}}\n",
        "${{parent.inputs. rate}}",
    ],
)
def test_what_is_no_binding_is_refused_with_the_form(section, text):
    assert read_binding(section, "x", text, None) is None
    where, said, hint, rule = found(section)
    assert (where, said) == ("jobs.a.inputs.x", f"`{text}` is not a binding")
    assert (hint, rule) == (FORM, "binding-form")


@pytest.mark.parametrize("text", ["a", "a ${{parent.inputs.x}}", "${{parent.inputs.x}}${{y z}}"])
def test_a_binding_has_nothing_around_it(text):
    assert not is_binding(text)


@pytest.mark.parametrize("target", ["inputs.rate", "jobs.b.outputs.x", "inputs."])
def test_the_form_of_early_versions_is_corrected(section, target):
    assert read_binding(section, "x", f"${{{{{target}}}}}", None) is None
    assert found(section)[2] == f"write ${{{{parent.{target}}}}}"


@pytest.mark.parametrize("name", ["model.rate", "a.b.c"])
def test_a_name_with_a_dot_is_not_bound(section, name):
    text = f"${{{{parent.inputs.{name}}}}}"
    assert read_binding(section, "x", text, None) is None
    _, said, hint, _ = found(section)
    assert said == f"`{text}` names an input with a dot, which Azure ML does not bind"
    assert hint == "give the pipeline's input a name without dots"


def test_an_output_is_bound_to_an_output_of_the_job(section):
    assert read_output_binding(section, "x", "${{parent.outputs.model}}") == "model"
    assert section.reading.problems == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("${{outputs.model}}", "model"),
        ("${{outputs.a.b}}", "a.b"),
        ("model", "<name>"),
        ("${{model}}", "<name>"),
        ("${{parent.outputs}}", "<name>"),
        ("${{parent.outputs.a.b}}", "<name>"),
        ("${{parent.inputs.model}}", "<name>"),
        ("${{parent.z.model}}", "<name>"),
        ("${{a.outputs.model}}", "<name>"),
        ("${{z.outputs.model}}", "<name>"),
        ("${{parent.jobs.b.outputs.x}}", "<name>"),
    ],
)
def test_another_text_of_an_output_is_corrected(section, text, name):
    assert read_output_binding(section, "x", text) is None
    where, said, hint, rule = found(section)
    assert (where, said) == ("jobs.a.inputs.x", f"`{text}` is not a binding of an output")
    assert (hint, rule) == (f"write ${{{{parent.outputs.{name}}}}}", "output-text")


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_a_port_of_the_steps_own_is_found(section, side):
    text = f"${{{{ {side}.table }}}}"
    assert read_bound_port(section, "x", text, side, ["rows", "table"]) == "table"
    assert section.reading.problems == []


@pytest.mark.parametrize(
    "text",
    ["table", "${{table}}", "${{outputs.table}}", "${{a.table}}", "${{inputs.a.b}}", "${{inputs}}"],
)
def test_what_is_no_port_of_that_side_is_refused(section, text):
    assert read_bound_port(section, "x", text, "inputs", ["table", "a"]) is None
    _, said, hint, rule = found(section)
    assert said == f"`{text}` is not one of the step's inputs"
    assert (hint, rule) == ("write ${{inputs.<name>}}", "parallel")


def test_a_port_that_is_not_there_is_corrected(section):
    assert read_bound_port(section, "x", "${{inputs.tabel}}", "inputs", ["table"]) is None
    _, said, hint, rule = found(section)
    assert (said, rule) == ("the step has no `inputs.tabel`", "parallel")
    assert "`table`" in hint
