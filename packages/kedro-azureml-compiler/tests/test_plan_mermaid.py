"""The flowchart of a plan: every name is a label, whatever stands in it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_compiler.drawing.mermaid import render_mermaid
from kedro_azureml_compiler.planning.facts import AssetFacts
from kedro_azureml_compiler.planning.plan import Flow, Plan, PlannedDataset, PlannedStep
from stress import examples

BOX = re.compile(r'  m(\d+)(\[\(|\[/|\[|\(|\{\{)"([^"]*)"(\)\]|/\]|\]|\)|\}\})')


def decoded(label: str) -> str:
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), label)


def plan() -> Plan:
    asset = AssetFacts("raw", "2", is_file=False, root_dir="data", file="x")
    return Plan(
        "job",
        ("p",),
        (
            PlannedStep("load", ("load",), reads=("raw", "local"), writes=("table",)),
            PlannedStep("fit", ("fit", "test"), reads=("table",), waits_for=("load",)),
        ),
        (
            PlannedDataset("raw", Flow.VERSION, "", read_by=("load",), asset=asset),
            PlannedDataset("local", Flow.UPLOAD, "", read_by=("load",), source="data/local"),
            PlannedDataset("table", Flow.STEP_OUTPUT, "", "load", ("fit",)),
            PlannedDataset("db", Flow.NOT_MOUNTED, "", "load", ("fit",)),
        ),
    )


def test_each_kind_of_dataset_has_its_shape_and_order_is_dotted():
    assert render_mermaid(plan()).splitlines() == [
        "flowchart TD",
        '  m0[("raw<br>version 2")]',
        '  m1[/"local<br>uploads data#47;local"/]',
        '  m2["load"]',
        '  m3("table")',
        '  m4["fit<br>2 nodes"]',
        '  m5{{"db<br>not mounted"}}',
        "  m0 --> m2",
        "  m1 --> m2",
        "  m2 --> m3",
        "  m3 --> m4",
        "  m2 -.-> m5",
        "  m5 -.-> m4",
    ]


@pytest.mark.parametrize("name", ["end", 'a"]', "`md`", "%%{init}%%", "#35;", "<b>", "a;b"])
def test_a_name_that_means_something_to_mermaid_is_a_label(name: str):
    text = render_mermaid(Plan("job", ("p",), (PlannedStep(name, (name,)),), ()))
    _, line = text.splitlines()
    assert decoded(BOX.fullmatch(line)[3]) == name


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5, unique=True))
@examples(50)
def test_any_names_give_one_line_each_with_nothing_but_letters_and_entities(names):
    steps = tuple(PlannedStep(name, (name,)) for name in names)
    lines = render_mermaid(Plan("job", ("p",), steps, ())).rstrip("\n").split("\n")
    assert len(lines) == len(names) + 1
    for line in lines[1:]:
        label = BOX.fullmatch(line)[3]
        assert all(c.isalnum() or c in " ._-" for c in re.sub(r"#\d+;", "", label))
