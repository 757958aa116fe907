"""What only Azure ML uses of a job or a step: identity, services and queue; checked, not used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_azureml_simulator.pipeline.section import describe_kind, did_you_mean

if TYPE_CHECKING:
    from kedro_azureml_simulator.pipeline.section import Section

_MANAGED = ("client_id", "object_id", "msi_resource_id")
_IDENTITIES: dict[str, tuple[str, ...]] = {
    "aml_token": (),
    "managed": _MANAGED,
    "managed_identity": _MANAGED,
    "user_identity": (),
}
_SERVICES = {"ssh": ("ssh_public_keys",), "tensor_board": ("log_dir",)}
_SERVICE_KEYS = ("type", "port", "nodes", "properties", "endpoint", "status", "error_message")
_QUEUE = {
    "job_tier": ("spot", "basic", "standard", "premium", "null"),
    "priority": ("low", "medium", "high"),
}


def check_service_settings(section: Section, kind: str) -> None:
    """Check `identity`, `services` and `queue_settings` where the SDK does.

    Args:
        section: The job or the step.
        kind: `job`, or the type of the step.
    """
    identity = section.values.get("identity")
    may_bind = "component" in section.values or kind == "parallel"
    is_bound = may_bind and isinstance(identity, str) and "${{" in identity
    if kind in {"job", "command", "parallel"} and identity is not None and not is_bound:
        is_lax = kind == "parallel" and "component" not in section.values
        _check_identity(section.subsection("identity", identity), any_key=is_lax)
    services = section.section("services")
    is_read = kind in {"job", "command"}
    for name, value in services.values.items():
        if isinstance(value, dict) and is_read:
            more = _SERVICES.get(str(value.get("type")).lower(), ())
            services.subsection(name, value).only((*_SERVICE_KEYS, *more))
        elif not isinstance(value, dict | str) or (isinstance(value, str) and is_read):
            services.problem(name, f"must be a mapping, not {describe_kind(value)}")
    if kind in {"command", "sweep"}:
        queue = section.section("queue_settings")
        queue.only(_QUEUE)
        for key, known in _QUEUE.items():
            text = str(queue.values.get(key)).lower()
            if key in queue.values and text not in known and "${{" not in text:
                queue.problem(key, f"unknown value `{text}`", "use one of " + ", ".join(known))


def _check_identity(section: Section, *, any_key: bool) -> None:
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(section.values.get("type"))).lower()
    if kind not in _IDENTITIES:
        section.problem(
            "type", f"`{section.values.get('type')}` is not an identity",
            did_you_mean(kind, tuple(_IDENTITIES)),
        )  # fmt: skip
    elif not any_key:
        section.only(("type", *_IDENTITIES[kind]))
