"""What is remembered of a workspace: never wrong for long, never in the way."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_cli.azure_ml.known_components import (
    KnownComponents,
    digest_folder,
    locate_record,
    make_component_key,
)
from kedro_azureml_compiler.settings.models import Workspace
from stress import examples

ONE, TWO = (
    f"/subscriptions/s/resourceGroups/r/providers/p/workspaces/w/components/c/versions/{number}"
    for number in (1, 2)
)
COMPONENT = {"display_name": "a", "command": "run", "code": "./code", "environment": "azureml:e:1"}


def test_two_processes_keep_what_each_has_learned(tmp_path):
    file = tmp_path / "deep" / "record.json"
    one, other = KnownComponents(file), KnownComponents(file)
    one.add({"a": ONE})
    other.add({"b": TWO})
    assert KnownComponents(file).find(["a", "b", "c"]) == {"a": ONE, "b": TWO}


def test_what_the_workspace_does_not_know_is_forgotten_and_nothing_else(tmp_path):
    file = tmp_path / "record.json"
    KnownComponents(file).add({"a": ONE, "b": TWO})
    KnownComponents(file).forget(["a"])
    assert KnownComponents(file).find(["a", "b"]) == {"b": TWO}


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"version": 99, "components": {"a": "1"}}', '{"version": 1}', "\x00"],
)
def test_a_record_that_cannot_be_read_is_empty_and_is_written_anew(tmp_path, content):
    file = tmp_path / "record.json"
    file.write_text(content)
    known = KnownComponents(file)
    assert known.find(["a"]) == {}
    known.add({"a": "2"})
    assert json.loads(file.read_text())["components"] == {"a": "2"}


def test_a_record_that_cannot_be_kept_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    known = KnownComponents(tmp_path / "file" / "record.json")
    known.add({"a": "1"})
    assert known.find(["a"]) == {"a": "1"}


def test_each_workspace_has_its_own_record(tmp_path):
    def workspace(**changed):
        settings = {"subscription_id": "s", "resource_group": "r", "name": "w", **changed}
        return locate_record(tmp_path, Workspace(**settings))

    files = [workspace(), workspace(name="x"), workspace(resource_group="x")]
    assert len(set(files)) == 3
    assert workspace(name="W") == workspace()  # Azure's names know no case


def test_whatever_a_component_is_made_of_changes_its_key():
    keys = {
        make_component_key(COMPONENT, "code", "env"),
        make_component_key(COMPONENT, "other code", "env"),
        make_component_key(COMPONENT, "code", "other env"),
        make_component_key({**COMPONENT, "command": "walk"}, "code", "env"),
        make_component_key({**COMPONENT, "inputs": {"x": {"type": "uri_folder"}}}, "code", "env"),
    }
    assert len(keys) == 5
    assert make_component_key(dict(reversed(COMPONENT.items())), "code", "env") in keys


FILES = st.dictionaries(
    st.text("abc", min_size=1, max_size=3), st.binary(max_size=3), min_size=1, max_size=3
)


@examples(100)
@given(one=FILES, other=FILES)
def test_two_folders_have_one_digest_only_where_all_is_equal(one, other, tmp_path_factory):
    digests = []
    for files in (one, other):
        folder = tmp_path_factory.mktemp("code")
        for name, content in files.items():
            (folder / name).write_bytes(content)
        digests.append(digest_folder(folder))
    assert (digests[0] == digests[1]) == (one == other)


def test_a_record_that_cannot_be_written_leaves_nothing_beside_it(tmp_path):
    file = tmp_path / "records" / "known.json"
    file.mkdir(parents=True)
    KnownComponents(file).add({"a": "1"})
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("content", ["[" * 100_000, "null", '{"version": 1, "components": 3}'])
def test_a_record_of_anything_else_is_empty_and_is_written_anew(tmp_path, content):
    file = tmp_path / "record.json"
    file.write_text(content)
    KnownComponents(file).add({"a": ONE})
    assert KnownComponents(file).find(["a"]) == {"a": ONE}


def test_a_record_that_is_a_device_is_not_read(tmp_path):
    file = tmp_path / "record.json"
    file.symlink_to("/dev/zero")
    assert KnownComponents(file).find(["a"]) == {}


@pytest.mark.parametrize(
    "value",
    ["x", "", 3, None, [ONE], {"id": ONE}, ONE.replace("/components/", "/codes/"), f"{ONE}\n", " "],
)
def test_what_is_not_the_id_of_a_component_is_dropped_and_the_rest_stays(tmp_path, value):
    file = tmp_path / "record.json"
    file.write_text(json.dumps({"version": 1, "components": {"a": value, "b": TWO}}))
    assert KnownComponents(file).find(["a", "b"]) == {"b": TWO}
    KnownComponents(file).add({"a": ONE})
    assert KnownComponents(file).find(["a", "b"]) == {"a": ONE, "b": TWO}
