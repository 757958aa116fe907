"""Started as `python <this folder> run|compare REQUEST ANSWER`, in the project's folder."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

_NAME = "kedro_azureml_in_project"
_FOLDER = Path(__file__).parent.resolve()


def _load_package() -> None:
    """Make this folder a package, under a name that hides no module of the project."""
    if sys.path and Path(sys.path[0]).resolve() == _FOLDER:
        del sys.path[0]
    start = _FOLDER / "__init__.py"
    spec: Any = importlib.util.spec_from_file_location(
        _NAME, start, submodule_search_locations=[str(_FOLDER)]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = package
    spec.loader.exec_module(package)


def main(task: str, request_file: str, answer_file: str) -> None:
    """Run the task and write the answer."""
    _load_package()
    request = json.loads(Path(request_file).read_text(encoding="utf-8"))
    if task == "run":
        run = importlib.import_module(f"{_NAME}.recorded_run")
        answer = run.run_recorded(request)
    else:
        comparison = importlib.import_module(f"{_NAME}.loaded_comparison")
        answer = comparison.compare_loaded(request)
    Path(answer_file).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
