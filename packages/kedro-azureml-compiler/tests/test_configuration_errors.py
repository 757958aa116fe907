"""What cannot be read in the configuration is named with its file, or as a runtime parameter."""

import kedro
import pytest
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.settings.models import Job
from kedro_azureml_compiler.settings.parsing import ConfigError
from written_project import WrittenProject


@pytest.fixture(autouse=True, params=["0", "1"], ids=["plain", "traced"])
def as_under_a_tracer_or_not(request, monkeypatch):
    """OmegaConf gives its errors a cause with this variable, with a debugger and with coverage."""
    monkeypatch.setenv("OC_CAUSE", request.param)


ENTRY = "x: {type: json.JSONDataset, filepath: x.json}\n"


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("base/catalog.yml", "x:\n  type: a\n   b: c\n", "base/catalog.yml:3: "),
        ("base/catalog/more.yml", "x: y: z", "base/catalog/more.yml:1: "),
        ("base/catalog.yml", ENTRY + ENTRY, "base/catalog.yml:2: found duplicate"),
        ("base/catalog.yml", "x.y: {type: '${no}'}", "base/catalog.yml: x.y.type: Interp.*'no'"),
        ("base/parameters_a.yml", "a: {b: '${no}'}", "base/parameters_a.yml: a.b: Interp.*'no'"),
        ("base/catalog_a.yml", "- x\n", "base/catalog_a.yml holds a list, not a mapping"),
        ("base/parameters_a.yml", "- 1\n", "base/parameters_a.yml holds a list, not a mapping"),
        ("base/globals.yml", "- 1\n", "base/globals.yml holds a list, not a mapping"),
        ("base/parameters_a.yml", "a: '${{no}}'", "base/parameters_a.yml: a: token recognition"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(project, file, content, told):
    project.write(f"conf/{file}", content)
    with pytest.raises(ProjectError, match=f"^The configuration cannot be read: conf/{told}"):
        read_project(ProjectRequest(project.root), Job())


@pytest.mark.parametrize("value", ["${HOME}", "${{inputs.x}}", "${a.b}"])
def test_a_runtime_parameter_that_cannot_be_read_is_called_one(project, value):
    for request, job in (
        (ProjectRequest(project.root, params={"seed": value}), Job()),
        (ProjectRequest(project.root), Job(params={"seed": value})),
    ):
        with pytest.raises(
            ProjectError, match=r"^The runtime parameters cannot be read: seed: "
        ) as e:
            read_project(request, job)
        assert "put a backslash before it" in e.value.hint


def test_a_runtime_parameter_that_sets_a_key_in_a_list_says_what_to_write(project):
    project.write("conf/base/parameters_a.yml", "model: {layers: [{units: 1}]}")
    params = {"model": {"layers": {"0": {"units": 2}}}}
    for request, job in (
        (ProjectRequest(project.root, params=params), Job()),
        (ProjectRequest(project.root), Job(params=params)),
    ):
        with pytest.raises(ProjectError, match=r"'model\.layers\.0' sets a key, but") as caught:
            read_project(request, job)
        assert "is a list in conf/base/parameters_a.yml" in caught.value.message
        assert """--params '{"model": {"layers": [...]}}'""" in caught.value.hint


def test_in_azureml_yml_it_is_called_a_parameter_too(project):
    project.jobs("""
        job: {params: {a: "${HOME}"}}
    """)
    with pytest.raises(ConfigError, match=r"jobs\.job\.params\.a: Interpolation key 'HOME'") as e:
        read_settings(ProjectRequest(project.root))
    assert "put three" in e.value.hint


VARIABLE = "${oc.env:KEDRO_AZUREML_TEST}"
CATALOG = f"x: {{type: json.JSONDataset, filepath: '{VARIABLE}'}}\n"
JOB = f"job: {{display_name: '{VARIABLE}'}}"


def test_a_variable_that_kedro_does_not_look_up_is_reported_with_what_allows_it(
    project, tmp_path, monkeypatch
):
    project.write("conf/base/catalog.yml", CATALOG)
    with pytest.raises(ProjectError, match=r"catalog\.yml: x\.filepath: Unsupp.* oc\.env\.") as e:
        read_project(ProjectRequest(project.root), Job())
    project.jobs(JOB)
    with pytest.raises(ConfigError, match=r"jobs\.job\.display_name: Unsupp.* oc\.env\.") as again:
        read_settings(ProjectRequest(project.root))
    assert again.value.hint == e.value.hint
    allowed, first = e.value.hint.partition("CONFIG_LOADER_ARGS")[2].split("  after  ")
    mended = WrittenProject(tmp_path / "mended")
    mended.write("conf/base/catalog.yml", CATALOG)
    mended.jobs(JOB)
    mended.settings(f"{first}\nCONFIG_LOADER_ARGS{allowed}")
    monkeypatch.setenv("KEDRO_AZUREML_TEST", "found")
    request = ProjectRequest(mended.root)
    assert read_settings(request).jobs["job"].display_name == "found"
    assert read_project(request, Job()).nodes


def test_what_is_to_be_written_instead_arrives_as_the_text_that_was_meant(project):
    project.jobs(r"""
        job: {params: {seed: '\\\${HOME}'}}
    """)
    request = ProjectRequest(project.root)
    job = read_settings(request).jobs["job"].model_copy(update={"inputs": {"s": "params:seed"}})
    left = "\\" if kedro.__version__.startswith("1.2.") else ""  # as the hint says
    assert read_project(request, job).parameters["seed"] == left + "${HOME}"


def test_check_points_at_the_file_and_the_line(small_project):
    small_project.catalog("x:\n  type: a\n   b: c\n")
    finding = small_project.only("project-error")
    assert (finding.file, finding.line) == ("conf/base/catalog.yml", 3)
    small_project.catalog("{}")
    small_project.pipelines("import no_such_library\n")
    finding = small_project.only("project-error")
    assert finding.file == f"src/{small_project.package}/pipeline_registry.py"
    assert finding.line == 3


def test_what_every_job_meets_is_one_finding(small_project):
    small_project.settings_of({"i": {}, "j": {}})
    small_project.catalog("x: y: z")
    first, second = small_project.check().values()
    assert first == second
