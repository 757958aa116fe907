"""Projects of every kind: packaged ones, any configuration, classes of their own."""

import json
import shutil
from pathlib import Path

import kedro
import pytest

STEP = ("--protocol", "1", "--pipeline", "__default__")
KEDRO_1_2 = kedro.__version__.startswith("1.2.")

PIPELINE = """
def grow(count):
    return {"apples": count}

def register_pipelines():
    return {"__default__": Pipeline([node(grow, "params:count", "apples", name="grow")])}
"""


@pytest.fixture
def grown(project, mount):
    """Run the node `grow` and give what it has left, or what the step said when it failed."""
    project.pipeline(PIPELINE)

    def run(*argv: str, **environ: str) -> object:
        folder = mount("apples")
        done = project.step(*STEP, "--node", "grow", *argv, "--output", "apples", folder, **environ)
        if done.returncode:
            return done.stderr
        return json.loads(Path(folder, "apples.json").read_text())["apples"]

    return run


def test_a_packaged_project_needs_no_pyproject_in_the_working_directory(project, grown):
    (project.root / "pyproject.toml").unlink()
    installed = project.root.parent / "installed"
    shutil.move(project.root / "src", installed)
    assert grown("--package", "orchard", PYTHONPATH=str(installed)) == 3


def test_a_working_directory_without_a_project_is_reported(project, grown):
    (project.root / "pyproject.toml").unlink()
    said = grown()
    assert f"There is no Kedro project in '{project.root}'" in said
    assert "execution.working_directory" in said


def test_a_package_that_is_not_installed_is_reported(project, grown):
    (project.root / "pyproject.toml").unlink()
    assert "No module named 'plantation'" in grown("--package", "plantation")


def test_the_configuration_may_lie_anywhere_that_settings_name(project, grown):
    shutil.move(project.root / "conf", project.root / "deep/settings")
    project.write("src/orchard/settings.py", 'CONF_SOURCE = "deep/settings"\n')
    assert grown() == 3


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_the_configuration_that_settings_name_may_be_an_archive(project, grown, kind: str):
    archive = shutil.make_archive(str(project.root / "conf-orchard"), kind, project.root, "conf")
    shutil.rmtree(project.root / "conf")
    project.write("src/orchard/settings.py", f'CONF_SOURCE = "{Path(archive).name}"\n')
    assert grown() == 3


def test_the_environment_may_come_from_the_variable_that_kedro_reads(project, grown):
    project.write("conf/prod/parameters.yml", "count: 7\n")
    assert grown(KEDRO_ENV="prod") == 7


def test_the_environment_of_the_command_wins_over_the_variable(project, grown):
    project.write("conf/prod/parameters.yml", "count: 7\n")
    project.write("conf/test/parameters.yml", "count: 8\n")
    assert grown("--env", "test", KEDRO_ENV="prod") == 8


def test_a_session_class_of_the_project_is_taken(project, grown):
    if KEDRO_1_2:
        pytest.skip("Kedro 1.2 has no such setting")
    project.write(
        "src/orchard/settings.py",
        """
        from kedro.framework.session import KedroSession

        class Session(KedroSession):
            @classmethod
            def create(cls, *args, runtime_params=None, **kwargs):
                more = {**(runtime_params or {}), "count": 41}
                return super().create(*args, runtime_params=more, **kwargs)

        SESSION_CLASS = Session
        """,
    )
    assert grown("--params", '{"count": 40}') == 41


def test_kedros_service_session_gets_the_parameters_with_the_run(project, grown):
    if KEDRO_1_2:
        pytest.skip("Kedro 1.2 has no such session")
    project.write(
        "src/orchard/settings.py",
        """
        from kedro.framework.session import KedroServiceSession

        SESSION_CLASS = KedroServiceSession
        """,
    )
    assert grown() == 3
    shutil.rmtree(project.root.parent / "mounts")
    assert grown("--params", '{"count": 40}') == 40


LOADER = """
from pathlib import Path
from kedro.config import AbstractConfigLoader, MissingConfigException

class PythonFiles(AbstractConfigLoader):
    '''Reads a Python file for each kind of configuration, and nothing of OmegaConf.'''

    def __getitem__(self, key):
        if key in self.data:
            return self.data[key]
        path = Path(self.conf_source, f"{key}.py")
        if not path.exists():
            raise MissingConfigException(key)
        found = eval(path.read_text())
        return {**found, **self.runtime_params} if key == "parameters" else found

CONFIG_LOADER_CLASS = PythonFiles
CONFIG_LOADER_ARGS = {}
"""


def test_a_config_loader_of_the_project_is_taken(project, grown):
    project.write("src/orchard/settings.py", LOADER)
    project.write("conf/parameters.py", '{"count": 9}')
    entry = {"type": "json.JSONDataset", "filepath": "apples.json"}
    wrapper = "kedro_azureml_datasets.AzureMLPipelineDataset"
    unused = {"type": "json.JSONDataset", "filepath": "s3://b/x.json", "credentials": "away"}
    catalog = {"apples": {"type": wrapper, "dataset": entry}, "unused": unused}
    project.write("conf/catalog.py", repr(catalog))
    assert grown() == 9
    shutil.rmtree(project.root.parent / "mounts")
    text = "${nothing} \\ ${oc.env:HOME}"  # no interpolation to this loader, so nothing to escape
    assert grown("--params", json.dumps({"count": text})) == text


def test_resolvers_of_the_project_are_taken(project, grown):
    project.write(
        "src/orchard/settings.py",
        """
        from omegaconf.resolvers import oc

        CONFIG_LOADER_ARGS = {
            "base_env": "base", "default_run_env": "local",
            "custom_resolvers": {"oc.env": oc.env, "double": lambda x: 2 * x},
        }
        """,
    )
    project.write("conf/base/parameters.yml", 'count: "${double:${oc.decode:${oc.env:COUNT}}}"\n')
    catalog = (project.root / "conf/base/catalog.yml").read_text()
    unused = 'unused: {type: json.JSONDataset, filepath: "${oc.env:NOT_THERE}/x.json"}\n'
    project.write("conf/base/catalog.yml", catalog + unused)
    assert grown(COUNT="6") == 12


def test_a_used_entry_without_its_variable_is_reported(project, grown):
    project.write(
        "src/orchard/settings.py",
        """
        from omegaconf.resolvers import oc

        CONFIG_LOADER_ARGS = {
            "base_env": "base", "default_run_env": "local",
            "custom_resolvers": {"oc.env": oc.env},
        }
        """,
    )
    catalog = (project.root / "conf/base/catalog.yml").read_text()
    project.write("conf/base/catalog.yml", catalog.replace("apples.json", "'${oc.env:FRUIT}'"))
    said = grown()
    assert "'apples', which this step uses, reads the environment variable 'FRUIT'" in said


def test_hooks_may_read_the_catalog_and_bring_the_credentials(project, mount):
    """As a project does that has its secrets from a vault; the entry of no use has none."""
    project.write(
        "src/orchard/settings.py",
        """
        from kedro.framework.hooks import hook_impl

        class Vault:
            @hook_impl
            def after_context_created(self, context):
                context.config_loader["credentials"] = {"here": {"key": "k"}}
                assert "apples" in context.catalog

            @hook_impl
            def after_catalog_created(self, catalog, conf_catalog):
                assert sorted(conf_catalog) == ["apples", "pears"]

        HOOKS = (Vault(),)
        """,
    )
    project.write(
        "conf/base/catalog.yml",
        """
        apples:
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          dataset: {type: json.JSONDataset, filepath: apples.json}
        pears: {type: orchard.safe.Safe, credentials: here}
        far: {type: orchard.safe.Safe, credentials: away}
        """,
    )
    project.write(
        "src/orchard/safe.py",
        """
        from kedro.io import AbstractDataset

        class Safe(AbstractDataset):
            def __init__(self, credentials):
                self.credentials = credentials
            def _load(self):
                return self.credentials["key"]
            def _save(self, data):
                pass
            def _describe(self):
                return {}
        """,
    )
    project.pipeline(
        """
        def register_pipelines():
            return {"__default__": Pipeline([node(lambda x: x, "pears", "apples", name="open")])}
        """
    )
    folder = mount("apples")
    done = project.step(*STEP, "--node", "open", "--output", "apples", folder)
    assert done.returncode == 0, done.stderr
    assert Path(folder, "apples.json").read_text() == '"k"'


def test_credentials_without_their_variable_fail_only_the_steps_that_use_them(project, mount):
    project.write(
        "conf/base/credentials.yml",
        "here: {key: '${oc.env:HERE}'}\naway: {key: '${oc.env:AWAY}', id: 1}\n"
        "fallback: {key: '${oc.env:AWAY, none}'}\n",
    )
    catalog = (project.root / "conf/base/catalog.yml").read_text()
    project.write(
        "conf/base/catalog.yml",
        catalog
        + "".join(
            f"{name}: {{type: json.JSONDataset, filepath: '{name}.json', credentials: {name}}}\n"
            for name in ("here", "away", "fallback")
        ),
    )
    project.pipeline(
        """
        def register_pipelines():
            return {"__default__": Pipeline([
                node(lambda x: x, name, "apples" if name == "here" else name + "_2", name=name)
                for name in ("here", "away", "fallback")
            ])}
        """
    )
    for name in ("here", "away", "fallback"):
        project.write(f"{name}.json", "1")
    folder = mount("apples")
    done = project.step(*STEP, "--node", "here", "--output", "apples", folder, HERE="h")
    assert done.returncode == 0, done.stderr
    assert "AWAY" in done.stdout  # and the log says what is missing
    done = project.step(*STEP, "--node", "fallback", HERE="h")
    assert done.returncode == 0, done.stderr
    done = project.step(*STEP, "--node", "away", HERE="h")
    assert done.returncode == 1
    assert (
        "'away', which this step uses, needs the credentials 'away', which read the" in done.stderr
    )
    assert "environment variable 'AWAY', and this step does not get it" in done.stderr
