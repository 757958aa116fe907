"""Which jobs a project has, its factories' included."""

import pytest
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.jobs import find_job, list_jobs
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.settings.models import AzureMLConfig, Job

pytestmark = pytest.mark.once

REGIONS = """
def register_pipelines():
    def region(name):
        return Pipeline(
            [node(abs, "params:seed", "a", name="train"), node(abs, "a", "b", name="score")],
            namespace=name, parameters={"params:seed"},
        )
    alone = Pipeline([node(abs, "params:seed", "alone", name="alone")])
    regions = region("eu.north") + region("eu.south") + region("us")
    return {"__default__": regions + alone, "small": region("asia"), "alone": alone}
"""

FACTORIES = """
plain: {}
"{region}-train":
  pipeline: {node_namespaces: ["{region}"]}
  display_name: Train {region}
"{region}-{part}":
  pipeline: {node_namespaces: ["{region}.{part}"]}
"{region}-small":
  pipeline: {pipeline_name: small, node_namespaces: ["{region}"]}
us-train: {display_name: mine}
"""


def jobs_of(project) -> tuple[AzureMLConfig, ProjectRequest]:
    request = ProjectRequest(project.root)
    return read_settings(request), request


def test_all_jobs_are_the_written_ones_and_those_of_factories(project):
    project.pipelines(REGIONS)
    project.jobs(FACTORIES)
    assert list(list_jobs(*jobs_of(project))) == [
        "plain", "us-train", "asia-small", "eu-north", "eu-south", "eu-train",
    ]  # fmt: skip


def test_a_job_of_a_factory_is_found_by_its_name_and_selects_its_namespace(project):
    project.pipelines(REGIONS)
    project.jobs(FACTORIES)
    config, request = jobs_of(project)
    job = find_job(config, "eu-train", request)
    assert job.display_name == "Train eu"
    nodes = [node.name for node in read_project(request, job).nodes]
    assert sorted(nodes) == ["eu.north.score", "eu.north.train", "eu.south.score", "eu.south.train"]
    nodes = [n.name for n in read_project(request, find_job(config, "eu-north", request)).nodes]
    assert sorted(nodes) == ["eu.north.score", "eu.north.train"]


def test_a_job_with_the_name_itself_wins(project):
    project.pipelines(REGIONS)
    project.jobs(FACTORIES)
    config, request = jobs_of(project)
    assert find_job(config, "us-train", request) == Job(display_name="mine")


def test_a_written_job_is_found_whatever_the_pipelines_and_factories_are(project):
    project.pipelines("raise RuntimeError('broken')")
    project.jobs('plain: {}\n"{region}-train": {}\n')
    config, request = jobs_of(project)
    assert find_job(config, "plain", request) == Job()


def test_an_unknown_name_lists_what_the_factories_give(project):
    project.pipelines(REGIONS)
    project.jobs(FACTORIES)
    config, request = jobs_of(project)
    with pytest.raises(ProjectError) as caught:
        find_job(config, "xyz", request)
    listed = "(there are: asia-small, eu-north, eu-south, eu-train, plain, us-train)"
    assert listed in caught.value.message
    with pytest.raises(ProjectError, match=r"did you mean 'eu-train'\?"):
        find_job(config, "eu-trian", request)


def test_the_name_of_a_factory_is_not_a_job(project):
    project.pipelines(REGIONS)
    project.jobs(FACTORIES)
    config, request = jobs_of(project)
    with pytest.raises(ProjectError) as caught:
        find_job(config, "{region}-train", request)
    assert "name one of the jobs that it creates" in caught.value.hint


def test_a_factory_that_gives_no_jobs_is_reported_when_its_job_may_be_meant(project):
    project.pipelines(REGIONS)
    project.jobs('"{region}-{model}": {pipeline: {node_namespaces: ["{region}"]}}\n"{x}": {}\n')
    config, request = jobs_of(project)
    with pytest.raises(ProjectError) as caught:
        find_job(config, "eu-tree", request)
    assert "{model} has no value" in caught.value.hint
    with pytest.raises(ProjectError) as caught:
        list_jobs(config, request)
    assert "{model} has no value" in caught.value.message
    assert "jobs.{x}: no template" in caught.value.message


def test_a_factory_of_an_unknown_pipeline_is_refused(project):
    project.jobs('"{r}-x": {pipeline: {pipeline_name: defualt, node_namespaces: ["{r}"]}}')
    config, request = jobs_of(project)
    with pytest.raises(ProjectError, match="The pipeline 'defualt' is not registered"):
        list_jobs(config, request)


@pytest.mark.parametrize("name", ["../x", ".x", "a/b", "a\\b"])
def test_a_name_that_is_not_a_folder_stops_its_own_job_alone(project, name):
    project.jobs(
        f"{name!r}: {{}}\nplain: {{}}\n" if "\\" not in name else "'a\\b': {}\nplain: {}\n"
    )
    config, request = jobs_of(project)
    assert find_job(config, "plain", request) == Job()
    with pytest.raises(ProjectError, match="is not a valid job name"):
        find_job(config, name, request)


def test_pipelines_that_a_hook_has_prepared_give_their_jobs(project):
    project.pipelines(
        f"""
        from {project.package}.settings import REGIONS

        def register_pipelines():
            nodes = [node(abs, "params:seed", "a", name="train")]
            parts = [Pipeline(nodes, namespace=r, parameters={{"params:seed"}}) for r in REGIONS]
            return {{"__default__": sum(parts, Pipeline([]))}}
        """
    )
    project.settings(
        """
        REGIONS = []

        class Prepare:
            from kedro.framework.hooks import hook_impl

            @hook_impl
            def after_context_created(self, context):
                REGIONS[:] = context.config_loader["parameters"]["regions"]

        HOOKS = (Prepare(),)
        """
    )
    project.write("conf/base/parameters.yml", "seed: 1\nregions: [eu, us]\n")
    project.jobs('"{region}-train": {pipeline: {node_namespaces: ["{region}"]}}')
    config, request = jobs_of(project)
    assert list(list_jobs(config, request)) == ["eu-train", "us-train"]
    nodes = read_project(request, find_job(config, "us-train", request)).nodes
    assert [node.name for node in nodes] == ["us.train"]
