"""An sdist carries what the tests in it need; `nox -s tests` runs them from there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(file.parent for file in ROOT.glob("packages/*/pyproject.toml"))


def imported(file: Path) -> set[str]:
    """Return the first parts of the names of the modules that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def shared_modules(package: Path) -> set[str]:
    """Return the paths in tests/support that a package's tests import, and those import."""
    waiting, found = [*(package / "tests").rglob("*.py")], set()
    while waiting:
        for name in imported(waiting.pop()):
            module, folder = (ROOT / "tests/support" / part for part in (f"{name}.py", name))
            if module.is_file() and module not in found:
                found.add(module)
                waiting.append(module)
            assert not (folder / "__init__.py").is_file(), f"{package.name} needs {folder}"
    return {path.relative_to(ROOT).as_posix() for path in found}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_an_sdist_carries_the_modules_that_its_tests_share(package):
    listed = re.findall(
        r'^"\.\./\.\./([^"]+)" = "([^"]+)"$', (package / "pyproject.toml").read_text(), re.M
    )
    assert all(source == target for source, target in listed)
    sources = {source for source, _ in listed}
    assert "pytest.ini" in sources
    assert {path for path in sources if path.startswith("tests/")} == shared_modules(package)
