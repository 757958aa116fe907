"""Bring the code of a step to this machine: from the bundle that was sent, or from Azure ML."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import yaml
from filelock import FileLock
from kedro_azureml_compiler import BUNDLES_FOLDER, CODE_FOLDER, RECORDS_FOLDER, load_yaml
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.azure_ml.jobs.component_code import download_code
from kedro_azureml_cli.azure_ml.known_components import (
    KnownComponents,
    digest_folder,
    locate_record,
    make_component_key,
)
from kedro_azureml_cli.jobs.remote.places import report_unwritable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_cli.azure_ml.jobs.remote_job import StepComponent
    from kedro_azureml_cli.jobs.job_lookup import FoundJob

_CODE_ID = re.compile(r".*/codes/([^/]+)/versions/([^/]+)", re.IGNORECASE)
_ENVIRONMENT_ID = re.compile(r".*/environments/([^/]+)/versions/([^/]+)", re.IGNORECASE)


class CodeNotHereError(KedroAzureMLError):
    """The code of a step cannot be had."""

    blame = "user"


def bring_code(
    found: FoundJob, step: str, component: StepComponent, project: Path, folder: Path
) -> Path:
    """Return a folder with the code of a step, exactly as it was sent.

    Args:
        found: The job.
        step: Name of the step.
        component: What it runs.
        project: The project's folder.
        folder: Where the code of the job is kept; what is there already is not brought again.

    Raises:
        CodeNotHereError: The code is in the image.
        JobFolderError: The folder cannot be written.
        AzureMLError: No bundle here has it, and it could not be downloaded.
    """
    if not component.code:
        raise CodeNotHereError(
            f"The step '{step}' takes its code from its image, which is not on this machine.",
            hint="Run the image with Docker, or set 'code' in azureml.yml so that the code is sent "
            "with the job.",
        )
    matched = _CODE_ID.fullmatch(component.code)
    target = folder / ("-".join(matched.groups()) if matched else component.version)
    if target.is_dir():
        return target
    bundle = _find_bundle(found, step, component, project)
    with report_unwritable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):  # another process may bring the same
            if target.is_dir():
                return target
            if bundle is None:
                download_code(found.client, step, component, target)
                return target
            part = target.with_name(f".{target.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            shutil.copytree(bundle / CODE_FOLDER, part)
            part.rename(target)
    return target


def _find_bundle(
    found: FoundJob, step: str, component: StepComponent, project: Path
) -> Path | None:
    """Find the bundle from which a step was sent, by the digest under which it was registered."""
    bundle = project / BUNDLES_FOLDER / found.state.job
    known = KnownComponents(locate_record(project / RECORDS_FOLDER, found.workspace))
    try:
        document = load_yaml((bundle / "pipeline.yml").read_text(encoding="utf-8"))
        sent = document["jobs"][step]["component"]
        environment = _make_reference(component.environment, sent)
        sent = json.loads(json.dumps({**sent, "environment": environment}))
        key = make_component_key(sent, digest_folder(bundle / sent["code"]), environment)
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return None
    registered = known.find([key]).get(key, "")
    same = registered.lower().endswith(
        f"/components/{component.name}/versions/{component.version}".lower()
    )
    return bundle if same else None


def _make_reference(environment: str, sent: Mapping[str, Any]) -> str:
    """Return the environment as it was when the component was registered: with its version."""
    matched = _ENVIRONMENT_ID.fullmatch(environment)
    if matched is None:
        return str(sent["environment"])
    return f"azureml:{matched.group(1)}:{matched.group(2)}"
