"""The text of `pipeline.yml`."""

import importlib.util
from types import ModuleType

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from kedro_azureml_compiler.azureml import block_yaml
from kedro_azureml_compiler.azureml.block_yaml import emit, write_lines
from kedro_azureml_compiler.azureml.pipeline_job import (
    CommandComponent,
    CommandStep,
    DataInput,
    PipelineJob,
    Port,
)
from kedro_azureml_compiler.azureml.rendering import render, split_steps
from stress import examples

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)

signs = st.text(st.sampled_from("aZ0 _-.:/,#&*!?|>'\"%@`{}[]$=~<\\\t\n\u00e9\u2028"), max_size=8)
texts = st.one_of(
    signs,
    words,
    st.sampled_from(["yes", "No", "y", "NULL", "true", "e3", "a: b", "a #b", "a:", "k" * 120]),
    st.lists(signs, min_size=2, max_size=3).map("\n".join),
)
contents = st.recursive(
    st.dictionaries(texts, st.one_of(texts, st.booleans(), st.integers(), st.none(), st.floats())),
    lambda inner: st.dictionaries(texts, st.one_of(texts, inner, st.lists(texts, max_size=2))),
    max_leaves=6,
)


def job(command: str = "true", **more: object) -> PipelineJob:
    component = CommandComponent(
        display_name=str(more.get("display_name", "a")),
        command=command,
        environment="azureml:e:1",
        code="./code",
        is_deterministic=False,
        inputs={"no": Port("uri_folder")},
    )
    step = CommandStep(component, inputs={"no": "${{parent.inputs.no}}"})
    return PipelineJob(
        "j", "azureml:c", {"a": step}, inputs={"no": DataInput("uri_folder", "azureml:x:1")}
    )


@examples(150)
@given(words, words)
def test_what_is_written_is_read_back(command: str, name: str):
    made = job(command, display_name=name)
    assert yaml.safe_load(render(made)) == made.to_dict()


@examples(500)
@given(texts, contents | texts, st.sampled_from(["", "  "]))
@example("a", {"b": {"c": True, "d": 5}, "e": "one \\\n  two", "f": "./x", "g": "'"}, "  ")
def test_what_is_plain_is_written_as_libyaml_writes_it(key, value, margin):
    lines = [margin + line for line in emit({key: value}).removesuffix("\n").split("\n")]
    assert write_lines(key, value, margin) == lines


@examples(150)
@given(contents.filter(bool))
def test_a_step_with_anything_in_it_is_written_as_libyaml_writes_it(content):
    step = job().jobs["a"]._replace(overrides={"properties": {"x": content}})
    jobs = {"a": step, "plain": job().jobs["a"]}
    made = job()._replace(jobs=jobs, overrides={"settings": content})
    assert render(made) == emit(made.to_dict())


@examples(150)
@given(st.lists(st.sampled_from(["on", "null", "e3", "jobs", "a" * 80]), unique=True), words)
def test_each_step_is_cut_out_of_the_text_as_it_was_written(names: list[str], word: str):
    lines = f"jobs:\n  {word}:\njobs:\n  on:\n    x"  # looks like the text around it
    (step,) = job(lines, display_name=word).jobs.values()
    made = job()._replace(jobs=dict.fromkeys(names, step), display_name=lines)
    parts = dict(split_steps(render(made), names))
    assert list(parts) == names
    for name, text in parts.items():
        assert yaml.safe_load(text) == {name: step.to_dict()}


def test_a_command_of_several_lines_is_readable():
    assert "command: |-\n        one \\\n          two\n" in render(job("one \\\n  two"))


def test_a_port_named_like_a_boolean_stays_a_name():
    assert "no" in yaml.safe_load(render(job()))["jobs"]["a"]["component"]["inputs"]


def test_nothing_empty_is_written():
    text = render(job())
    assert "null" not in text
    assert "{}" not in text


def without_libyaml() -> ModuleType:
    """Import the module as where PyYAML was built without libyaml."""
    spec = importlib.util.spec_from_file_location("block_yaml_without", block_yaml.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(yaml, "CSafeDumper")
        spec.loader.exec_module(module)
    return module


plain = without_libyaml()


@examples(250)
@given(words | st.text("a \n'\":#-", max_size=60), words)
def test_without_libyaml_the_bytes_are_the_same(command: str, name: str):
    content = job(command, display_name=name).to_dict()
    assert plain._Dumper is yaml.SafeDumper
    assert block_yaml._Dumper is yaml.CSafeDumper
    assert plain.emit(content) == emit(content)
    assert plain.write_lines("a", content) == write_lines("a", content)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=10,
)


@examples(100)
@given(values)
def test_any_value_is_written_as_yaml_dump_writes_it(value: object):
    # What a conda file in azureml.yml may hold; texts that need quotes are chosen otherwise here.
    class WithoutAliases(yaml.CSafeDumper):
        def ignore_aliases(self, _data: object) -> bool:
            return True

        def represent_text(self, text: str) -> yaml.ScalarNode:
            return self.represent_scalar("tag:yaml.org,2002:str", text, block_yaml._style(text))

    WithoutAliases.add_representer(str, WithoutAliases.represent_text)
    made = job()._replace(tags={"value": value})
    assert render(made) == yaml.dump(
        made.to_dict(), Dumper=WithoutAliases, sort_keys=False, allow_unicode=True,
        width=2**31 - 1, default_flow_style=False,
    )  # fmt: skip
