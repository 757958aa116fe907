"""Parameters that become inputs of the job."""

import datetime as dt
from pathlib import Path

import pytest
from kedro_azureml_compiler.planning.facts import ProjectFacts
from kedro_azureml_compiler.planning.plan import PromotedParameter
from kedro_azureml_compiler.planning.promotion import promote

PARAMETERS = {
    "rate": 0.5,
    "seed": 3,
    "model": {"name": "it's", "deep": {"on": True}},
    "columns": ["a"],
    "nothing": None,
    "empty": "",
    "day": dt.date(2026, 1, 2),
    "endless": float("inf"),
    "binding": "x ${{inputs.y}}",
}


def promoted(**inputs: str):
    facts = ProjectFacts(Path("/project"), ("__default__",), (), {}, parameters=PARAMETERS)
    return promote("job", facts, inputs)


def test_each_value_keeps_its_type():
    made, found = promoted(
        r="params:rate", s="params:seed", n="params:model.name", o="params:model.deep.on"
    )
    assert found == ()
    assert made == (
        PromotedParameter("n", "model.name", "str", "it's"),
        PromotedParameter("o", "model.deep.on", "bool", True),
        PromotedParameter("r", "rate", "float", 0.5),
        PromotedParameter("s", "seed", "int", 3),
    )


@pytest.mark.parametrize(
    ("parameter", "told"),
    [
        ("rte", "did you mean 'rate'?"),
        ("model.nam", "did you mean 'model.name'?"),
        ("rate.deeper", "there is no parameter 'rate.deeper'"),
        ("columns", "is a list"),
        ("model", "is a mapping"),
        ("nothing", "is null"),
        ("empty", "is empty"),
        ("day", "is a date"),
        ("endless", "is inf"),
        ("binding", "which Azure ML would replace"),
    ],
)
def test_what_cannot_be_an_input_is_an_error(parameter: str, told: str):
    made, (finding,) = promoted(x=f"params:{parameter}")
    assert made == ()
    assert (finding.code, finding.where) == ("promoted-parameter", "jobs.job.inputs.x")
    assert told in finding.message


def test_two_inputs_for_one_parameter_are_an_error():
    _, (finding,) = promoted(a="params:rate", b="params:rate")
    assert finding.where == "jobs.job.inputs.b"
    assert "'a' is already an input for the parameter 'rate'" in finding.message
