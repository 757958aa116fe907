"""Say where benchmarks were run: the machine, the programs, and the versions that matter."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from recording.environments import KEDRO, PEER, list_versions, make_ours, make_peer

SHOWN = re.compile(r"kedro(-datasets|-azureml-.*)?|azure-ai-ml|azure-storage-blob|cloudpickle")


def describe_machine(rounds: int) -> dict[str, Any]:
    """Return what the results say of themselves."""
    ours, peer = list_versions(make_ours()), list_versions(make_peer())
    versions = {name: version for name, version in ours.items() if SHOWN.fullmatch(name)}
    name = PEER.partition("==")[0]
    versions |= {name: peer[name]}
    for program in ("node", "chromium"):
        if path := shutil.which(program):
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
            versions[program] = re.findall(r"\d[\d.]*", said.stdout)[0]
    return {
        "recorded": str(datetime.now(timezone.utc).date()),
        "rounds": rounds,
        "machine": {
            "processor": read_processor(),
            "cores": os.cpu_count(),
            "memory": f"{read_memory_gib():.0f} GiB",
            "system": f"{platform.system()} {platform.release()}",
            "Python": platform.python_version(),
            "load before": f"{os.getloadavg()[0]:.1f}",
        },
        "versions": dict(sorted(versions.items())),
        "same everywhere": list(KEDRO),
    }


def read_processor() -> str:
    """Return the name of the processor, or its kind where the system does not say it."""
    file = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", file.read_text()) if file.exists() else None
    return found[1] if found else platform.machine()


def read_memory_gib() -> float:
    """Return the memory of the machine, in GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
