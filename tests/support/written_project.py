"""A Kedro project in which a test writes files, read in the test's own process."""

import inspect
import itertools
import logging
import re
import sys
import textwrap
from pathlib import Path

from quick_stack import read_stack

_numbers = itertools.count()
_PACKAGE = re.compile(r"written_\d+(\.|$)")

AZUREML = """
workspace:
  __default__: {subscription_id: s, resource_group: r, name: w}
compute:
  __default__: {cluster_name: cpu}
execution: {environment: "env:1"}
jobs:
  job: {}
"""

PIPELINES = """
def register_pipelines():
    return {"__default__": Pipeline([node(abs, "params:seed", "positive", name="make")])}
"""


def isolate_imports(monkeypatch) -> None:
    """Let a test open projects in its own process, without a trace in the next test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("KEDRO_DISABLE_TELEMETRY", "1")
    monkeypatch.delenv("KEDRO_ENV", raising=False)
    monkeypatch.setattr(inspect, "stack", read_stack)
    _forget_projects()


def _forget_projects() -> None:
    """Forget the projects of earlier tests: opening the next takes longer with each of them.

    Kedro keeps a logger for each, and configures all of them anew; and we look at each module.
    """
    framework = sys.modules.get("kedro.framework.project")
    configured = framework.LOGGING.get("loggers", {}) if framework else {}
    for known in (sys.modules, configured, logging.root.manager.loggerDict):
        for name in [name for name in known if _PACKAGE.match(name)]:
            del known[name]


class WrittenProject:
    """A project whose package has a name of its own, since Python imports each one once.

    Args:
        root: Its folder, which does not exist yet.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = f"written_{next(_numbers)}"
        for folder in ("conf/base", "conf/local"):
            (root / folder).mkdir(parents=True)
        self.write(
            "pyproject.toml",
            f"""
            [tool.kedro]
            package_name = "{self.package}"
            project_name = "Written"
            kedro_init_version = "1.2.0"
            """,
        )
        self.write(f"src/{self.package}/__init__.py", "")
        self.settings("")
        self.pipelines(PIPELINES)
        self.write("conf/base/catalog.yml", "{}")
        self.write("conf/base/parameters.yml", "seed: 1\n")
        self.azureml(AZUREML)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def settings(self, code: str) -> None:
        self.write(f"src/{self.package}/settings.py", code)

    def azureml(self, text: str) -> None:
        self.write("conf/base/azureml.yml", text)

    def jobs(self, text: str) -> None:
        """Write the section `jobs`, below the rest."""
        head = AZUREML.partition("jobs:")[0]
        self.azureml(head + "jobs:\n" + textwrap.indent(textwrap.dedent(text), "  "))

    def pipelines(self, code: str) -> None:
        """Write the pipeline registry; `node` and `Pipeline` are imported for it."""
        head = "from kedro.pipeline import Pipeline, node\n\n"
        self.write(f"src/{self.package}/pipeline_registry.py", head + textwrap.dedent(code))
