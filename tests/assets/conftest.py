"""An Azure ML with the asset that the tests read."""

import pytest


@pytest.fixture
def three_versions(azure):
    for version in ("1", "2", "3"):
        azure.register("penguins", version, {"p.txt": f"version {version}".encode()})
    return azure
