"""Find what the code and the requirements of a project take from an earlier plugin."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from kedro_azureml_compiler.migrating.remarks import Remark
from kedro_azureml_compiler.snapshot import NEVER_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PLUGINS = ("kedro_azureml", "kedro_azureml_pipeline")
_DISTRIBUTIONS = ("kedro-azureml", "kedro-azureml-pipeline")
_REQUIREMENT = re.compile(
    r"(?<![\w./-])kedro[-_]azureml(?:[-_]pipeline)?(?![\w./-])", re.IGNORECASE
)
_REQUIREMENT_FILES = (
    "*requirements*.txt",
    "*requirements*.in",
    "requirements/*",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "*conda*.y*ml",
    "*environment*.y*ml",
    "*Dockerfile*",
)
_ADVICE = {
    "azureml_local_run_hook": "remove the hook; kedro-azureml-datasets brings its own",
    "AzureMLLocalRunHook": "remove the hook; kedro-azureml-datasets brings its own",
    "mlflow_azureml_hook": "remove the hook; this plugin has no counterpart",
    "notify_hook": "remove the hook; 'notifications' of azureml.yml work without one",
    "AzureMLPipelineDataset": "import it from kedro_azureml_datasets",
    "AzureMLAssetDataset": "import it from kedro_azureml_datasets",
    "Framework": "remove the import together with @distributed_job",
}
_FRAMEWORKS = {"pytorch": "pytorch", "tensorflow": "tensorflow", "mpi": "mpi"}


def find_imports(root: Path, source: Path) -> list[Remark]:
    """Find what the project's Python code takes from an earlier plugin.

    Args:
        root: The project's folder, absolute.
        source: The folder with its code, absolute.
    """
    remarks: list[Remark] = []
    for path in sorted(source.rglob("*.py")):
        if NEVER_FOLDERS.intersection(path.relative_to(source).parts):
            continue
        try:
            content = path.read_bytes()
            tree = ast.parse(content) if b"azureml" in content else None
        except (OSError, SyntaxError, ValueError):
            continue  # Kedro says what is wrong with it
        if tree is not None:
            file = path.relative_to(root).as_posix()
            remarks += [Remark(file, line, text) for line, text in sorted(_of_module(tree))]
    return remarks


def find_requirements(root: Path) -> list[Remark]:
    """Find the lines that install an earlier plugin.

    Args:
        root: The project's folder, absolute.
    """
    files = {path for glob in _REQUIREMENT_FILES for path in root.glob(glob) if path.is_file()}
    remarks = []
    for path in sorted(files):
        file = path.relative_to(root).as_posix()
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
        ):
            name = _REQUIREMENT.search(line.partition("#")[0])
            if name:
                advice = (
                    f"replace {name[0]} by kedro-azureml-datasets for the image of the steps, "
                    "and by kedro-azureml-cli for the machines that compile and submit"
                )
                remarks.append(Remark(file, number, advice))
    return remarks


def _of_module(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the lines of a module that use an earlier plugin, each with what to do."""
    decorators: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name.partition(".")[0] in _PLUGINS:
                    yield node.lineno, f"remove the import of {name.name}"
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            if (node.module or "").partition(".")[0] not in _PLUGINS:
                continue
            for name in node.names:
                if name.name == "distributed_job":
                    decorators.add(name.asname or name.name)
                else:
                    advice = _ADVICE.get(name.name, "remove it; this plugin has no counterpart")
                    yield node.lineno, f"{name.name}: {advice}"
        elif isinstance(node, ast.Constant) and node.value in _DISTRIBUTIONS:
            yield node.lineno, f"'{node.value}' is no longer installed; remove it"
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and _name_of(decorator.func) in {
                    *decorators,
                    "distributed_job",
                }:
                    yield decorator.lineno, _describe_decorator(decorator, node.name)


def _describe_decorator(call: ast.Call, function: str) -> str:
    """Return what to write in azureml.yml for a decorator."""
    given: dict[str, ast.expr] = dict(zip(("framework", "num_nodes"), call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    framework = given.get("framework")
    named = framework.value if isinstance(framework, ast.Constant) else _name_of(framework)
    kind = _FRAMEWORKS.get(str(named).lower(), "pytorch | mpi | tensorflow")
    count = _literal(given.get("num_nodes"), "the number of instances")
    distribution = f"type: {kind}"
    if "processes_per_node" in given:
        processes = _literal(given["processes_per_node"], "the number of processes")
        distribution += f", process_count_per_instance: {processes}"
    settings = f"{{instance_count: {count}, distribution: {{{distribution}}}}}"
    return (
        f"remove @distributed_job, and write for the node of '{function}' in azureml.yml:  "
        f"steps: {{NODE: {settings}}}"
    )


def _literal(value: ast.expr | None, missing: str) -> str:
    if isinstance(value, ast.Constant) and str(value.value).isdigit():
        return str(value.value)
    return f"<{missing}>"


def _name_of(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
