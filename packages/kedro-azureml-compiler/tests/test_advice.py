"""Advice for a job: what may share a step, what may not, and that pasting it gives what it says."""

import textwrap

import pytest
from kedro_azureml_compiler.advising.advice import Advice, advise_grouping
from kedro_azureml_compiler.advising.workload import DEFAULT_OVERHEAD_S, MeasuredStep
from kedro_azureml_compiler.examination import ExaminedJob, examine_job
from kedro_azureml_compiler.findings import Severity
from kedro_azureml_compiler.project.request import ProjectRequest

pytestmark = pytest.mark.once

ROW = (
    ("load", None, "raw"),
    ("clean", "raw", "table"),
    ("fit", "table", "model"),
    ("report", "model", None),
)


def examine(project, job: str = "j") -> ExaminedJob:
    examined = examine_job(ProjectRequest(project.root), job)
    assert not [f for f in examined.findings if f.severity is Severity.ERROR]
    return examined


def measured(**seconds: float) -> list[MeasuredStep]:
    return [MeasuredStep((name,), taken, 40.0) for name, taken in seconds.items()]


TIMES = measured(load=10, clean=20, fit=30, report=5)


def paste(project, advice: Advice, **job: object) -> dict[str, list[str]]:
    """Compile the job with the advised grouping, and return the nodes of its steps."""
    project.settings_of({"j": {**job, "grouping": "PASTED"}}, **SECTIONS)
    file = project.root / "conf/base/azureml.yml"
    pasted = textwrap.indent(advice.as_yaml(), "    ")
    file.write_text(file.read_text("utf-8").replace("    grouping: PASTED\n", pasted), "utf-8")
    steps = examine(project).plan.steps
    assert [(s.name, s.nodes) for s in steps] == [(s.name, s.nodes) for s in advice.advised.steps]
    return {step.name: list(step.nodes) for step in steps}


SECTIONS = {"compute": {"__default__": {"cluster_name": "cpu"}, "gpu": {"cluster_name": "gpu"}}}


def test_steps_in_a_row_become_one_with_the_overhead_that_was_measured(small_project):
    small_project.nodes(*ROW)
    advice = advise_grouping(examine(small_project), TIMES, prices={"cpu": 3.6})
    assert (advice.overhead_s, advice.overhead_source) == (40, "measured")
    assert advice.now.seconds == 65 + 4 * 40
    assert advice.now.critical_path == ("load", "clean", "fit", "report")
    assert advice.now.overhead_share == 160 / 225
    assert advice.advised.seconds == 65 + 40
    assert (advice.now.cost, advice.advised.cost) == pytest.approx((0.225, 0.105))
    assert paste(small_project, advice) == {"load_to_report": ["load", "clean", "fit", "report"]}


def test_the_overhead_that_is_given_wins_and_a_default_is_said_to_be_one(small_project):
    small_project.nodes(*ROW)
    examined = examine(small_project)
    advice = advise_grouping(examined, TIMES, overhead_s=5)
    assert (advice.overhead_s, advice.overhead_source) == (5, "given")
    advice = advise_grouping(examined, [MeasuredStep(("load",), 10.0)])
    assert (advice.overhead_s, advice.overhead_source) == (DEFAULT_OVERHEAD_S, "default")
    assert advice.unknown == ("clean", "fit", "report")
    assert advice.now.cost is None


@pytest.mark.parametrize(
    "steps",
    [
        {"fit": {"compute": "gpu"}},
        {"fit": {"environment": "other@latest"}},
        {"fit": {"distribution": {"type": "mpi"}, "instance_count": 2}},
        {"fit": {"environment_variables": {"A": "1"}}},
        {"fit": {"identity": {"type": "managed"}}},
    ],
    ids=["compute", "environment", "distribution", "variables", "identity"],
)
def test_steps_of_different_settings_are_never_joined(small_project, steps):
    small_project.nodes(*ROW)
    small_project.settings_of({"j": {"steps": steps}}, **SECTIONS)
    advice = advise_grouping(examine(small_project), TIMES)
    assert paste(small_project, advice, steps=steps) == {
        "load_to_clean": ["load", "clean"],
        "fit": ["fit"],
        "report": ["report"],
    }


def test_a_step_that_azureml_yml_changes_or_names_keeps_its_nodes_and_its_name(small_project):
    small_project.nodes(*ROW)
    job = {
        "grouping": {"begin": ["load", "clean"]},
        "steps": {"begin": {"shm_size": "2g"}},
        "overrides": {"jobs": {"report": {"resources": {"instance_count": 3}}}},
    }
    small_project.settings_of({"j": job}, **SECTIONS)
    advice = advise_grouping(examine(small_project), TIMES)
    assert advice.grouping is None
    assert advice.advised == advice.now
    assert advice.now.held_s == {"cpu": 30 + 40 + 30 + 40 + 3 * (5 + 40)}


def test_a_group_is_divided_where_that_is_faster(small_project):
    small_project.nodes(("load", None, "raw"), ("a", "raw", None), ("b", "raw", None))
    small_project.catalog(
        "raw:\n  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  dataset: {type: pickle.PickleDataset, filepath: raw.pkl}\n"
    )
    small_project.settings_of({"j": {"grouping": "pipeline"}}, **SECTIONS)
    times = [MeasuredStep(("load",), 1.0, 1.0), *measured(a=900, b=900)]
    advice = advise_grouping(examine(small_project), times)
    steps = paste(small_project, advice)
    assert not any({"a", "b"} <= set(nodes) for nodes in steps.values())
    assert advice.advised.seconds == 901 + 40 * len(advice.advised.critical_path)
    one = advise_grouping(examine(small_project), times, limits={"cpu": 1})
    assert one.advised.seconds == 1801 + 40


def test_data_that_stays_in_a_step_keeps_its_nodes_together(small_project):
    small_project.nodes(("load", None, "raw"), ("a", "raw", None), ("b", "raw", None))
    small_project.settings_of({"j": {"grouping": "pipeline"}}, **SECTIONS)
    advice = advise_grouping(examine(small_project), measured(load=1, a=900, b=900))
    assert advice.grouping is None


def test_a_reused_step_counts_zero_and_stays_what_can_be_reused(small_project):
    small_project.nodes(*ROW)
    small_project.settings_of({"j": {"deterministic": True}}, **SECTIONS)
    times = [*TIMES[1:], MeasuredStep(("load",), is_reused=True)]
    advice = advise_grouping(examine(small_project), times)
    assert advice.now.seconds == 20 + 30 + 5 + 3 * 40
    assert [step.nodes for step in advice.advised.steps] == [
        ("load",),
        ("clean", "fit", "report"),
    ]
    assert advice.unknown == ()
    small_project.settings_of({"j": {}}, **SECTIONS)
    assert advise_grouping(examine(small_project), times).unknown == ("load",)


def test_the_time_of_a_step_of_several_nodes_is_divided_evenly(small_project):
    small_project.nodes(*ROW)
    times = [MeasuredStep(("load", "clean"), 30.0, 40.0), *TIMES[2:]]
    advice = advise_grouping(examine(small_project), times)
    assert advice.divided == ("load", "clean")
    assert [step.end_s - step.start_s for step in advice.now.steps] == [55, 55, 70, 45]


def test_the_name_of_a_group_is_none_that_a_pattern_of_other_steps_means(small_project):
    steps = {"load_to_*": {"shm_size": "2g"}}
    small_project.nodes(("load", None, "raw"), ("fit", "raw", None), ("load_to_x", None, "x"))
    small_project.settings_of({"j": {"steps": steps}}, **SECTIONS)
    advice = advise_grouping(examine(small_project), measured(load=1, fit=1, load_to_x=1))
    assert paste(small_project, advice, steps=steps) == {
        "group_1": ["load", "fit"],
        "load_to_x": ["load_to_x"],
    }


def test_names_of_nodes_that_yaml_could_read_as_something_else_are_pasted(small_project):
    small_project.nodes(("1e5", None, "raw"), ("null", "raw", "x"), ("on", "x", None))
    advice = advise_grouping(examine(small_project), [MeasuredStep(("on",), 1.0, 40.0)])
    assert list(paste(small_project, advice).values()) == [["1e5", "null", "on"]]
    assert advice.as_yaml().splitlines()[2:] == ['    - "1e5"', '    - "null"', '    - "on"']
