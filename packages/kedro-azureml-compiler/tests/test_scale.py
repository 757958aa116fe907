"""What a compile does once, and what it does for each node: counted, not timed."""

import cProfile
import sys
from collections import Counter

import pytest
from kedro.framework.project import pipelines, settings
from kedro.io import CatalogConfigResolver
from kedro.pipeline import Pipeline
from kedro_azureml_compiler.compilation import compile_job
from kedro_azureml_compiler.project.project_errors import ProjectError
from written_project import WrittenProject

pytestmark = pytest.mark.once

LAYERS = """
def joined(*parts):
    return parts

def register_pipelines():
    nodes = []
    for n in range({count}):
        layer, place = divmod(n, 10)
        inputs = [f"d{{layer - 1}}_{{p % 10}}" for p in (place, place + 1)] if layer else None
        nodes.append(node(joined, inputs, f"d{{layer}}_{{place}}", name=f"n{{layer}}_{{place}}"))
    return {{"__default__": Pipeline(nodes)}}
"""

ENTRY = """
"{name}":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {{type: pickle.PickleDataset, filepath: "{name}.pkl"}}
"""


def layers(project, count: int, *, explicit: bool):
    """Write a project in which each node reads two outputs of the layer before."""
    project.pipelines(LAYERS.format(count=count))
    names = [f"d{n // 10}_{n % 10}" for n in range(count)] if explicit else ["{name}"]
    project.write("conf/base/catalog.yml", "".join(ENTRY.format(name=name) for name in names))
    return project


def calls_of_a_compile(project) -> int:
    """Count the calls of functions, Python's own included."""
    profile = cProfile.Profile()
    profile.enable()
    compile_job(project.root, "job")
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("explicit", [False, True], ids=["factory", "entries"])
def test_the_work_grows_with_the_nodes_and_not_with_their_square(tmp_path, own_imports, explicit):
    def calls(count):
        written = WrittenProject(tmp_path / f"farm_{count}")
        return calls_of_a_compile(layers(written, count, explicit=explicit))

    calls(10)  # what is done once in a process
    few, more, most = map(calls, (50, 100, 200))
    assert most - more < 2.4 * (more - few)  # a square gives four times


@pytest.fixture
def counted(monkeypatch) -> Counter:
    """Counts calls of what Kedro does slowly."""
    counts = Counter()

    def count(owner, name, key):
        real = getattr(owner, name)

        def counting(self, *args, **more):
            counts[key(self, *args)] += 1
            return real(self, *args, **more)

        monkeypatch.setattr(owner, name, counting)

    count(Pipeline, "__init__", lambda *_: "pipelines sorted")
    count(CatalogConfigResolver, "resolve_pattern", lambda _, name: f"resolved {name}")
    return counts


def test_kedro_sorts_the_nodes_once(project, counted):
    compile_job(layers(project, 30, explicit=False).root, "job")
    assert counted["pipelines sorted"] == 1  # by the project itself


def test_an_entry_made_by_a_factory_is_resolved_once(project, counted):
    compile_job(layers(project, 30, explicit=False).root, "job")
    assert {counted[f"resolved d{n // 10}_{n % 10}"] for n in range(30)} == {1}


COUNTING_LOADER = """
from kedro.config import OmegaConfigLoader

class Loader(OmegaConfigLoader):
    loaded = []

    def __getitem__(self, key):
        if key not in self.data:
            self.loaded.append(key)
        return super().__getitem__(key)

CONFIG_LOADER_CLASS = Loader
"""


def test_the_catalog_is_loaded_once(project):
    project.settings(COUNTING_LOADER)
    compile_job(layers(project, 10, explicit=True).root, "job")
    assert settings.CONFIG_LOADER_CLASS.loaded.count("catalog") == 1


def test_parameters_are_copied_for_hooks_as_in_a_run(project):
    project.write("conf/base/parameters.yml", "seed: 1\nsizes: {a: [1, 2]}\n")
    project.settings(
        """
        from kedro.framework.hooks import hook_impl

        class Hooks:
            @hook_impl
            def after_catalog_created(self, catalog, parameters):
                catalog.load("params:sizes")["a"].append(3)
                assert catalog.load("params:sizes") == parameters["params:sizes"] == {"a": [1, 2]}
                assert catalog.load("params:seed") == 1

        HOOKS = (Hooks(),)
        """
    )
    assert compile_job(project.root, "job").bundle.is_dir()


REGISTRY = """
from kedro.framework.project import find_pipelines

def register_pipelines():
    pipelines = find_pipelines()
    pipelines["both"] = sum(pipelines.values())
    return pipelines
"""

PART = """
from kedro.pipeline import Pipeline, node

def create_pipeline():
    return Pipeline([node(abs, "params:seed", "{name}_made", name="make_{name}")])
"""


@pytest.fixture
def modular(project):
    """A project with two pipelines, and one that its registry makes from others."""
    project.pipelines(REGISTRY)
    project.write(f"src/{project.package}/pipelines/__init__.py", "")
    for name in ("north", "south"):
        project.write(f"src/{project.package}/pipelines/{name}/__init__.py", PART.format(name=name))
    project.jobs(
        """
        north: {pipeline: {pipeline_name: north}}
        both: {pipeline: {pipeline_name: both}}
        gone: {pipeline: {pipeline_name: nort}}
        """
    )
    return project


def imported(project) -> set[str]:
    prefix = f"{project.package}.pipelines."
    return {name.removeprefix(prefix) for name in sys.modules if name.startswith(prefix)}


can_choose = pytest.mark.skipif(
    not hasattr(pipelines, "set_requested"), reason="this Kedro imports all pipelines at once"
)


@can_choose
def test_only_the_pipelines_of_the_job_are_imported(modular):
    compiled = compile_job(modular.root, "north")
    assert [step.name for step in compiled.plan.steps] == ["make_north"]
    assert imported(modular) == {"north"}


@can_choose
def test_a_broken_pipeline_does_not_stop_jobs_that_do_not_use_it(modular):
    modular.write(f"src/{modular.package}/pipelines/south/__init__.py", "raise OSError('broken')")
    assert compile_job(modular.root, "north").bundle.is_dir()


def test_a_pipeline_that_the_registry_makes_from_others_is_whole(modular):
    compiled = compile_job(modular.root, "both")
    assert [step.name for step in compiled.plan.steps] == ["make_north", "make_south"]


def test_after_a_compile_all_pipelines_are_there_as_before(modular):
    compile_job(modular.root, "north")
    assert {"north", "south", "both"} <= set(pipelines)


def test_a_misspelt_pipeline_is_answered_with_all_that_there_are(modular):
    with pytest.raises(ProjectError, match="did you mean 'north'"):
        compile_job(modular.root, "gone")
