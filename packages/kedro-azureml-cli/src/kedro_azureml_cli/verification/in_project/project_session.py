"""Open a session of the project in the working directory, as `kedro run` would."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.project import settings
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class OpenSession:
    """A session, and the arguments that its class takes later than `KedroSession` does.

    Args:
        session: The session of the project's own class.
        late: Runtime parameters, for a class that takes them with the context and the run.
    """

    session: Any
    late: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def open_session(request: Mapping[str, Any]) -> Iterator[OpenSession]:
    """Open a session of the project's own class.

    Args:
        request: `env`, `params` (runtime parameters) and `conf_source`, relative to the project.
    """
    os.environ.setdefault("KEDRO_DISABLE_TELEMETRY", "1")
    project = Path.cwd()
    bootstrap_project(project)
    session_class: Any = getattr(settings, "SESSION_CLASS", KedroSession)
    create: dict[str, Any] = {"project_path": project, "env": request["env"]}
    if request["conf_source"] is not None:
        create["conf_source"] = str(project / request["conf_source"])
    # KedroServiceSession takes the runtime parameters with each run, KedroSession when it is made.
    late: dict[str, Any] = {}
    where = create if issubclass(session_class, KedroSession) else late
    where["runtime_params"] = dict(request["params"]) or None
    with session_class.create(**create) as session:
        yield OpenSession(session, late)
