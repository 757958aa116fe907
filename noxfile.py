"""All sessions of this repository; `nox -l` lists them."""

import functools
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nox
import uv

ROOT = Path(__file__).parent
PACKAGES = sorted(file.parent for file in ROOT.glob("packages/*/pyproject.toml"))
CONFIG = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
MAIN = RUNNING if RUNNING in PYTHONS else PYTHONS[-1]
"""The version that runs everything for which one version is enough."""
HIGHEST_OTHER = [version for version in PYTHONS if version != MAIN][-1]

SIBLING = re.compile(r"kedro-azureml-\w+")
IN_FULL = ("-n2", "--dist=worksteal", "--durations=10", "--durations-min=10", "-m")
"""On both cores, with the slowest tests listed; which marks are chosen follows."""
ACROSS = ("-n4", *IN_FULL[1:])
"""The same for tests/, many of which wait for a server half of their time."""
EVERYTHING = "not stress and not browser"
AGAIN = "not once and not stress and not browser"
"""What another Python or other versions of the dependencies may change."""
OF_ALL_TESTS = ("tests", "judges", "spark")
"""Dependency groups that the tests of all packages and across packages need."""

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False  # skipped, with its name
nox.options.sessions = ["lint", "types", "tests"]

os.environ.update(KEDRO_DISABLE_TELEMETRY="1", UV_PYTHON_DOWNLOADS="never")
# Without bytecode each of the many processes that tests start compiles all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def _add_pyenv_interpreters() -> None:
    """Add pyenv's interpreters to the path; its shims know only the active version."""
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    found = [folder / "bin" for folder in root.glob("3.1[0-9].*") if (folder / "bin").is_dir()]
    # After other entries, but before the shims, which claim to have every version.
    path = os.environ.get("PATH", "").split(os.pathsep)
    shims = [entry for entry in path if Path(entry).name == "shims"]
    others = [entry for entry in path if entry not in shims]
    os.environ["PATH"] = os.pathsep.join([*others, *map(str, found), *shims])


_add_pyenv_interpreters()


WHEELS = ROOT / ".nox" / "wheels"
IN_IMAGES = [ROOT / "packages" / f"kedro-azureml-{name}" for name in ("datasets", "runner")]
"""What runs in step images, under whatever Python those have."""


@functools.cache
def build_wheels() -> dict[str, Path]:
    """Build each package's sdist, and its wheel from that; return wheels by package name."""
    shutil.rmtree(WHEELS, ignore_errors=True)
    for package in PACKAGES:
        command = [uv.find_uv_bin(), "build", "--quiet", "--out-dir", str(WHEELS), str(package)]
        nox.command.run(command, silent=True, external="error")
    return {wheel.name.split("-")[0].replace("_", "-"): wheel for wheel in WHEELS.glob("*.whl")}


def read_metadata(package: Path) -> dict[str, Any]:
    """Return the metadata of a package."""
    return nox.project.load_toml(package / "pyproject.toml")["project"]


def read_groups(*names: str) -> list[str]:
    """Return the requirements of dependency groups of pyproject.toml."""
    return nox.project.dependency_groups(CONFIG, *names)


def install(session: nox.Session, *requirements: str) -> None:
    """Install the built wheels of all packages by path, and further requirements."""
    session.install(*map(str, build_wheels().values()), *requirements)


def run_tests(session: nox.Session, *args: str, **environ: str) -> None:
    """Run pytest on the installed packages; no source folder is on its path."""
    environ = {"KEDRO_AZUREML_WHEELS": str(WHEELS), "UV": uv.find_uv_bin(), **environ}
    command = ["pytest", "-p", "no:cacheprovider"]
    if "COVERAGE_RCFILE" in environ:
        command = ["coverage", "run", "-m", *command, "-p", "measured_workers"]
    session.run(*command, *args, env=environ)


def run_chosen_tests(session: nox.Session) -> None:
    """Run the tests that the session's arguments select, in packages and in tests/."""
    install(session, *read_groups(*OF_ALL_TESTS))
    paths = [arg for arg in session.posargs if (ROOT / arg.partition("::")[0]).exists()]
    everywhere = [] if paths else [*(str(package / "tests") for package in PACKAGES), "tests"]
    run_tests(session, *everywhere, *session.posargs)


def run_unit_tests(
    session: nox.Session, marks: str, packages: list[Path] = PACKAGES, **environ: str
) -> None:
    """Run the tests of packages together."""
    run_tests(session, *IN_FULL, marks, *(str(p / "tests") for p in packages), **environ)


def run_docstring_examples(session: nox.Session) -> None:
    """Run the examples in the docstrings of all packages."""
    modules = [package.name.replace("-", "_") for package in PACKAGES]
    quiet = str(ROOT / "tests/support/quiet_logging.yml")  # examples show results, no log
    templates = "--ignore-glob=*/starter_templates/*"  # not valid Python yet
    examples = ("--doctest-modules", "--pyargs", *modules, templates)
    run_tests(session, *examples, KEDRO_LOGGING_CONFIG=quiet)


def run_from_sdist(session: nox.Session, package: Path, marks: str) -> None:
    """Run a package's tests from its unpacked sdist, outside this checkout.

    Only the package, its dependencies and its test requirements are installed.
    """
    wheels, wanted, closure = build_wheels(), [package.name], []
    for name in wanted:
        closure.append(str(wheels[name]))
        lines = read_metadata(ROOT / "packages" / name)["dependencies"]
        ours = [line[0] for line in map(SIBLING.match, lines) if line]
        wanted += [name for name in ours if name not in wanted]
    with tempfile.TemporaryDirectory() as folder:
        (sdist,) = WHEELS.glob(f"{package.name.replace('-', '_')}-*.tar.gz")
        shutil.unpack_archive(sdist, folder)
        unpacked = next(Path(folder).iterdir())
        needs = nox.project.load_toml(unpacked / "pyproject.toml")["dependency-groups"]["tests"]
        # What the last package left and this one does not need goes; the rest is compiled already.
        session.install("--exact", *closure, *needs, "pytest-xdist")
        with session.chdir(unpacked):
            session.run(
                "python", "-m", "pytest", "-p", "no:cacheprovider", *IN_FULL, marks,
                env={"KEDRO_AZUREML_STRESS": "0.3"},
            )  # fmt: skip


@nox.session
def demo(session: nox.Session) -> None:
    """Create a project, run it locally, compile it, simulate it, and compare the results."""
    wheels = build_wheels()
    session.install("rich")
    folder = session.create_tmp()
    session.run(
        "python", "tools/demo.py", "--uv", uv.find_uv_bin(), "--folder", folder,
        *map(str, wheels.values()),
    )  # fmt: skip


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run all tests on built wheels, or those that arguments for pytest select.

    All run the tests of the packages of step images; the lowest and the highest those of all
    packages, and the lowest does what `minimums` does, with the lowest version of each dependency.
    The Python that runs nox runs the tests across packages, and where the highest is not installed
    those of all packages too.
    """
    highest = session.python == HIGHEST_OTHER
    if session.posargs:
        run_chosen_tests(session)
    elif session.python == MAIN:
        install(session, *read_groups(*OF_ALL_TESTS))
        alone = shutil.which(f"python{HIGHEST_OTHER}") is None
        run_unit_tests(session, EVERYTHING, PACKAGES if alone else IN_IMAGES)
        run_docstring_examples(session)
        run_tests(session, *ACROSS, EVERYTHING, "tests")
        if session.python == PYTHONS[0]:
            session.notify("minimums")
    elif session.python == PYTHONS[0]:
        run_with_minimums(session)
    else:
        for package in PACKAGES if highest else IN_IMAGES:
            run_from_sdist(session, package, AGAIN if package in IN_IMAGES else EVERYTHING)


def run_with_minimums(session: nox.Session) -> None:
    """Run the tests of all packages with the lowest version of each dependency."""
    # By name: `--resolution lowest-direct` does not lower what a wheel given by path requires.
    lowest = []
    for package in PACKAGES:
        lines = read_metadata(package)["dependencies"]
        lowest += [line for line in lines if not SIBLING.match(line)]
    session.install(
        "--resolution",
        "lowest-direct",
        *map(str, build_wheels().values()),
        *lowest,
        *read_groups("tests"),
    )
    run_unit_tests(session, AGAIN, KEDRO_AZUREML_STRESS="0.3")


@nox.session(python=PYTHONS[0], default=False)
def minimums(session: nox.Session) -> None:
    """Run the packages' tests with the lowest version of each dependency, as `tests-3.10` does."""
    run_with_minimums(session)


@nox.session(python=MAIN, default=False)
@nox.parametrize("omegaconf", ["2.2.3", "2.3.0", "2.3.1", "newest"])
@nox.parametrize("kedro", ["1.2.0", "1.7.0"])
def resolvers(session: nox.Session, kedro: str, omegaconf: str) -> None:
    """Run the tests of credentials with the OmegaConf versions with which a Kedro starts.

    2.2.3 is the lowest: 2.1 breaks Kedro itself.
    """
    pin = "omegaconf" if omegaconf == "newest" else f"omegaconf=={omegaconf}"
    wheels = [str(wheel) for wheel in build_wheels().values()]
    session.install(*wheels, f"kedro=={kedro}", pin, *read_groups("tests"))
    tests = ["datasets/tests/test_secrets.py", "runner/tests/test_project_kinds.py"]
    paths = [str(ROOT / f"packages/kedro-azureml-{test}") for test in tests]
    session.run("python", "-m", "pytest", *paths, "-k", "secret or credential or variable or mark")


@nox.session(python=PYTHONS[0], default=False)
def oldest_azure(session: nox.Session) -> None:
    """Run the tests that use Azure ML with the lowest version of the SDK; `tests` has the newest.

    All packages are resolved again, so a combination that cannot be imported fails here.
    """
    wanted = set()
    for package in PACKAGES:
        project = read_metadata(package)
        wanted |= {
            *project["dependencies"],
            *project.get("optional-dependencies", {}).get("azure", []),
        }
    azure = sorted(line for line in wanted if re.match("azure-|filelock", line))
    lowest = [line.replace(">=", "==") for line in azure]
    install(session, *lowest, *read_groups("tests", "judges"))
    run_tests(session, *IN_FULL, "azure", "tests")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, and the layers: which module may import which."""
    install(session, *read_groups("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-cache")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy, strict."""
    install(session, *read_groups("types"))
    # Together: what several packages import is read once.
    sources = [str(package / "src") for package in PACKAGES]
    hooks = ["packages/kedro-azureml-cli/hatch_build.py", "tools/package_metadata.py"]
    session.run("mypy", *sources, *hooks)


@nox.session(default=False)
def claims(session: nox.Session) -> None:
    """Run the tests that the page on security and the README's comparison name."""
    install(session, *read_groups(*OF_ALL_TESTS))
    listed = session.run("python", "tools/named_tests.py", silent=True).split()
    run_tests(session, *IN_FULL, EVERYTHING, *(one for one in listed if one.startswith("packages")))
    run_tests(session, *IN_FULL, EVERYTHING, *(one for one in listed if one.startswith("tests")))


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """Measure lines and branches that all tests together reach: fewer than 95 % are a failure.

    Processes that they start count. Arguments are those of pytest, and then nothing fails.
    """
    install(session, *read_groups(*OF_ALL_TESTS, "coverage"))
    folder = ROOT / ".nox" / "measured"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = {"COVERAGE_FILE": str(folder / "data"), "COVERAGE_RCFILE": str(ROOT / "pyproject.toml")}
    if session.posargs:
        run_tests(session, *session.posargs, **files)
    else:
        run_unit_tests(session, EVERYTHING, **files)
        run_tests(session, *ACROSS, EVERYTHING, "tests", **files)
    session.run("coverage", "combine", "--quiet", env=files)
    floor = () if session.posargs else ("--fail-under=95",)
    session.run("coverage", "report", *floor, env=files)


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Change one thing at a time in the modules that all rests on: do their unit tests notice?

    Arguments are names of modules, such as runner/protocol/promoted.py. The figures of all go into
    CONTRIBUTING.md.
    """
    install(session, *read_groups("tests", "mutation"))
    environ = {
        "CI": "true",  # each mutant gets the same examples of hypothesis
        "KEDRO_AZUREML_STRESS": "0.1",
        "OPENBLAS_NUM_THREADS": "1",  # threads and forks do not mix
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    session.run("python", "tools/mutate.py", *session.posargs, env=environ)


@nox.session(default=False)
def image(session: nox.Session) -> None:
    """Make an environment with what every step image needs, and print what is in it."""
    session.install(str(build_wheels()["kedro-azureml-datasets"]))
    session.run(uv.find_uv_bin(), "pip", "list", external=True)


@nox.session(default=False)
def release_check(session: nox.Session) -> None:
    """Build all packages as for a release, and check what an index and its users would get."""
    session.install("cyclonedx-bom>=5", "packaging", "twine>=6")
    session.run(
        "python", "tools/release_check.py", "--uv", uv.find_uv_bin(),
        "--lowest", f"python{PYTHONS[0]}", "--highest", f"python{PYTHONS[-1]}", *session.posargs,
    )  # fmt: skip


@nox.session(default=False)
def audit(session: nox.Session) -> None:
    """Look up in the public list of weaknesses what a user of all packages has installed."""
    install(session, "pip-audit>=2.7")
    session.run("python", "tools/audit.py", *session.posargs)


@nox.session(default=False)
def golden(session: nox.Session) -> None:
    """Rewrite the expected files of the golden tests; review the diff before you commit it."""
    install(session, *read_groups("tests", "judges"))
    run_tests(session, "tests/bundles/test_golden.py", KEDRO_AZUREML_WRITE_GOLDEN="1")


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Write the generated pages of docs/, and the table of dataset addresses."""
    install(session)
    session.run("python", "tools/write_docs.py")
    session.run("python", "tools/write_addresses.py")


@nox.session(default=False)
def site(session: nox.Session) -> None:
    """Build the documentation site into build/site, and check its links and its search."""
    session.install(*read_groups("site"))
    built = ROOT / "build" / "site"
    shutil.rmtree(built, ignore_errors=True)  # no page of an earlier build
    strict = ("--fail-on-warning", "--keep-going", "--nitpicky", "--quiet")
    pages = built / "html"
    doctrees = session.create_tmp()
    session.run(
        "sphinx-build", *strict, "--jobs", "2", "--fresh-env",
        "--doctree-dir", doctrees, "docs", str(pages),
    )  # fmt: skip
    session.run("python", "tools/check_site.py", str(pages), str(built / "external-links.txt"))
    if shutil.which("chromium"):
        session.run("python", "tools/check_search.py", str(pages))
    else:
        session.warn("The search of the site is not tried: it needs chromium.")


@nox.session(default=False)
def browser(session: nox.Session) -> None:
    """Open plan.html and run.html in Debian's Chromium: each feature, and the rules of axe."""
    install(session, *read_groups("tests", "browser"))
    run_tests(session, "-rP", "-m", "browser", "tests/browser")


@nox.session(default=False)
def screenshots(session: nox.Session) -> None:
    """Write docs/images: pages in Debian's Chromium and a terminal, made by real commands."""
    starter = ROOT / "starters/azureml/{{ cookiecutter.repo_name }}/requirements.txt"
    install(session, "-r", str(starter), *read_groups("screenshots"))
    folder = session.create_tmp()
    session.run("python", "tools/screenshots.py", "--folder", folder, "--images", "docs/images")


PROPERTIES = (
    "tests/assets/test_download.py",
    "tests/assets/test_processes.py",
    "tests/verification/test_greens_are_right.py",
    "tests/verification/test_random_pipelines.py",
    "tests/verification/test_resuming.py",
    "tests/simulation/test_differences.py",
    "tests/submission/test_submission_faults.py",
)
"""Property tests across packages."""


def choose_parts(session: nox.Session, known: list[str]) -> list[str]:
    """Return the parts that a session's arguments name, all without arguments."""
    for part in session.posargs:
        if part not in known:
            session.error(f"Unknown part '{part}'. Choose from {', '.join(known)}; none runs all")
    return [*session.posargs] or known


@nox.session(default=False)
def stress(session: nox.Session) -> None:
    """Run the longest tests, and each property test with 40 times as many examples.

    Write the counts of docs/. Arguments are names of parts: longest, properties.
    """
    parts = choose_parts(session, ["longest", "properties"])
    install(session, *read_groups(*OF_ALL_TESTS))
    if "longest" in parts:
        run_tests(session, "-m", "stress and not faults", "tests")
    if "properties" in parts:
        chosen = (
            "property or given or hypothesis or killed_the_version or passing_fault or literal_list"
        )
        counts = session.create_tmp()
        run_tests(
            session, "-p", "stress_counts", "-k", chosen,
            *(str(package / "tests") for package in PACKAGES), *PROPERTIES,
            KEDRO_AZUREML_STRESS="40", KEDRO_AZUREML_STRESS_COUNTS=counts,
        )  # fmt: skip
        session.run("python", "tools/write_stress.py", counts)


FAULTS = {
    "azure-ml": ("tests/faults/test_each_request.py", "-k", "request_to_azure_ml", *ACROSS[:2]),
    "storage": ("tests/faults/test_each_request.py", "-k", "request_to_the_storage", *ACROSS[:2]),
    "kills": ("tests/faults/test_kills.py", *ACROSS[:2]),
    "machine": ("tests/faults/test_machine.py", *ACROSS[:2]),
    "time": ("tests/faults/test_time.py", *ACROSS[:2]),
    "kept": ("tests/faults/test_kept_files.py", *ACROSS[:2]),
    "sizes": ("tests/faults/test_sizes.py",),
    "elsewhere": ("tests", "packages", "--ignore=tests/faults", *IN_FULL[:2]),
}
"""Parts of `nox -s faults`, each with the arguments of pytest that select its tests."""


@nox.session(default=False)
def faults(session: nox.Session) -> None:
    """Break requests, processes, disks and files on purpose, and write what was tried into docs/.

    Arguments are names of parts, as FAULTS has them: azure-ml, kills, ...
    """
    parts = choose_parts(session, [*FAULTS])
    install(session, *read_groups(*OF_ALL_TESTS))
    counts = ROOT / "tests" / "faults" / "counts"
    for part in parts:
        run_tests(
            session, "-p", "fault_counts", "-m", "promise", *FAULTS[part],
            KEDRO_AZUREML_STRESS_COUNTS=str(counts), KEDRO_AZUREML_FAULTS_PART=part,
        )  # fmt: skip
        session.run("python", "tools/write_stress.py", str(counts))


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure everything against its alternatives, in turn, and write the page of benchmarks.

    Arguments are those of `python benchmarks`: `-- --rounds 5` shortens it.
    """
    session.install(*read_groups("bench"))
    session.run("python", "benchmarks", *session.posargs)


@nox.session(default=False)
def bench_quick(session: nox.Session) -> None:
    """Measure a few ratios, and fail where one is three times what is recorded."""
    session.install("uv>=0.4")
    session.run("python", "benchmarks", "--quick", *session.posargs)
