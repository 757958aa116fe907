import base64
import hashlib
import re
import xml.etree.ElementTree as ET

import pytest
from drawn_plans import NASTY
from kedro_azureml_compiler.drawing.run_facts import ComparedData, RunFacts, StepRun
from kedro_azureml_compiler.drawing.run_page import render_run_page
from kedro_azureml_compiler.planning.plan import Flow, Plan, PlannedDataset, PlannedStep

pytestmark = pytest.mark.once

PLAN = Plan(
    "training",
    ("train",),
    (
        PlannedStep("load", ("load",), writes=("table",)),
        PlannedStep("fit", ("fit",), reads=("table",)),
        PlannedStep("report", ("report",), waits_for=("fit",)),
    ),
    (PlannedDataset("table", Flow.STEP_OUTPUT, "temporary", "load", ("fit",)),),
)
RUN = RunFacts(
    "Simulation",
    "failed",
    "2026-11-29T06:00:00Z",
    5.0,
    {
        "load": StepRun("completed", 0.0, 2.0, log="loaded <all>", log_name="steps/load/log.txt"),
        "fit": StepRun("failed", 3.0, 1.5, "exit code 1", "Traceback\nValueError: </pre>"),
    },
    (ComparedData("table", "different", "3 of 10 rows"),),
)


def page_of(run, plan=PLAN):
    return "".join(render_run_page(plan, run))


def timeline_of(page):
    return ET.fromstring(re.search(r'<svg xmlns="[^"]*" class="times".*?</svg>', page, re.S)[0])


def rows_of(page, title):
    table = re.search(rf'<table aria-labelledby="{title}">.*?</table>', page, re.S)[0]
    rows = re.findall(r"<tr id=.*?</tr>", table)
    return [
        [re.sub("<.*?>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", r)] for r in rows
    ]


def test_boxes_say_what_came_of_their_steps():
    page = page_of(RUN)
    assert ">completed, 2.0 s</text>" in page
    assert 'class="box failed"' in page
    assert ">not started</text>" in page


def test_the_table_says_when_each_step_ran_and_what_it_waited_for():
    assert rows_of(page_of(RUN), "what-ran-when") == [
        ["load", "completed", "0.0 s", "2.0 s", "", ""],
        ["fit", "failed", "3.0 s", "1.5 s", "load", "exit code 1"],
        ["report", "not started", "", "", "", ""],
    ]


def test_the_timeline_has_a_bar_for_each_step_that_ran_where_and_as_long_as_it_ran():
    bars = [e for e in timeline_of(page_of(RUN)).iter() if "bar" in e.get("class", "").split()]
    starts, widths = (
        [float(bar.get(key).removesuffix("%")) for bar in bars] for key in ("x", "width")
    )
    assert len(bars) == 2
    assert widths[0] / widths[1] == pytest.approx(2.0 / 1.5, rel=0.01)
    assert starts[1] - starts[0] == pytest.approx(widths[0] * 3.0 / 2.0, rel=0.01)


def test_time_for_which_a_step_waited_for_a_machine_is_a_dashed_line():
    (wait,) = [e for e in timeline_of(page_of(RUN)).iter() if e.get("class") == "wait"]
    begin, end = (float(wait.get(key).removesuffix("%")) for key in ("x1", "x2"))
    assert (begin, end) == (
        pytest.approx(100 * 2.0 / 4.5, abs=0.01),
        pytest.approx(100 * 3.0 / 4.5, abs=0.01),
    )


def test_logs_are_text_and_that_of_a_failed_step_is_open():
    page = page_of(RUN)
    assert "loaded &lt;all&gt;" in page
    assert "ValueError: &lt;/pre&gt;" in page
    assert '<details class="log" id="log-step/2" open>' in page
    assert '<details class="log" id="log-step/1">' in page


def test_compared_data_is_listed():
    assert rows_of(page_of(RUN), "compared-data") == [["table", "different", "3 of 10 rows"]]


def test_only_https_addresses_become_links():
    assert "Open in Studio" in page_of(RUN._replace(address="https://ml.azure.com/runs/x"))
    assert "javascript:" not in page_of(RUN._replace(address="javascript:alert(1)"))


def test_what_only_a_terminal_understands_is_not_in_logs_and_messages():
    log = "\x1b[1;31mE\x1b[0m rror\x1b]8;;https://x\x1b\\link\x1b]8;;\x07\x1b[2K\n\x1b(B]]></pre>"
    step = StepRun("failed", 0.0, 1.0, "\x1b[31mno\x1b[0m", log)
    page = page_of(RUN._replace(steps={"fit": step}))
    assert ">E rrorlink\n]]&gt;&lt;/pre&gt;</pre>" in page
    assert rows_of(page, "what-ran-when")[1][-1] == "no"
    assert '"message":"no"' in page


def test_a_run_that_was_interrupted_shows_what_had_come_of_each_step():
    steps = {
        "load": StepRun("reused", 0.0, 0.0), "fit": StepRun("canceled", 1.0, 2.0),
        "report": StepRun("skipped"),
    }  # fmt: skip
    page = page_of(RUN._replace(status="canceled", steps=steps, compared=()))
    assert "<strong>canceled</strong>" in page
    boxes = re.findall(r'<g class="box (\w+)"[^>]*data-look="step"', page)
    assert sorted(boxes) == ["completed", "skipped", "skipped"]
    assert rows_of(page, "what-ran-when")[2] == ["report", "skipped", "", "", "", ""]


def test_states_that_nobody_knows_and_times_that_are_missing_are_shown_as_they_are():
    steps = {"load": StepRun("Défunt <x>", 1.0), "fit": StepRun("", None, 2.0)}
    page = page_of(RUN._replace(status="Preparing", duration_s=None, steps=steps))
    assert rows_of(page, "what-ran-when")[:2] == [
        ["load", "Défunt &lt;x&gt;", "1.0 s", "", "", ""], ["fit", "", "", "2.0 s", "", ""],
    ]  # fmt: skip
    assert "No step has started." in page


def test_a_clock_that_was_set_back_draws_nothing_outside():
    steps = {"load": StepRun("completed", -60.0, 2.0), "fit": StepRun("completed", 5.0, -3.0)}
    page = page_of(RUN._replace(duration_s=-1.0, steps=steps))
    for bar in timeline_of(page).iter():
        if "bar" in bar.get("class", "").split():
            x, width = (float(bar.get(key).removesuffix("%")) for key in ("x", "width"))
            assert 0 <= x <= x + width <= 100.01
    assert rows_of(page, "what-ran-when")[0] == ["load", "completed", "0.0 s", "2.0 s", "", ""]
    assert "Z, 0.0 s</p>" in page


def test_the_policy_of_the_page_names_the_hashes_of_its_script_and_styles():
    page = page_of(RUN)
    for tag in ("script", "style"):
        for text in re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S):
            digest = hashlib.sha256(text.encode()).digest()
            assert f"'sha256-{base64.b64encode(digest).decode()}'" in page.partition("<title>")[0]


@pytest.mark.parametrize("name", [*NASTY, "größe/../x", "n" * 1000])
def test_hostile_names_stay_text(name):
    plan = Plan(name, ("p",), (PlannedStep(name, (name,)),), ())
    step = StepRun(name, 0.0, 1.0, name, name, name)
    page = page_of(RunFacts(name, name, name, 1.0, {name: step}, (), name, name), plan)
    assert page.count("<script") == 2
    timeline_of(page)
    page.encode("utf-8")


def test_a_run_in_which_nothing_has_started_has_a_page():
    page = page_of(RunFacts("Job x in Azure ML", "Queued"))
    assert 'class="bar' not in page
    assert page.count(">not started</text>") == 3


def test_a_bar_lies_within_the_timeline_however_short_its_step():
    steps = {"load": StepRun("completed", 0.0, 900.0), "fit": StepRun("completed", 900.0, 0.0)}
    for bar in timeline_of(page_of(RunFacts("Simulation", "completed", steps=steps))).iter():
        if "bar" in bar.get("class", "").split():
            x, width = (float(bar.get(key).removesuffix("%")) for key in ("x", "width"))
            assert width > 0
            assert 0 <= x <= x + width <= 100.01
