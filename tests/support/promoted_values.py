"""Commands with promoted parameters, the values that Azure ML puts there, and hostile ones."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from kedro_azureml_runner import Promoted, StepInvocation
from kedro_azureml_runner.protocol.promoted import BINDING

if TYPE_CHECKING:
    from pathlib import Path


def promoting(**types: str) -> StepInvocation:
    """An invocation as the compiler makes it."""
    promoted = {name: Promoted(kind, f"${{{{inputs.{name}}}}}") for name, kind in types.items()}
    return StepInvocation(nodes=("train",), promoted=promoted)


def substituted(command: str, **texts: str) -> str:
    """Replace bindings as Azure ML does: textually, each once."""
    return BINDING.sub(lambda match: texts[match[0].split(".")[1].rstrip("}")], command)


def run_in(shell: str, command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [shell, "-c", command], capture_output=True, cwd=cwd, check=False, stdin=subprocess.DEVNULL
    )


def attacks(end: str) -> dict[str, str]:
    """Values that end the here-document, or forge what should follow."""
    run = "touch FORGED"
    return {
        "ends it": f"x\n{end}\n{run}\n",
        "ends it at once": f"{end}\n{run}",
        "ends it with a syntax error": f"{end}\n{run}; ) ' fi\n",
        "forges the next": f"x\n{end} 2 b\n7",
        "forges all": f"x\n{end} 2 b\n7\n{end} all",
        "forges all and ends it": f"x\n{end} 2 b\n7\n{end} all\n{end}\n{run}",
        "forges itself": f"x\n{end} 1 a\ny",
        "forges an end": f"x\n{end} all",
        "forges its kind": f"x\n{end} 17 z",
    }
