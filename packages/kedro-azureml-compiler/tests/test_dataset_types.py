"""The class that an entry's type names, and what is said of one that does not exist."""

import pytest
from kedro_azureml_compiler.project.catalog.dataset_types import check_types, find_type

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("kind", "missing", "hint"),
    [
        (".CSVDataset", "is not the name of a class.", "Write 'module.ClassName'."),
        ("panda.CSVDataset", "does not exist.", "Write 'type: pandas.CSVDataset'."),
        ("kedro_datasets.panda.CSVDataset", "does not exist.", "kedro_datasets.pandas.CSVDataset"),
        ("kedro_dataset.pandas.CSVDataset", "does not exist.", "kedro_datasets.pandas.CSVDataset"),
        ("kedro_azureml_pipeline.datasets.AzureMLFileDataset", "", "AzureMLAssetDataset'"),
        ("no_such_library_at_all.Data", "which is not installed here", ""),
        ("kedro.no_such_module.Data", "there is no module named 'kedro.no_such_module'", ""),
    ],
)
def test_a_type_that_does_not_exist_is_told_with_what_to_write(kind, missing, hint):
    found = find_type(kind)
    assert found.kind is None
    assert missing in found.missing
    assert hint in found.hint


@pytest.mark.parametrize(
    ("text", "missing", "is_here"),
    [
        ("import no_such_module_either\n", "needs 'no_such_module_either'", False),
        ("from json import no_such_name\n", "cannot be imported here: ", False),
        ("1 / 0\n", "cannot be imported: ZeroDivisionError", True),
    ],
)
def test_a_module_that_cannot_be_imported_says_why(tmp_path, monkeypatch, text, missing, is_here):
    name = f"own_{abs(hash(text))}"
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    found = find_type(f"{name}.Data")
    assert missing in found.missing
    assert found.not_here is not is_here


def test_what_is_no_entry_has_no_types():
    assert check_types("x", "pandas.CSVDataset") == []


def test_a_class_whose_arguments_nobody_can_tell_takes_any(tmp_path, monkeypatch):
    (tmp_path / "own_signature.py").write_text(
        "from kedro.io import AbstractDataset\n"
        "class Data(AbstractDataset):\n"
        "    __signature__ = 'none'\n"
        "    def _load(self): return 1\n"
        "    def _save(self, data): pass\n"
        "    def _describe(self): return {}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert check_types("x", {"type": "own_signature.Data", "anything": 1}) == []
