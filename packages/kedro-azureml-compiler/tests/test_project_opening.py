"""How a project is opened: which configuration, which environment, with hooks or without."""

import shutil

import pytest
from kedro.framework import project as kedro_project
from kedro_azureml_compiler.compilation import compile_job
from kedro_azureml_compiler.examination import examine_job
from kedro_azureml_compiler.planning.facts import DatasetKind, ProjectFacts
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.settings.models import Job
from kedro_azureml_compiler.settings.parsing import ConfigError

HOOKS = """
from kedro.framework.hooks import hook_impl
from kedro.io import MemoryDataset
from kedro_azureml_datasets import AzureMLPipelineDataset

class Adds:
    @hook_impl
    def after_context_created(self, context):
        context.config_loader["parameters"] = {**context.config_loader["parameters"], "added": 5}

    @hook_impl
    def after_catalog_created(self, catalog):
        nested = {"type": "json.JSONDataset", "filepath": "made.json"}
        catalog["made"] = AzureMLPipelineDataset(nested)

HOOKS = (Adds(),)
"""

TWO_STEPS = """
def register_pipelines():
    return {"__default__": Pipeline([
        node(abs, "params:seed", "made", name="make"), node(abs, "made", "used", name="use"),
    ])}
"""


def facts_of(project, **request) -> ProjectFacts:
    return read_project(ProjectRequest(project.root, **request), Job(inputs={"a": "params:seed"}))


def archive(project, kind: str, source: str = "other") -> str:
    """Pack a folder of the configuration as `kedro package` does, and take it away."""
    made = shutil.make_archive(str(project.root / "packed"), kind, project.root, source)
    shutil.rmtree(project.root / source)
    return made.rpartition("/")[2]


@pytest.fixture
def other(project):
    """A project that has a second configuration, with another value and another job."""
    shutil.copytree(project.root / "conf", project.root / "other")
    project.write("other/base/parameters.yml", "seed: 2\n")
    text = (project.root / "other/base/azureml.yml").read_text()
    project.write("other/base/azureml.yml", text.replace("job: {}", "another: {}"))
    return project


def test_the_configuration_is_the_project_s_own_unless_another_is_asked_for(other):
    facts = facts_of(other)
    assert (facts.conf_source, facts.asked_conf_source) == ("conf", None)
    facts = facts_of(other, conf_source="other")
    assert (facts.conf_source, facts.asked_conf_source) == ("other", "other")
    assert facts.parameters["seed"] == 2
    assert list(read_settings(ProjectRequest(other.root, conf_source="other")).jobs) == ["another"]


@pytest.mark.parametrize("path", ["conf", "./conf", "other/../conf"])
def test_the_project_s_own_may_be_named_too(other, path):
    facts = facts_of(other, conf_source=path)
    assert (facts.conf_source, facts.asked_conf_source) == ("conf", None)


@pytest.mark.parametrize("kind", ["zip", "tar", "gztar"])
def test_it_may_be_one_file_as_kedro_package_makes_it(other, kind):
    name = archive(other, kind)
    facts = facts_of(other, conf_source=name)
    assert facts.parameters["seed"] == 2
    assert (facts.asked_conf_source, facts.run_env) == (name, "")
    settings = read_settings(ProjectRequest(other.root, conf_source=other.root / name))
    assert list(settings.jobs) == ["another"]


def test_it_travels_and_the_step_reads_it_from_there(other):
    name = archive(other, "zip")
    compiled = compile_job(other.root, "another", conf_source=name)
    assert f"--conf-source {name}" in (compiled.bundle / "pipeline.yml").read_text()
    assert (compiled.bundle / "code" / name).is_file()
    assert compiled.plan.conf_source == name


def test_the_local_folders_of_both_configurations_stay_at_home(other):
    for source in ("conf", "other"):
        other.write(f"{source}/local/credentials.yml", "db: {password: hunter2}\n")
    code = compile_job(other.root, "another", conf_source="other").bundle / "code"
    assert "hunter2" not in "".join(f.read_text() for f in code.rglob("*.yml"))
    assert (code / "conf/base/parameters.yml").is_file()
    assert (code / "other/local").is_dir()  # Kedro wants it to exist


def test_a_secret_in_a_packed_configuration_is_found(other):
    other.write("other/base/credentials.yml", "db: {password: hunter2}\n")
    request = ProjectRequest(other.root, conf_source=archive(other, "gztar"))
    found = {f.where: f for f in examine_job(request, "another").findings}
    finding = found["packed.tar.gz/other/base/credentials.yml"]
    assert (finding.code, finding.severity.value) == ("credential-travels", "error")
    assert "hunter2" not in str(finding)


def test_a_configuration_that_the_ignore_file_keeps_at_home_is_refused(other):
    other.write(".amlignore", "*.zip\n")
    request = ProjectRequest(other.root, conf_source=archive(other, "zip"))
    found = [(f.code, f.where) for f in examine_job(request, "another").findings]
    assert ("code-ignored", "packed.zip") in found


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("nowhere", "There is no configuration 'nowhere' in 'farm'."),
        ("..", "The configuration '..' is outside the project."),
        (".", "The configuration '.' is outside the project."),
        ("abfs://conf@account/x", "The configuration 'abfs://conf@account/x' is outside"),
        (
            "pyproject.toml",
            "The configuration 'pyproject.toml' is not a folder, a zip file or a tar",
        ),
    ],
)
def test_any_other_configuration_is_refused(project, path, told):
    for read in (read_settings, lambda request: read_project(request, Job())):
        with pytest.raises(ProjectError) as caught:
            read(ProjectRequest(project.root, conf_source=path))
        assert told in caught.value.message


@pytest.mark.parametrize("name", ["broken.zip", "broken.tar.gz"])
def test_a_file_that_is_not_an_archive_is_reported_in_one_line(project, name):
    project.write(name, "this is no archive")
    with pytest.raises((ProjectError, ConfigError)) as caught:
        read_settings(ProjectRequest(project.root, conf_source=name))
    assert name in caught.value.message
    assert "\n" not in caught.value.message


def test_the_environment_may_come_from_the_variable_that_kedro_reads(project, monkeypatch):
    project.write("conf/prod/parameters.yml", "seed: 7\n")
    monkeypatch.setenv("KEDRO_ENV", "prod")
    facts = facts_of(project)
    # The variable is set on this machine alone, so the step has to be told.
    assert (facts.env, facts.run_env, facts.parameters["seed"]) == ("prod", "prod", 7)
    monkeypatch.setenv("KEDRO_ENV", "prdo")
    with pytest.raises(ProjectError, match="There is no environment 'prdo'"):
        read_settings(ProjectRequest(project.root))


def test_what_hooks_add_counts(project):
    project.settings(HOOKS)
    project.pipelines(TWO_STEPS)
    facts = facts_of(project)
    assert facts.parameters == {"seed": 1, "added": 5}
    made = facts.datasets["made"]
    assert (made.kind, made.local_path) == (DatasetKind.PIPELINE, "data/made.json")


def test_without_hooks_it_does_not(project):
    project.settings(HOOKS)
    project.pipelines(TWO_STEPS)
    facts = facts_of(project, use_hooks=False)
    assert facts.parameters == {"seed": 1}
    assert facts.datasets["made"].kind is DatasetKind.UNDECLARED
    assert [node.name for node in facts.nodes] == ["make", "use"]


def test_without_hooks_the_project_s_own_classes_and_params_still_count(project):
    project.settings(
        """
        from kedro.framework.context import KedroContext
        from kedro.io import DataCatalog

        class Context(KedroContext):
            @property
            def params(self):
                return {**super().params, "of_context": True}

        CONTEXT_CLASS = Context
        """
    )
    facts = facts_of(project, use_hooks=False, params={"seed": 3})
    assert facts.parameters == {"seed": 3, "of_context": True}


def test_a_hook_that_fails_fails_no_reading_without_hooks(project):
    project.settings(
        """
        from kedro.framework.hooks import hook_impl

        class Fails:
            @hook_impl
            def after_context_created(self, context):
                raise ValueError("worm")

        HOOKS = (Fails(),)
        """
    )
    with pytest.raises(ProjectError, match="ValueError: worm"):
        facts_of(project)
    assert facts_of(project, use_hooks=False).parameters == {"seed": 1}


@pytest.mark.skipif(
    not hasattr(kedro_project.settings, "SESSION_CLASS"), reason="Kedro has this setting later"
)
def test_a_project_with_a_service_session_is_read_too(project):
    project.settings(
        "from kedro.framework.session import KedroServiceSession\n"
        "SESSION_CLASS = KedroServiceSession\n"
    )
    facts = facts_of(project, params={"seed": 9})
    assert facts.parameters["seed"] == 9
