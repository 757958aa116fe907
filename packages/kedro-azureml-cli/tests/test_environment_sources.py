"""What a project says that its step image needs: requirements files, pyproject.toml and locks."""

from __future__ import annotations

from pathlib import Path

import pytest
from kedro_azureml_cli.environments.image_target import ImageTarget, check_python
from kedro_azureml_cli.environments.needs import ProjectNeeds, RequirementsError
from kedro_azureml_cli.environments.sources.source_choice import read_project_needs

PY311 = ImageTarget("3.11")
LOCKS = Path(__file__).with_name("environment_locks")
PYLOCK = (LOCKS / "pylock.toml").read_text("utf-8")
UV_LOCK = (LOCKS / "uv.lock").read_text("utf-8")
POETRY_LOCK = (LOCKS / "poetry.lock").read_text("utf-8")
POETRY_PROJECT = (LOCKS / "poetry-project.toml").read_text("utf-8")


def write(root: Path, **files: str) -> None:
    """Write files; a double underscore is a dot, and `_in_` a slash."""
    for name, text in files.items():
        file = root / name.replace("_in_", "/").replace("__", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def read(root: Path, source: str | None = None, target: ImageTarget = PY311) -> ProjectNeeds:
    return read_project_needs(root, target, source)


def asked(needs: ProjectNeeds) -> list[str]:
    return [need.text for need in needs.content.needs]


def undecided(needs: ProjectNeeds) -> list[str]:
    return [one.text for one in needs.content.undecided]


def problems(root: Path, source: str | None = None) -> str:
    with pytest.raises(RequirementsError) as caught:
        read(root, source)
    assert caught.value.hint
    return caught.value.message


def test_lines_are_read_as_pip_reads_them_with_their_places(tmp_path):
    write(
        tmp_path,
        requirements__txt=(
            "# what every step needs\n"
            "pandas[excel] \\\n  >=2,<3  # tables\n"
            "kedro>=1.2 ; python_version >= '3.10' --hash=sha256:00\n"
            "tool @ https://example.com/tool-1.0-py3-none-any.whl\n"
            "-r requirements/more.in\n"
            "--extra-index-url https://example.com/simple\n"
        ),
        requirements_in_more__in="-c limits.txt\nNumPy\n",
        requirements_in_limits__txt="numpy<3\nscipy<2\n",
    )
    needs = read(tmp_path)
    assert asked(needs) == [
        "kedro>=1.2",
        "NumPy",
        "pandas[excel]<3,>=2",
        "tool @ https://example.com/tool-1.0-py3-none-any.whl",
    ]
    places = {need.requirement.name: need.where for need in needs.content.needs}
    assert places["NumPy"] == "requirements/more.in:2"
    assert places["tool"] == "requirements.txt:5"
    assert [str(one.requirement) for one in needs.content.constraints] == ["numpy<3", "scipy<2"]
    assert needs.content.options == ("--extra-index-url https://example.com/simple",)


def test_markers_are_those_of_the_image_and_not_of_this_machine(tmp_path):
    write(
        tmp_path,
        requirements__txt=(
            "a; sys_platform == 'win32'\n"
            "b; sys_platform == 'linux' and platform_machine == 'x86_64'\n"
            "c; python_version < '3.12'\n"
            "d; python_full_version >= '3.11.4'\n"
            "e; platform_machine == 'arm64' or platform_machine == 'aarch64'\n"
        ),
    )
    assert asked(read(tmp_path)) == ["b", "c", "d"]
    assert asked(read(tmp_path, target=ImageTarget("3.13"))) == ["b", "d"]
    assert asked(read(tmp_path, target=ImageTarget("3.11.2"))) == ["b", "c"]


@pytest.mark.parametrize(
    "line",
    [
        "-e ./libs/near",
        "--editable git+https://example.com/near.git#egg=near",
        "./libs/near",
        "libs/near-1.0-py3-none-any.whl",
        "near @ file:///libs/near",
        "https://example.com/archive.zip",
        "-r https://example.com/requirements.txt",
        "--find-links ./wheels",
    ],
)
def test_what_an_image_cannot_get_by_itself_is_left_to_decide(tmp_path, line):
    write(tmp_path, requirements__txt=f"kedro\n{line}\n")
    needs = read(tmp_path)
    assert asked(needs) == ["kedro"]
    (one,) = needs.content.undecided
    assert (one.text, one.where) == (line, "requirements.txt:2")
    assert one.reason


def test_a_password_in_an_address_is_neither_copied_nor_shown(tmp_path):
    write(
        tmp_path,
        requirements__txt=(
            "--index-url https://me:hunter2@example.com/simple\n"
            "--extra-index-url https://me:${PIP_TOKEN}@example.com/simple\n"
            "one @ git+https://hunter2@example.com/one.git\n"
            "two @ git+ssh://git@example.com/two.git\n"
        ),
        pyproject__toml='[project]\ndependencies = ["three @ https://me:hunter2@h/three.whl"]\n',
    )
    needs = read(tmp_path)
    assert undecided(needs) == [
        "--index-url https://***@example.com/simple",
        "one @ git+https://***@example.com/one.git",
    ]
    assert needs.content.options == (
        "--extra-index-url https://me:${PIP_TOKEN}@example.com/simple",
    )
    assert asked(needs) == ["two @ git+ssh://git@example.com/two.git"]
    assert undecided(read(tmp_path, "pyproject.toml")) == ["three @ https://***@h/three.whl"]


def test_the_project_itself_stands_for_what_its_pyproject_says(tmp_path):
    write(
        tmp_path,
        requirements__txt="-e .[plots]\nrich\n",
        pyproject__toml=(
            '[project]\nname = "farm"\ndependencies = ["pandas>=2"]\n'
            '[project.optional-dependencies]\nplots = ["plotly"]\nall = ["farm[plots]"]\n'
        ),
    )
    needs = read(tmp_path)
    assert asked(needs) == ["pandas>=2", "plotly", "rich"]
    assert undecided(needs) == []
    write(tmp_path, requirements__txt="-e .[all]\n")
    assert asked(read(tmp_path)) == ["pandas>=2", "plotly"]


def test_of_our_packages_an_image_needs_the_datasets_alone(tmp_path):
    write(
        tmp_path,
        requirements__txt=(
            "Kedro_AzureML.CLI>=0.1\nkedro-azureml-simulator\nkedro-azureml-datasets\n"
        ),
    )
    needs = read(tmp_path)
    assert asked(needs) == ["kedro-azureml-datasets"]
    assert needs.content.left_out == ("kedro-azureml-cli", "kedro-azureml-simulator")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"requirements__txt": "kedro\npandas===2 x\n"}, "requirements.txt:2: 'pandas===2 x'"),
        ({"requirements__txt": "kedro\n\n-r none.txt\n"}, "requirements.txt:3: 'none.txt' cannot"),
        (
            {"requirements__txt": "-r requirements.txt\n"},
            "requirements.txt:1: 'requirements.txt' inc",
        ),
        ({"requirements__txt": "-r a.txt", "a__txt": "-r requirements.txt"}, "a.txt:1: "),
        (
            {"pyproject__toml": "[project]\ndependencies = ['a',\n'b ! c']"},
            "pyproject.toml:3: ",
        ),
        ({"pyproject__toml": "[project"}, "'pyproject.toml' is not TOML"),
        ({"pyproject__toml": "[tool.poetry.dependencies]\na = '^1'"}, "Poetry's own notation"),
        ({}, "says nowhere what it needs"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_file_and_line(tmp_path, files, told):
    write(tmp_path, **files)
    assert told in problems(tmp_path)


def test_all_bad_lines_are_named_together(tmp_path):
    write(tmp_path, requirements__txt="a b\nkedro\n-r none.txt\n")
    assert len(problems(tmp_path).splitlines()) == 2


def test_a_file_in_another_encoding_is_named(tmp_path):
    (tmp_path / "requirements.txt").write_bytes("kedro  # f\xfcr".encode("latin-1"))
    assert problems(tmp_path) == "'requirements.txt' cannot be read: it is not UTF-8."


def test_a_lock_comes_first_and_any_file_can_be_named(tmp_path):
    write(
        tmp_path,
        requirements__txt="kedro>=1\n",
        pylock__toml=PYLOCK,
        pyproject__toml='[project]\nname = "farm"\ndependencies = ["rich"]\n',
        other__in="click\n",
    )
    needs = read(tmp_path)
    assert (needs.source, needs.others) == ("pylock.toml", ("requirements.txt", "pyproject.toml"))
    assert needs.content.is_locked
    assert asked(read(tmp_path, "pyproject.toml")) == ["rich"]
    assert asked(read(tmp_path, "other.in")) == ["click"]
    assert asked(read(tmp_path, str(tmp_path / "requirements.txt"))) == ["kedro>=1"]
    assert "is not a file" in problems(tmp_path, "none.txt")
    write(tmp_path, conf_in_catalog__yml="a: 1")
    assert "is not a file of requirements" in problems(tmp_path, "conf/catalog.yml")


@pytest.mark.parametrize("version", ["3", "2.7", "3.9", "py311", "3.11-slim", "", "3.\u0661\u0662"])
def test_a_python_for_which_there_is_no_image_is_refused(version):
    with pytest.raises(ValueError, match=r"write for example|3\.10 or newer"):
        check_python(version)


def test_a_pylock_is_read_as_installers_do(tmp_path):
    write(tmp_path, pylock__toml=PYLOCK)
    needs = read(tmp_path)
    commit = "0123456789" * 4
    assert asked(needs) == [
        "attrs==25.1.0",
        "fast==1.0",
        f"forked @ git+https://h/forked.git@{commit}",
    ]
    assert needs.content.needs[0].where == "pylock.toml:6"
    assert undecided(needs) == ["near @ libs/near", "here @ wheels/here-1.0-py3-none-any.whl"]
    with pytest.raises(RequirementsError, match=r"not for Python 3\.13"):
        read(tmp_path, target=ImageTarget("3.13"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('lock-version = "1.0"', 'lock-version = "9.0"', "is not valid"),
        ('created-by = "hand"', "", "is not valid"),
        (">=3.10", ">=3.12", "not for Python 3.11"),
    ],
)
def test_a_pylock_that_does_not_hold_is_named(tmp_path, old, new, told):
    write(tmp_path, pylock__toml=PYLOCK.replace(old, new))
    assert told in problems(tmp_path)


OF_BOTH_LOCKS = [
    "attrs==25.1.0",
    f"forked @ git+https://h/forked.git@{'0123456789' * 4}",
    "h2==4.1.0",
    "httpx==0.28.1",
    "idna==3.10",
    "numpy==2.2.0",
    "six==1.17.0",
]


def test_a_lock_of_uv_gives_what_the_project_needs_on_linux_without_its_groups(tmp_path):
    write(tmp_path, uv__lock=UV_LOCK)
    needs = read(tmp_path)
    assert asked(needs) == OF_BOTH_LOCKS
    assert undecided(needs) == ["near @ libs/near"]
    assert needs.content.left_out == ("kedro-azureml-cli",)  # and with it the Azure SDK
    older = asked(read(tmp_path, target=ImageTarget("3.10")))
    assert older == [*OF_BOTH_LOCKS[:5], "numpy==1.26.4", "six==1.17.0"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('{ name = "attrs" },\n', '{ name = "lost" },\n', "no entry for 'lost'"),
        ('{ editable = "." }', '{ editable = "other" }', "is not a lock of this project"),
        ("sys_platform == 'win32'", "sys_platform is win32", "is not a marker"),
        ("version = 1\nrevision = 3", "version = ", "is not TOML"),
    ],
)
def test_a_lock_of_uv_that_does_not_hold_is_named(tmp_path, old, new, told):
    assert old in UV_LOCK
    write(tmp_path, uv__lock=UV_LOCK.replace(old, new))
    message = problems(tmp_path)
    assert told in message
    assert "uv.lock" in message


def test_a_lock_of_poetry_gives_the_same(tmp_path):
    write(tmp_path, poetry__lock=POETRY_LOCK, pyproject__toml=POETRY_PROJECT)
    needs = read(tmp_path)
    assert asked(needs) == OF_BOTH_LOCKS
    assert undecided(needs) == ["near @ libs/near"]
    assert "numpy==1.26.4" in asked(read(tmp_path, target=ImageTarget("3.10")))


def test_a_lock_of_poetry_is_read_with_standard_dependencies_too(tmp_path):
    project = '[project]\ndependencies = ["httpx (>=0.28)", "attrs", "numpy"]\n'
    write(tmp_path, poetry__lock=POETRY_LOCK, pyproject__toml=project)
    assert asked(read(tmp_path)) == ["attrs==25.1.0", "httpx==0.28.1", "idna==3.10", "numpy==2.2.0"]


def test_a_lock_of_another_tool_is_not_read_as_one_of_poetry(tmp_path):
    write(tmp_path, poetry__lock="a = 1", pyproject__toml=POETRY_PROJECT)
    assert "is not a lock of Poetry" in problems(tmp_path)


_SECRET_LOCKS = {
    "pylock.toml": (
        "lock-version='1.0'\ncreated-by='x'\n"
        "[[packages]]\nname='tool'\n[packages.vcs]\ntype='git'\ncommit-id='abc'\n"
        "url='https://me:hunter2@h/x.git'\n"
        "[[packages]]\nname='more'\n[packages.archive]\nurl='https://hunter2@h/x.zip'\n"
        "hashes={sha256='a'}\n"
    ),
    "uv.lock": (
        "version=1\n[[package]]\nname='me'\nversion='1'\nsource={virtual='.'}\n"
        "dependencies=[{name='tool'},{name='more'}]\n"
        "[[package]]\nname='tool'\nversion='1'\nsource={git='https://me:hunter2@h/x?rev=a#abc'}\n"
        "[[package]]\nname='more'\nversion='1'\nsource={url='https://hunter2@h/x.zip'}\n"
    ),
    "poetry.lock": (
        "[[package]]\nname='tool'\nversion='1'\n[package.source]\ntype='git'\n"
        "url='https://me:hunter2@h/x'\nresolved_reference='abc'\n"
        "[[package]]\nname='more'\nversion='1'\n[package.source]\ntype='url'\n"
        "url='https://hunter2@h/x.zip'\n[metadata]\nlock-version='2.0'\n"
    ),
    "requirements.txt": (
        "-r https://me:hunter2@h/more.txt\n-e git+https://me:hunter2@h/x.git#egg=x\n"
        "-i https://me:a@h/s --extra-index-url https://me:hunter2@k/s\n"
        "-f https://me:hunter2@h/s\nhttps://me:hunter2@h/x-1.0.zip\n"
    ),
}


@pytest.mark.parametrize("name", _SECRET_LOCKS)
def test_a_password_reaches_no_file_and_no_message_from_any_source(tmp_path, name):
    (tmp_path / name).write_text(_SECRET_LOCKS[name])
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies=['tool','more']\n")
    needs = read(tmp_path)
    assert needs.source == name
    assert asked(needs) == []
    assert needs.content.options == ()
    assert len(undecided(needs)) >= 2
    assert all("://***@" in one for one in undecided(needs))
    assert "hunter2" not in repr(needs)


def test_a_signature_in_an_address_is_left_to_decide_and_not_shown(tmp_path):
    signed = (
        "https://lake.blob.core.windows.net/w/tool-1-py3-none-any.whl?sv=2024&sig=hunter2hunter2"
    )
    write(tmp_path, requirements__txt=f"pandas\ntool @ {signed}\n--find-links {signed}\n")
    needs = read(tmp_path)
    assert asked(needs) == ["pandas"]
    assert needs.content.options == ()
    assert len(undecided(needs)) == 2
    assert "hunter2" not in repr(needs)


def test_a_line_that_cannot_be_read_is_shown_without_its_password(tmp_path):
    write(tmp_path, requirements__txt="pandas @ https://me:hunter2@[bad/x.whl\n")
    told = problems(tmp_path)
    assert "://***@[bad" in told
    assert "hunter2" not in told


def test_a_project_without_dependencies_of_its_own_adds_none(tmp_path):
    write(
        tmp_path,
        requirements__txt="pandas\n-e .\n",
        pyproject__toml="[tool.kedro]\npackage_name='old'\n[project]\nname='old'\n",
    )
    assert asked(read(tmp_path)) == ["pandas"]
    write(tmp_path, setup__py="")
    assert "'project.dependencies' is missing, or filled in" in problems(tmp_path)
    (tmp_path / "setup.py").unlink()
    write(tmp_path, pyproject__toml="[project]\nname='old'\ndynamic=['dependencies']\n")
    assert "'project.dependencies' is missing, or filled in" in problems(tmp_path)


_OWN = "[[package]]\nname='me'\nsource={virtual='.'}\ndependencies=[{name='a'}]\n"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("uv.lock", "package=5", "uv.lock: 'package' is not a list"),
        ("uv.lock", "[[package]]\nsource='x'", "'package[0].source' is not a mapping"),
        (
            "uv.lock",
            "[[package]]\ndependencies=[{extra=5}]",
            "dependencies[0].extra' is not a list",
        ),
        (
            "uv.lock",
            f"version=1\n{_OWN}[[package]]\nname='a'\nversion='1 2'\nsource={{registry='x'}}",
            "'a==1 2' is not a requirement",
        ),
        (
            "uv.lock",
            f"version=1\n{_OWN}[[package]]\nname='a'\nsource={{url='http://[::1/x'}}",
            "is not a requirement: Invalid IPv6 URL",
        ),
        ("poetry.lock", "[[package]]\nextras='x'", "'package[0].extras' is not a mapping"),
        ("pylock.toml", f"a={'[' * 5000}{']' * 5000}", "nested too deeply"),
        ("pyproject.toml", "[project]\ndependencies='x'", "'project.dependencies' is not a list"),
        ("pyproject.toml", "[project]\ndependencies=[1]", "dependencies[0]' is not a string"),
        ("pyproject.toml", "[project]\ndependencies=['a @ http://[::1/x']", "Invalid IPv6 URL"),
        ("requirements.txt", "-i http://[::1\n", "requirements.txt:1: '-i http://[::1' holds no"),
        ("requirements.txt", "-r a\0b\n", "requirements.txt:1: "),
        ("requirements.txt", f"-r {'a' * 5000}\n", "File name too long"),
    ],
)
def test_values_of_another_type_and_odd_addresses_are_one_message(tmp_path, name, text, told):
    (tmp_path / name).write_text(text)
    assert told in problems(tmp_path, name)


def test_a_name_that_no_file_can_have_is_not_a_file(tmp_path):
    assert "is not a file" in problems(tmp_path, "a" * 5000)


def test_extras_of_the_project_that_name_each_other_are_read_once(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname='me'\ndependencies=['me[one]']\n"
        "[project.optional-dependencies]\none=['me[two]','pandas']\ntwo=['me[one]','numpy']\n"
    )
    assert asked(read(tmp_path)) == ["numpy", "pandas"]
