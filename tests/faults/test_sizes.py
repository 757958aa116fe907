"""Projects that are larger than any: many nodes, many datasets, long names."""

import re

import pytest
import yaml
from kedro_azureml_compiler import FindingsError, compile_job
from written_project import WrittenProject, isolate_imports

pytestmark = [pytest.mark.stress, pytest.mark.faults]

CHAIN = """
def joined(*parts):
    return parts

def register_pipelines():
    def name(n):
        return f"{prefix}{{n}}"

    first = node(joined, "params:seed", name(0), name="make." + name(0))
    rest = [
        node(joined, name(n - 1), name(n), name="make." + name(n)) for n in range(1, {count})
    ]
    return {{"__default__": Pipeline([first, *rest])}}
"""


@pytest.fixture
def project(tmp_path, monkeypatch) -> WrittenProject:
    isolate_imports(monkeypatch)
    return WrittenProject(tmp_path / "farm")


def compiled(project: WrittenProject) -> dict:
    bundle = compile_job(project.root, "job").bundle
    return yaml.load((bundle / "pipeline.yml").read_text("utf-8"), yaml.CSafeLoader)["jobs"]


LONG = "names of 1,000 characters stay apart in Azure ML, or are refused in words"


@pytest.mark.promise(LONG)
def test_steps_with_names_of_a_thousand_characters_are_refused_in_words(project):
    project.pipelines(CHAIN.format(prefix="x" * 1000, count=3))
    with pytest.raises(FindingsError) as refused:
        compiled(project)
    errors = [found for found in refused.value.findings if found.severity == "error"]
    assert [found.code for found in errors] == ["step-name-too-long"] * 3
    assert "1,006 characters; Azure ML allows 256" in errors[0].message


@pytest.mark.promise(LONG)
def test_datasets_with_names_of_a_thousand_characters_stay_apart(project):
    code = CHAIN.format(prefix="x" * 1000, count=3)
    project.pipelines(code.replace('"make." + name(', '"make_" + str('))
    steps = compiled(project)
    assert len(steps) == 3
    ports = {port for step in steps.values() for port in step.get("outputs", {})}
    assert len(ports) == 2  # what the last one makes is left to its step
    assert all(re.fullmatch(r"x{69}_[0-9a-f]{10}", port) for port in ports)


WIDE = """
def make(*parts):
    return [1] * {outputs}

def register_pipelines():
    nodes, before = [], ["params:seed"]
    for n in range({nodes}):
        made = [f"d_{{n}}_{{k}}" for k in range({outputs})]
        nodes.append(node(make, before, made, name=f"make_{{n}}"))
        before = made
    return {{"__default__": Pipeline(nodes)}}
"""
STORED = {
    "type": "kedro_azureml_datasets.AzureMLPipelineDataset",
    "dataset": {"type": "kedro_datasets.pickle.PickleDataset"},
}


@pytest.mark.promise("2,000 nodes, and 5,000 datasets of the catalog, are compiled")
@pytest.mark.parametrize(("nodes", "outputs"), [(2000, 1), (1000, 5)])
def test_thousands_of_nodes_and_datasets_are_compiled(project, nodes, outputs):
    names = [f"d_{n}_{k}" for n in range(nodes) for k in range(outputs)]
    entries = {
        name: STORED | {"dataset": STORED["dataset"] | {"filepath": f"data/{name}.pkl"}}
        for name in names
    }
    for first in range(0, len(names), 500):  # OmegaConf has a limit for one file
        part = {name: entries[name] for name in names[first : first + 500]}
        text = yaml.dump(part, Dumper=yaml.CSafeDumper)
        project.write(f"conf/base/catalog_{first}.yml", text)
    project.pipelines(WIDE.format(nodes=nodes, outputs=outputs))
    steps = compiled(project)
    assert len(steps) == nodes
    ports = [port for step in steps.values() for port in step.get("outputs", {})]
    assert sorted(ports) == sorted(names)
