"""What a dataset class takes is read from its source, and the runner's table of it is fresh."""

import subprocess
import sys
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from kedro_azureml_compiler.project.catalog.dataset_source import (
    list_class_names,
    list_submodules,
    read_class,
)
from kedro_azureml_runner.reachability import dataset_addresses

# In the checkout as in the sdist, which carries it.
(TOOL,) = (
    path
    for folder in Path(__file__).parents
    if (path := folder / "tools/write_addresses.py").is_file()
)


def test_a_class_is_found_where_it_is_defined_and_where_it_is_attached():
    lazily = read_class("kedro_datasets.pandas", "CSVDataset")
    assert lazily is not None
    assert lazily == read_class("kedro_datasets.pandas.csv_dataset", "CSVDataset")
    assert (lazily.module, lazily.takes_any) == ("kedro_datasets.pandas.csv_dataset", False)
    assert {"filepath", "save_args", "credentials"} <= set(lazily.arguments or ())


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("kedro_datasets.pandas", "CSVDatset"),
        ("kedro_datasets.nowhere", "CSVDataset"),
        ("no_such_package.pandas", "CSVDataset"),
        ("sys", "version"),
    ],
)
def test_a_class_that_is_not_there_is_not_found(module: str, name: str):
    assert read_class(module, name) is None


def test_a_class_takes_what_its_base_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "source_of_datasets"
    package.mkdir()
    (package / "__init__.py").write_text("from .base import Base as Renamed\n")
    (package / "base.py").write_text(
        "from elsewhere import Unknown\n"
        "class Base(Unknown[int]):\n    def __init__(self, folder, *, mode=1, **more): ...\n"
        "class Far(Unknown): ...\n"
    )
    (package / "near.py").write_text(
        "from .base import Base\nfrom source_of_datasets.base import Far\n"
        "class Near(Base):\n    DEFAULT_URL: str = 'http://localhost'\n"
        "class Odd(Far): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    near = read_class("source_of_datasets.near", "Near")
    assert near is not None
    assert (near.arguments, near.takes_any) == (("folder", "mode"), True)
    assert near.default_addresses == ("http://localhost",)
    renamed = read_class("source_of_datasets", "Renamed")
    assert renamed is not None
    assert renamed.name == "Base"
    odd = read_class("source_of_datasets.near", "Odd")
    assert odd is not None
    assert (odd.arguments, odd.takes_any) == (None, True)


def test_the_names_of_a_package_are_known():
    assert {"pandas", "polars", "partitions"} <= set(list_submodules("kedro_datasets"))
    assert "CSVDataset" in list_class_names("kedro_datasets.pandas")


def test_no_library_is_imported():
    code = (
        "import sys; from kedro_azureml_compiler.project.catalog.dataset_source import read_class;"
        "assert read_class('kedro_datasets.pandas', 'CSVDataset').arguments;"
        "print(sorted({'pandas', 'kedro_datasets', 'lazy_loader'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_table_of_addresses_is_that_of_the_installed_datasets():
    spec = spec_from_file_location("write_addresses", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = module_from_spec(spec)
    spec.loader.exec_module(tool)
    made: dict[str, dict] = {}
    exec(tool.address_table(), made)  # the text of a module
    if version("kedro-datasets") == dataset_addresses.VERSION:
        assert made["ADDRESS_ARGUMENTS"] == dataset_addresses.ADDRESS_ARGUMENTS
        assert made["DEFAULT_ADDRESSES"] == dataset_addresses.DEFAULT_ADDRESSES
    # An older version lacks classes and arguments, and has none that the table does not know.
    for key, arguments in made["ADDRESS_ARGUMENTS"].items():
        assert set(arguments) <= set(dataset_addresses.ADDRESS_ARGUMENTS.get(key, arguments))
