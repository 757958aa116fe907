"""The text of `pipeline.yml`."""

import yaml
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_compiler import rendering
from kedro_azureml_compiler.model import CommandComponent, CommandStep, DataInput, PipelineJob, Port
from kedro_azureml_compiler.rendering import render
from stress import examples

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


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


def test_a_command_of_several_lines_is_readable():
    assert "command: |-\n        one \\\n          two\n" in render(job("one \\\n  two"))


def test_a_port_named_like_a_boolean_stays_a_name():
    assert "no" in yaml.safe_load(render(job()))["jobs"]["a"]["component"]["inputs"]


def test_nothing_empty_is_written():
    text = render(job())
    assert "null" not in text
    assert "{}" not in text


@examples(250)
@given(words | st.text("a \n\\'\":#-", max_size=60), words)
def test_without_libyaml_the_bytes_are_the_same(command: str, name: str):
    made = job(command, display_name=name)

    class Plain(yaml.SafeDumper):
        ignore_aliases = rendering._Dumper.ignore_aliases

    Plain.add_representer(str, rendering._represent_str)
    plain = yaml.dump(
        made.to_dict(), Dumper=Plain, sort_keys=False, allow_unicode=True, width=2**31 - 1,
        default_flow_style=False,
    )  # fmt: skip
    assert plain == render(made)
