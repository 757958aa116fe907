"""The page of benchmarks is what was recorded, and what is compared with it fails where it must."""

import re
import subprocess
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from statistics import median

import pytest
from recording import environments
from recording.page import IMAGES, PAGE, group, join_ways, make_page, make_targets, name_plot
from recording.results import Measurement, Ratio, read_measurements, write_measurements
from recording.targets import TARGETS
from recording.turns import take_turns

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"
ABOUT, RECORDED = read_measurements(BENCHMARKS / "results.json")


@pytest.fixture(scope="module")
def program():
    spec = spec_from_file_location("benchmarks_main", BENCHMARKS / "__main__.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measurement(ours, theirs, **more):
    return Measurement("Area", "a case", "s", {"ours": ours, "theirs": theirs}, **more)


def test_the_page_is_what_was_recorded():
    assert PAGE.read_text() == make_page(ABOUT, RECORDED)  # python benchmarks --page


def test_each_plot_shows_the_samples_that_were_recorded():
    plots = import_module("recording.plots")  # with matplotlib, which the tests have
    drawn = set()
    for area in {one.area for one in RECORDED}:
        first = group([one for one in RECORDED if one.area == area])[0]
        if len(join_ways(first)) < 2:
            continue
        for scheme in ("light", "dark"):
            file = IMAGES / f"{name_plot(area)}-{scheme}.svg"
            assert f"samples {plots.digest(first)}" in file.read_text()
            drawn.add(file)
    assert set(IMAGES.glob("benchmarks-*.svg")) == drawn


def test_each_benchmark_is_run_and_recorded_with_the_machine_and_the_versions(program):
    assert {one.script for one in RECORDED} == set(program.SCRIPTS)
    scripts = {file.stem for file in BENCHMARKS.glob("*.py")} - {"__main__"}
    assert scripts == set(program.SCRIPTS)
    assert ABOUT["machine"].keys() >= {"processor", "cores", "memory", "system", "Python"}
    assert ABOUT["versions"].keys() >= {"kedro", "azure-ai-ml", "kedro-azureml-pipeline"}


def test_the_page_says_of_every_target_whether_it_is_met():
    known = {one.key: one for one in RECORDED}
    rows = make_targets(RECORDED).strip().splitlines()[-len(TARGETS) :]
    for target, row in zip(TARGETS, rows, strict=True):
        if target.key not in known:
            assert row.endswith("| not measured |")
        else:
            bound = target.reached(known)[1]
            assert row.endswith("| yes |" if bound <= target.limit else "| **no** |")
        assert row in PAGE.read_text()


def test_a_target_is_missed_where_its_upper_bound_is_above_the_limit():
    target = TARGETS[0]
    for factor, met in ((0.9, "| yes |"), (1.1, "| **no** |")):
        samples = {"ours": [target.limit * factor] * 31, target.way: [1.0] * 31}
        one = Measurement(target.area, target.case, target.unit, samples)
        (row,) = [line for line in make_targets([one]).splitlines() if target.case in line]
        assert row.endswith(met)


def test_property_the_upper_bound_holds_in_95_of_100_samples():
    random, true = Random(0), 1.0
    held = 0
    for _ in range(2000):
        drawn = [random.lognormvariate(0, 0.5) for _ in range(31)]  # its median is 1
        ratio = Ratio.of(drawn)
        assert ratio.lower <= ratio.median == median(drawn) <= ratio.upper
        held += ratio.upper >= true
    assert held >= 0.94 * 2000


def test_samples_survive_the_file_and_rounds_without_a_way_are_left_out(tmp_path):
    one = measurement([1.0, 2.0, 3.0], [2.0, None, 3.0], script="some_time")
    file = tmp_path / "samples.json"
    write_measurements(file, [one], rounds=3)
    about, (read,) = read_measurements(file)
    assert about == {"rounds": 3}
    assert read == one
    assert read.ratio("theirs").median == 0.75


def test_each_way_runs_once_in_each_round_and_the_slow_ones_in_one_of_six(capsys):
    calls = []
    ways = {name: lambda name=name: calls.append(name) or name for name in "abc"}
    taken = take_turns(ways, 7, seldom=["c"])
    assert calls[:6] == ["a", "b", "c", "a", "b", "c"]  # the first three only warm up
    assert calls[6:8] == ["b", "a"]  # in turn, and the other way round
    assert taken["a"] == ["a"] * 7
    assert taken["c"] == ["c", None, None, None, None, None, "c"]


def test_a_quick_run_fails_at_three_times_the_recorded_ratio_alone(program, capsys):
    recorded = [measurement([2.0] * 3, [1.0] * 3)]
    assert program.compare([measurement([5.9] * 3, [1.0] * 3)], recorded) == []
    (said,) = program.compare([measurement([6.1] * 3, [1.0] * 3)], recorded)
    assert re.search(r"a case.*6\.10 times 'theirs', and 2\.00 recorded", said)
    assert "nothing to compare" in program.compare([measurement([1.0], [1.0])], [])[0]


def test_what_a_quick_run_measures_was_recorded(program):
    compared = [one for one in RECORDED if one.script in program.QUICK and len(one.samples) > 1]
    assert compared
    assert all(one.ratio(way) for one in compared for way in list(one.samples)[1:])


def test_an_environment_that_cannot_be_made_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(environments, "KEPT", tmp_path)
    with pytest.raises(SystemExit) as ended:
        environments.make_environment("odd", "no package")
    said = str(ended.value)
    assert said.startswith("The environment 'odd' cannot be made: ")
    assert "no package" in said
    assert "\n" not in said


def test_a_script_that_fails_is_named_and_ends_all(program):
    with pytest.raises(SystemExit, match="gone_time has failed, and nothing of it is recorded"):
        program.run_script("gone_time")


def test_a_machine_without_npm_is_told_so_in_one_line(tmp_path):
    start = "from recording.loopback import start_azure\nwith start_azure(): pass"
    done = subprocess.run(
        [sys.executable, "-c", start],
        env={"PATH": "", "PYTHONPATH": str(BENCHMARKS), "KEDRO_AZUREML_AZURITE": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert re.search(r"needs 'n(ode|pm)', which is not on this machine: install Node\.js", line)
