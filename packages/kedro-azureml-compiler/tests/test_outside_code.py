"""Modules that a project imports from beside itself: they do not travel."""

import sys

import pytest

pytestmark = pytest.mark.once

CODE = "code-outside"


@pytest.fixture
def beside(small_project, tmp_path, monkeypatch):
    """A project with a sibling folder on the path, whose modules have names of their own."""
    number = small_project.package
    folder = tmp_path / "shared"
    (folder / f"lib_{number}").mkdir(parents=True)
    (folder / f"lib_{number}" / "__init__.py").write_text("from .inner import tidy\n")
    (folder / f"lib_{number}" / "inner.py").write_text("def tidy(x):\n    return x\n")
    (folder / f"single_{number}.py").write_text("class Model: pass\n")
    monkeypatch.syspath_prepend(str(folder))
    return small_project


def registry(project, head, function="abs"):
    project.pipelines(
        f"{head}\ndef register_pipelines():\n"
        f'    return {{"__default__": Pipeline([node({function}, "params:x", "y", name="a")])}}\n'
    )
    project.write("conf/base/parameters.yml", "x: 1")


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("import lib_{n}", "lib"),
        ("from lib_{n} import tidy", "lib"),
        ("from lib_{n}.inner import tidy as t", "lib"),
        ("import single_{n}", "single"),
        ("from single_{n} import Model", "single"),
        ("import sys; sys.path.insert(0, '..'); import single_{n}", "single"),
    ],
)
def test_a_module_of_a_sibling_folder_is_a_warning_where_it_is_imported(beside, line, module):
    registry(beside, line.format(n=beside.package))
    finding = beside.only(CODE)
    assert finding.severity.value == "warning"
    assert finding.file == f"src/{beside.package}/pipeline_registry.py"
    assert (
        f"imports '{module}_{beside.package}' from '{beside.root.parent}/shared/" in finding.message
    )
    assert "does not travel" in finding.message


def test_a_module_that_a_module_of_the_project_imports_is_found_there(beside):
    beside.write(f"src/{beside.package}/nodes.py", f"from single_{beside.package} import Model\n")
    registry(beside, f"from {beside.package} import nodes")
    assert beside.only(CODE).file == f"src/{beside.package}/nodes.py"


def test_what_is_installed_or_lies_in_the_project_is_none(beside):
    beside.write(f"src/own_{beside.package}.py", "def own(x):\n    return x\n")
    head = f"import json, yaml, kedro.io\nfrom own_{beside.package} import own\n"
    registry(beside, head + "import kedro_azureml_datasets", "own")
    assert beside.found(CODE) == []


def test_a_module_that_only_others_import_is_none(beside):
    registry(beside, "")
    sys.modules.pop(f"single_{beside.package}", None)
    __import__(f"single_{beside.package}")
    assert beside.found(CODE) == []


def test_code_in_the_image_and_a_job_that_knows_better_are_left_alone(beside):
    registry(beside, f"import single_{beside.package}")
    beside.settings_of({"j": {"checks": {CODE: "ignore"}}})
    assert beside.found(CODE) == []
    beside.settings_of({"j": {}}, execution={"environment": "env@latest", "code_directory": None})
    assert beside.found(CODE) == []
