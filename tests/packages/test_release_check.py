"""What `nox -s release_check` finds in versions and changelogs; and the files of the release."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
import uv
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
SCHEMAS = {
    ".github/workflows/ci.yml": "vendor.github-workflows",
    ".github/workflows/release.yml": "vendor.github-workflows",
    ".github/ISSUE_TEMPLATE/assumption.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/bug.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/idea.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
}


@pytest.fixture(scope="module")
def release_check():
    sys.path.insert(0, str(ROOT / "tools"))
    yield importlib.import_module("release_check")
    sys.path.remove(str(ROOT / "tools"))


@pytest.fixture
def find(release_check, tmp_path):
    """Check two packages, the second of which requires the first."""

    def find(version, changelog, wanted=">=0.2,<0.3", tag=None):
        for name, number in (("datasets", "0.2.1"), ("runner", version)):
            folder = tmp_path / f"kedro-azureml-{name}"
            about = folder / f"src/kedro_azureml_{name}/__about__.py"
            about.parent.mkdir(parents=True)
            about.write_text(f'__version__ = "{number}"\n')
            (folder / "CHANGELOG.md").write_text(f"# Changelog\n\n{changelog}")
            (folder / "pyproject.toml").write_text(f'x = ["kedro-azureml-datasets{wanted}"]\n')
        packages = [release_check.Package(path) for path in sorted(tmp_path.iterdir())]
        return [*release_check.check_versions(packages[1], packages, tag)]

    return find


DATED = "## [0.2.0] - 2026-11-29\n\n- New.\n"


def test_a_package_whose_changelog_is_closed_is_ready(find):
    assert find("0.2.0", f"## [Unreleased]\n\n{DATED}", tag="runner-v0.2.0") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("0.2.0", f"## [Unreleased]\n\n- Newer.\n\n{DATED}"), "unreleased changes"),
        (("0.3.0", DATED), "the version is 0.3.0, and the newest one in CHANGELOG.md 0.2.0"),
        (("0.2.0", "## [0.2.0]\n\n- New.\n"), "has no date"),
        (("0.2.0", ""), "the newest one in CHANGELOG.md none"),
        (("0.2.0", DATED, ">=0.1,<0.2"), "and that package has the version 0.2.1"),
        (("0.2.0", DATED, ">=0.2"), "datasets>=0.2, which lets 0.3 in: end the range below that"),
        (("0.2.0", DATED, ">=0.2,<0.4"), "which lets 0.3 in"),
        (("0.2.0", DATED, ">=0.2,<0.3", "runner-v0.2.1"), "the tag is runner-v0.2.1"),
    ],
    ids=["unreleased", "version", "date", "empty", "sibling", "no end", "too wide", "tag"],
)
def test_what_is_not_ready_is_named(find, arguments, words):
    (problem,) = find(*arguments)
    assert words in problem


@pytest.mark.parametrize(
    ("version", "next_one"), [("0.2.1", "0.3"), ("1.4.2", "2.0"), ("0.9.0rc1", "0.10")]
)
def test_a_minor_version_breaks_until_1_0_and_a_major_one_after_it(
    release_check, version, next_one
):
    assert release_check.next_breaking(version) == next_one


def test_a_python_that_nobody_tries_is_named(release_check, tmp_path):
    package = release_check.Package(tmp_path)
    for line, problems in (
        ('requires-python = ">=3.10"\n', []),
        ('requires-python = ">=3.9"\n', ["its requires-python is >=3.9, "]),
        ("", ["its requires-python is None, "]),
    ):
        (tmp_path / "pyproject.toml").write_text(f"[project]\n{line}")
        found = [*release_check.check_python(package, "python3.10")]
        ending = "and the lowest Python here is python3.10"
        assert found == [problem + ending for problem in problems]


@pytest.mark.parametrize("file", SCHEMAS)
def test_the_schema_of_the_service_takes_each_file(file):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[file]]
    done = subprocess.run([*command, str(ROOT / file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_for_the_service_is_judged():
    found = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(".github/*/*.yml")}
    assert found == set(SCHEMAS)


def test_a_tag_of_no_package_is_named(release_check):
    packages = [release_check.Package(Path(f"kedro-azureml-{name}")) for name in ("cli", "runner")]
    assert [*release_check.check_tag(packages, "runner-v0.2.0")] == []
    for tag in ("runner-0.2.0", "v0.2.0", "run-v0.2.0"):
        (found,) = release_check.check_tag(packages, tag)
        assert found == f"the tag is {tag}, and those of packages begin with cli-v, runner-v"


def test_all_that_a_package_and_its_siblings_require_is_asked_for_by_name(release_check, wheels):
    folder = Path(wheels["kedro_azureml_cli"]).parent
    lines = release_check.list_requirements("kedro-azureml-cli", [], folder)
    names = {Requirement(line).name for line in lines}
    assert {"click", "pydantic", "pathspec", "kedro", "azure-storage-blob"} <= names
    assert not names & {"apprise", "mlflow-skinny"}, "of extras that nobody asks for"
    assert not {name for name in names if name.startswith("kedro-azureml-")}
    assert any("python_version" in line for line in lines if line.startswith("tomli"))
    assert any(
        line.startswith("apprise")
        for line in release_check.list_requirements("kedro-azureml-cli", ["apprise"], folder)
    )


PYPROJECT = """
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "kedro-azureml-datasets"
version = "0.2.0"
readme = "README.md"
license-files = ["LICENSE"]
"""


@pytest.fixture
def build(release_check, tmp_path):
    """Build a package of a new repository, with files that git does not know."""
    repository = tmp_path / "repository"
    package = release_check.Package(repository / "packages/kedro-azureml-datasets")
    sources = package.folder / "src/kedro_azureml_datasets"
    sources.mkdir(parents=True)
    (package.folder / "pyproject.toml").write_text(PYPROJECT)
    (sources / "__init__.py").write_text("")
    (sources / "page.css").write_text("")
    for name in ("CHANGELOG.md", "LICENSE", "README.md"):
        (package.folder / name).write_text(f"{name}\n")
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", "-C", repository, *command], check=True)

    def build(**files):
        for name, content in files.items():
            (sources / f"{name}.py").write_text(content)
        builder = release_check.Builder(uv.find_uv_bin())
        problems = release_check.Problems()
        problems.report("builds", release_check.check_builds(package, builder, tmp_path / "built"))
        return problems

    return build


def test_a_package_of_what_git_knows_is_ready(build, tmp_path, capsys):
    assert build() == []
    assert [path.suffix for path in sorted((tmp_path / "built").iterdir())] == [".whl", ".gz"]
    assert capsys.readouterr().out == "ok     builds\n"


def test_a_file_that_git_does_not_know_is_named(build):
    sdist, wheel = build(scratch="x = 1\n")
    assert sdist.endswith("/src/kedro_azureml_datasets/scratch.py")
    assert wheel.endswith("holds what git does not know: kedro_azureml_datasets/scratch.py")


WITHOUT_STYLES = """
[tool.hatch.build.targets.wheel]
exclude = ["*.css"]
"""


def test_a_file_that_git_knows_and_a_wheel_lacks_is_named(build, tmp_path):
    pyproject = tmp_path / "repository/packages/kedro-azureml-datasets/pyproject.toml"
    pyproject.write_text(PYPROJECT + WITHOUT_STYLES)
    (found,) = build()
    assert found.endswith(".whl lacks kedro_azureml_datasets/page.css")


@pytest.mark.parametrize(
    ("file", "kinds"), [("LICENSE", [".gz", ".whl"]), ("CHANGELOG.md", [".gz"])]
)
def test_a_distribution_without_its_licence_or_changelog_is_a_problem(build, tmp_path, file, kinds):
    package = tmp_path / "repository/packages/kedro-azureml-datasets"
    subprocess.run(["git", "-C", package, "rm", "-q", "-f", file], check=True)
    found = build()
    assert [problem.partition(" lacks ")[2] for problem in found] == [file] * len(kinds)
    assert [Path(problem.partition(" lacks ")[0]).suffix for problem in found] == kinds


def test_a_package_that_cannot_be_built_is_one_line(build, tmp_path):
    (tmp_path / "repository/packages/kedro-azureml-datasets/pyproject.toml").write_text("[project")
    (found,) = build()
    assert found.startswith("uv build --quiet --sdist failed: ")
    assert "Invalid `pyproject.toml`" in found
    assert "\n" not in found


README = """# A package

```python
import json
```

```python
import no_such_module
```

    $ python -c 'exit(3)'  # ends
"""


@pytest.fixture
def examples(release_check, tmp_path):
    """Execute the examples of a README with the Python of the tests."""

    def examples(text):
        readme, python = tmp_path / "README.md", tmp_path / "bin/python"
        readme.write_text(text)
        python.parent.mkdir()
        python.symlink_to(sys.executable)
        return [*release_check.check_examples(readme, "kedro-azureml-runner", str(python))]

    return examples


def test_an_example_of_a_readme_that_fails_is_a_problem(examples):
    module, command = examples(README)
    assert "No module named 'no_such_module'" in module
    assert "ended with 3" in command


def test_a_block_that_nothing_executes_is_a_problem(examples):
    (found,) = examples("# A package\n\n```yaml\nan_option: 1\n```\n\n    $ python -V\n")
    assert "nothing executes its block of yaml: 'an_option: 1'" in found


def test_a_readme_without_an_example_is_a_problem(examples):
    (found,) = examples("# A package\n\n```text\nshown\n```\n")
    assert "has no example" in found
