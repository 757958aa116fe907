"""`kedro azureml plan --advise`: what a simulation took, and the grouping that is advised."""

import json
from datetime import datetime, timedelta, timezone
from io import StringIO

import pytest
import yaml
from checked_project import CheckedProject
from click.testing import CliRunner, Result
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.bundles.plan_command import plan_command
from kedro_azureml_cli.simulation.simulate_command import simulate_command
from kedro_azureml_compiler import compile_job
from kedro_azureml_runner.protocol.step_times import write_step_time

pytestmark = pytest.mark.once

CHAINS = """
import time

def work(*inputs):
    time.sleep(1)
    return 1

def register_pipelines():
    return {"__default__": Pipeline([
        node(work, None, "a", name="load_a"), node(work, "a", "c", name="fit_a"),
        node(work, None, "b", name="load_b"), node(work, "b", "d", name="fit_b"),
    ])}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> CheckedProject:
    project = CheckedProject(tmp_path_factory.mktemp("advised") / "farm")
    project.pipelines(CHAINS)
    project.settings_of({"j": {}})
    return project


def call(command, project: CheckedProject, *args: str, code: int = 0) -> Result:
    done = CliRunner().invoke(
        command, ["-j", "j", *args], obj=bootstrap_project(project.root), catch_exceptions=False
    )
    assert done.exit_code == code, done.output
    return done


def advise(project: CheckedProject, *args: str, code: int = 0) -> Result:
    return call(plan_command, project, "--advise", *args, code=code)


def record(project: CheckedProject, folder, **seconds: float) -> None:
    """Write what a simulation leaves of a run in which each step took so long."""
    bundle = compile_job(project.root, "j", output=folder / "bundle").bundle
    content = yaml.safe_load((bundle / "pipeline.yml").read_text("utf-8"))
    steps = []
    for name, step in content["jobs"].items():
        log = StringIO()
        start = datetime(2026, 11, 29, tzinfo=timezone.utc)
        write_step_time("started", log, start)
        if seconds[name] >= 0:
            write_step_time("ended", log, start + timedelta(seconds=seconds[name]))
        (folder / f"{name}.txt").write_text(log.getvalue(), "utf-8")
        command = step["component"]["command"]
        steps.append({"name": name, "status": "completed", "reused": False, "command": command,
                      "log_path": f"{name}.txt"})  # fmt: skip
    (folder / "run.json").write_text(json.dumps({"steps": steps}), "utf-8")


SECONDS = {"load_a": 30, "fit_a": 300, "load_b": 30, "fit_b": 300}

TEXT = """\
Advice for 'j', with the times of the last simulation

                               now          advised
steps                          4            2
time                           7 min 30 s   6 min 30 s
instances held                 15 min 00 s  13 min 00 s
cost                           0.90         0.78
overhead on the critical path  27%          15%

Critical path now:
  load_a -> fit_a

Critical path as advised:
  load_a_to_fit_a

Assumed:
  Each step takes 60 s besides its code: a guess, since nothing has measured it;
  set it with --step-overhead SECONDS.
  As many instances as are wanted: cpu; limit them with --max-instances
  COMPUTE=N.
  An instance costs its price while it runs a step, and nothing between.

Write below jobs.j in azureml.yml, instead of its grouping:

  grouping:
    load_a_to_fit_a:
      - load_a
      - fit_a
    load_b_to_fit_b:
      - load_b
      - fit_b
"""


def test_the_text_shows_time_and_cost_before_and_after_and_yaml_to_paste(project, tmp_path):
    record(project, tmp_path, **SECONDS)
    done = advise(project, "--from-run", "--run-dir", str(tmp_path), "--price", "cpu=3.6")
    assert done.stdout == TEXT


def test_json_is_the_plan_with_the_advice(project, tmp_path):
    record(project, tmp_path, **SECONDS)
    args = ("--from-run", "--run-dir", str(tmp_path), "--format", "json")
    limits = ("--max-instances", "__default__=1", "--step-overhead", "7")
    document = json.loads(advise(project, *args, *limits).stdout)
    assert len(document["steps"]) == 4
    advice = document["advice"]
    assert advice["limits"] == {"cpu": 1}
    assert advice["now"]["seconds"] == 660 + 4 * 7
    assert advice["advised"]["seconds"] == 660 + 7
    assert advice["now"]["critical_path"] == ["load_a", "load_b", "fit_a", "fit_b"]
    assert yaml.safe_load(advice["yaml"]) == {"grouping": advice["grouping"]}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--advise"], "write one of --from-run"),
        (["--advise", "--from-run", "--from-job", "x"], "write one of --from-run"),
        (["--from-run"], "--from-run belongs to --advise."),
        (["--step-overhead", "0"], "--step-overhead belongs to --advise."),
        (["--advise", "--from-job", "x", "--run-dir", "y"], "--run-dir belongs to --from-run."),
        (["--advise", "--from-run", "--format", "mermaid"], "--format mermaid shows no advice"),
        (["--advise", "--from-run", "--open"], "--open shows no advice"),
        (["--advise", "--from-run", "--nodes", "fit_a"], "leave out the filters of nodes."),
        (["--advise", "--from-run", "--price", "cpu"], "'cpu' is not NAME=VALUE."),
        (["--advise", "--from-run", "--price", "cpu=nan"], "'nan' is not an amount"),
        (["--advise", "--from-run", "--price", "cpu=-1"], "'-1' is not an amount"),
        (["--advise", "--from-run", "--price", "cpux=1"], "did you mean 'cpu'?"),
        (["--advise", "--from-run", "--max-instances", "cpu=0"], "'0' is not a number"),
        (["--advise", "--from-run", "--max-instances", "cpu=²"], "'²' is not a number"),
        (["--advise", "--from-run", "--step-overhead", "1e9"], "from 0 to 86400."),
    ],
)  # fmt: skip
def test_options_that_cannot_be_meant_are_refused(project, args, told):
    assert told in " ".join(call(plan_command, project, *args, code=2).output.split())


def test_a_run_that_tells_no_times_is_one_message(project, tmp_path):
    given = ("--from-run", "--run-dir", str(tmp_path))
    assert "No simulation of 'j' was found" in advise(project, *given, code=1).output
    for content in ("{", "[]", '{"steps": 1}', '{"steps": [{"command": 3}]}', "\udcff"):
        (tmp_path / "run.json").write_bytes(content.encode("utf-8", "surrogateescape"))
        assert "cannot be read as the record" in advise(project, *given, code=1).output
    record(project, tmp_path, **dict.fromkeys(SECONDS, -1))
    done = advise(project, *given, code=1)
    assert "The times of no step are known" in done.output
    assert "kedro azureml simulate -j j" in done.output


def test_both_groupings_take_in_a_simulation_about_what_is_predicted(project, tmp_path):
    overhead = ("--step-overhead", "3")

    def simulate() -> float:
        run = ("--run-dir", str(tmp_path / "run"), "--format", "json", *overhead)
        done = call(simulate_command, project, *run)
        return json.loads(done.stdout)["duration_s"]

    try:
        before = simulate()
        source = ("--from-run", "--run-dir", str(tmp_path / "run"))
        done = advise(project, *source, *overhead, "--format", "json")
        advice = json.loads(done.stdout)["advice"]
        project.settings_of({"j": yaml.safe_load(advice["yaml"])})
        after = simulate()
    finally:
        project.settings_of({"j": {}})
    assert advice["grouping"] == {
        "load_a_to_fit_a": ["load_a", "fit_a"],
        "load_b_to_fit_b": ["load_b", "fit_b"],
    }
    assert after < before
    assert advice["advised"]["seconds"] < advice["now"]["seconds"]
    for predicted, simulated in (("now", before), ("advised", after)):
        assert simulated / 3 < advice[predicted]["seconds"] < simulated * 3
