"""What a step says about an image that does not fit."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from kedro_azureml_runner.image_check import (
    IMAGE_FILE,
    find_image_problems,
    is_in_range,
    read_requirements,
)


@pytest.mark.parametrize(
    ("found", "wanted", "fits"),
    [
        ("1.2.0", ">=1.2,<2", True),
        ("1.1.9", ">=1.2,<2", False),
        ("2.0.0", ">=1.2,<2", False),
        ("2", "<2.0", False),
        ("1.10", ">=1.9", True),
        ("0.1.0.dev3", ">=0.1,<0.2", True),
        ("1.7.0+local", "==1.7", True),
        ("1.7.1", "!=1.7.1", False),
        ("1.7", "<=1.7.0", True),
        ("1.7.1", ">1.7", True),
    ],
)
def test_a_version_is_compared_by_its_release_numbers(found: str, wanted: str, fits: bool):
    assert is_in_range(found, wanted) is fits


def test_a_fitting_image_has_no_problem():
    assert (
        list(find_image_problems({"kedro": ">=1.2,<2", "kedro-azureml-datasets": ">=0.2,<0.3"}))
        == []
    )


def test_a_wrong_version_names_both_and_the_line_that_mends_it():
    (problem,) = find_image_problems({"kedro": ">=0.18,<0.19"})
    assert version("kedro") in problem
    assert 'pip install "kedro>=0.18,<0.19"' in problem


def test_each_problem_is_named():
    problems = list(find_image_problems({"kedro": ">=99", "no-such-distribution": ">=1"}))
    assert len(problems) == 2
    assert "kedro>=99" in problems[0]
    assert "no-such-distribution" in problems[1]


def test_the_requirements_lie_beside_the_runner_in_the_snapshot(tmp_path: Path):
    (tmp_path / IMAGE_FILE).write_text(json.dumps({"kedro": ">=1.2"}))
    assert read_requirements(tmp_path) == {"kedro": ">=1.2"}


def test_an_installed_runner_has_none(tmp_path: Path):
    assert read_requirements(tmp_path) == {}
