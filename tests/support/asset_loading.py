"""What came of loading the asset `penguins` in a process."""

PINNED = {"azureml_version": "1"}
FILE = {"azureml_type": "uri_file", "azureml_version": "1"}


def loaded(finished) -> str:
    assert finished.returncode == 0, finished.output
    return finished.output.splitlines()[-1].removeprefix("loaded ")


def refused(finished, error: str) -> str:
    assert finished.returncode == 1, finished.output
    assert finished.output.splitlines()[-2].startswith(f"{error}: ") or error in finished.output
    assert "Traceback" not in finished.output
    return finished.output


def nothing_left(shop, version: str = "1") -> None:
    assert not (shop.folder / "data/penguins" / version).exists()
