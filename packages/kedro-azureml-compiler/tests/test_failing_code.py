"""What is said of a project whose code or catalog cannot be read: the line, and what to do."""

import pytest
from checked_project import CheckedProject
from kedro_azureml_compiler import examine_job
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.settings.parsing import ConfigError

REGISTRY = """
def register_pipelines():
    from {package}.training import pipeline

    return {{"__default__": pipeline}}
"""


@pytest.fixture
def project(tmp_path) -> CheckedProject:
    return CheckedProject(tmp_path / "farm")


def failure(project: CheckedProject) -> ProjectError:
    with pytest.raises(ProjectError) as caught:
        examine_job(ProjectRequest(project.root), "j")
    return caught.value


def test_a_missing_package_is_answered_with_the_requirements_of_the_project(project):
    project.write("requirements.txt", "shapely")
    project.pipelines("import shaply\n")
    error = failure(project)
    line = (project.root / error.file).read_text().splitlines()[error.line - 1]
    assert line == "import shaply"
    assert error.message.endswith(
        f"src/{project.package}/pipeline_registry.py:{error.line}: ModuleNotFoundError: "
        "No module named 'shaply'"
    )
    assert error.hint == "Install what the project needs:  pip install -r requirements.txt"


def test_a_missing_package_is_named_where_nothing_lists_what_the_project_needs(project):
    project.pipelines("import shaply.geometry\n")
    assert failure(project).hint == "Install the package that contains the module 'shaply'."


def test_a_missing_module_of_the_project_is_no_package_to_install(project):
    project.write("requirements.txt", "shapely")
    project.pipelines(f"import {project.package}.nods\n")
    assert failure(project).hint == "Correct the import, or add the module to the project."


def test_a_project_without_pipeline_registry_is_told_what_it_lacks(project):
    (project.root / f"src/{project.package}/pipeline_registry.py").unlink()
    error = failure(project)
    assert error.message.endswith(f": {project.package}/pipeline_registry.py was not found.")
    assert "register_pipelines()" in error.hint


def test_a_syntax_error_is_found_in_the_module_that_has_it_and_not_in_the_one_that_imports(project):
    project.write(f"src/{project.package}/training.py", "x = 1\npipeline = (\n")
    project.pipelines(REGISTRY.format(package=project.package))
    error = failure(project)
    assert (error.file, error.line) == (f"src/{project.package}/training.py", 2)
    assert error.message.endswith("training.py:2: SyntaxError: '(' was never closed")


def test_a_node_with_wrong_inputs_is_named_with_its_line_as_kedro_words_it(project):
    project.pipelines(
        """
        def register_pipelines():
            return {"__default__": Pipeline([node(lambda x: x, ["a", "b"], "c", name="n")])}
        """
    )
    error = failure(project)
    assert error.file == f"src/{project.package}/pipeline_registry.py"
    assert "Inputs of '<lambda>' function expected ['x'], but got ['a', 'b']" in error.message


@pytest.mark.parametrize(
    ("file", "code", "said"),
    [
        (
            "pipeline_registry.py",
            "def register_pipelines():\n    return None\n",
            "mapping of names",
        ),
        ("settings.py", "class Mine: pass\nHOOKS = Mine\n", "HOOKS in settings.py is not a tuple"),
    ],
)
def test_a_value_that_kedro_cannot_use_is_named_with_its_file(project, file, code, said):
    project.write(f"src/{project.package}/{file}", code)
    assert said in failure(project).message


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ("{tpye: pandas.CSVDataset, filepath: data/x.csv}", "Write 'type' instead of 'tpye'."),
        ("{filepath: data/x.csv}", "Add a class"),
    ],
)
def test_an_entry_without_type_is_found_with_its_line(project, entry, hint):
    project.catalog(f"_base: {{filepath: y}}\n\nx: {entry}\n")
    error = failure(project)
    assert (error.file, error.line) == ("conf/base/catalog.yml", 3)
    assert error.message.endswith("conf/base/catalog.yml:3: the entry 'x' has no 'type'.")
    assert error.hint.startswith(hint)


@pytest.mark.parametrize(
    "nested",
    [
        "{tpye: pandas.CSVDataset, filepath: x.csv}",
        "{type: CachedDataset, dataset: {tpye: pandas.CSVDataset, filepath: x.csv}}",
    ],
)
def test_a_nested_dataset_without_type_is_no_green_check(project, nested):
    wrapper = "kedro_azureml_datasets.AzureMLPipelineDataset"
    project.catalog(f"x: {{type: {wrapper}, root_dir: data, dataset: {nested}}}\n")
    finding = project.only("catalog-entry")
    assert finding.message == "The nested dataset has no 'type'."
    assert finding.hint == "Write 'type' instead of 'tpye'."
    assert finding.place == "conf/base/catalog.yml:1"


def test_a_tab_in_the_catalog_is_called_a_tab(project):
    project.catalog("x:\n\ttype: pandas.CSVDataset\n")
    error = failure(project)
    assert error.message.endswith(
        "conf/base/catalog.yml:2: tabs are not allowed in YAML; indent with spaces."
    )


def test_the_mistakes_of_azureml_yml_have_a_file_and_a_line_in_every_command(project):
    project.settings_of({"j": {"experiment_name": ["farm"]}})
    project.write("conf/local/azureml.yml", "jobs:\n  j:\n    experiment: x\n")
    with pytest.raises(ConfigError) as caught:
        examine_job(ProjectRequest(project.root), "j")
    head, *listed = caught.value.message.splitlines()
    assert head == "azureml.yml has a mistake:"
    assert "\n".join(listed) == (
        "  conf/local/azureml.yml:3: jobs.j.experiment: unknown key 'experiment' "
        "(did you mean 'experiment_name'?)"
    )
