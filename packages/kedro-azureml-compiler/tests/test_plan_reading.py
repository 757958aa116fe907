"""The plan of a bundle is read back for a picture of it."""

import json

import pytest
from drawn_plans import NASTY, TRAINING, chain, named
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_compiler import Plan, read_plan, render_plan_page
from kedro_azureml_compiler.bundle.writing import plan_to_dict
from kedro_azureml_compiler.bundle_layout import PLAN_FILE
from stress import examples

pytestmark = pytest.mark.once


def picture_of(plan):
    return "".join(render_plan_page(plan))


def bundle_with(folder, content):
    folder.mkdir(exist_ok=True)
    (folder / PLAN_FILE).write_text(json.dumps(content), encoding="utf-8")
    return folder


def places(content, path=()):
    """Yield the place of each value in a document."""
    yield path
    pairs = content.items() if isinstance(content, dict) else ()
    for key, value in enumerate(content) if isinstance(content, list) else pairs:
        yield from places(value, (*path, key))


TRAINING_CONTENT = plan_to_dict(TRAINING)
PLACES = [place for place in places(json.loads(json.dumps(TRAINING_CONTENT))) if place]


@pytest.mark.parametrize("plan", [TRAINING, chain(30, last_reads_first=True), *map(named, NASTY)])
def test_the_picture_of_a_plan_that_was_read_back_is_the_same(tmp_path, plan):
    bundle = bundle_with(tmp_path / "b", plan_to_dict(plan))
    assert picture_of(read_plan(bundle)) == picture_of(plan)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"format": 2}', "[" * 100_000, "\udcff"])
def test_what_is_no_plan_is_none(tmp_path, text):
    (tmp_path / PLAN_FILE).write_text(text, encoding="utf-8", errors="surrogateescape")
    assert read_plan(tmp_path) is None


def test_a_folder_without_a_plan_has_none(tmp_path):
    assert read_plan(tmp_path) is None
    (tmp_path / PLAN_FILE).mkdir()
    assert read_plan(tmp_path) is None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("changed")


def test_a_dataset_that_a_step_writes_and_does_not_say_so_is_no_plan(tmp_path):
    content = plan_to_dict(TRAINING)
    written = next(one for one in content["datasets"] if one["written_by"])
    written["written_by"] = None
    assert read_plan(bundle_with(tmp_path / "b", content)) is None


@examples(200)
@given(st.sampled_from(PLACES), st.sampled_from([None, 3, "other", "fit", [], [3], ["fit"], {}]))
def test_a_plan_that_was_changed_by_hand_has_a_page_or_is_none(folder, place, value):
    content = json.loads(json.dumps(TRAINING_CONTENT))
    *path, last = place
    inner = content
    for key in path:
        inner = inner[key]
    inner[last] = value
    plan = read_plan(bundle_with(folder, content))
    assert plan is None or "</html>" in picture_of(plan)


def test_steps_that_wait_for_each_other_are_no_plan(tmp_path):
    content = plan_to_dict(TRAINING)
    content["steps"][0]["waits_for"] = ["report"]
    assert read_plan(bundle_with(tmp_path / "b", content)) is None


def test_an_empty_plan_is_one(tmp_path):
    empty = Plan("empty", (), (), ())
    assert read_plan(bundle_with(tmp_path / "b", plan_to_dict(empty))) == empty
