"""Compile Kedro pipelines to Azure Machine Learning pipeline jobs, without the Azure SDK.

Other packages use these names and no others; the modules behind them are private:

- Work with jobs: `compile_job` writes a bundle (`CompiledJob`), `compile_request` does so for a
  `ProjectRequest`, and `compile_jobs` for several of its jobs; `examine_job` plans a job and finds
  what is wrong without writing anything (`ExaminedJob`); `check_jobs` does so for several jobs
  (`CheckedJob`). `JobChanges` holds what differs from `azureml.yml` this time.
- Resume jobs: `compile_recorded` writes a bundle with a `JobRecord` of what its nodes are made from
  (`NodeRecord`, `RecordedJob`; `Recording` is what the caller adds), and with a `Resumption` of an
  `EarlierJob` only what has to run (`NodeChoice`; `UnknownChanges` is what no record can tell);
  `CodeChangedError` and `RecordError` say why it cannot. `choose_rest` only decides (`ChosenRest`).
  `record_sent_pipeline` makes the record of a submitted job (`SentPipeline` with its `SentStep`s)
  from the code that was sent. `digest_value` and `digest_path` show whether a value or a file is
  the same, and `make_salt` lets digests of one job tell nothing of those of another. The arguments
  of a container belong to what says which environment a step runs in (`join_docker_args`).
- Read a project: `ProjectRequest` says which, how, and with `NodeFilters` which nodes of a job;
  `list_defined_jobs` returns its jobs, `read_settings` reads `azureml.yml`
  (`AzureMLConfig`, `Job`, `Workspace`, `Schedule` with `Cron` or `Recurrence` and its
  `RecurrencePattern`), `read_catalog_facts` the catalog (`CatalogFacts`, `DatasetFacts`,
  `DatasetKind`, `AssetFacts`). `resolve_schedules` and `find_factory_entry` resolve what the
  settings of a job refer to, and `merge_params` merges runtime parameters;
  `render_settings_schema` returns the JSON schema of the file.
- Plans: `Plan` with its `PlannedStep`s, `PromotedParameter`s, and `PlannedDataset`s, each of which
  has a `Flow`; `plan_to_dict`, `render_mermaid`, `render_plan_page` and `format_filters`
  show one; `read_plan` reads that of a bundle; `collect_page_details` returns what a page shows
  beside it (`PageDetails`), and `render_run_page` shows a run of one (`RunFacts`, `StepRun`,
  `ComparedData`).
- Advice: `advise_grouping` finds the grouping with which a job takes the least time, from the
  `MeasuredStep`s of an earlier run: an `Advice`, with a `Prediction` and its `PredictedStep`s
  before and after.
- Findings and errors: `Finding`, `FindingKind` (`About`, `Severity`), `collect_finding_kinds`,
  `explain`, `stop_on_errors`; `FindingsError`, `ConfigError`, `ProjectError`;
  `describe_project_error` makes one of an error of the project's code.
- Changes of files: `plan_fixes` decides what `check --fix` changes (`FixPlan`, `FileChange`), and
  `write_changes` writes it; `plan_migration` decides what `migrate` changes (`MigrationPlan`).
- Names: `make_azure_name` makes one that Azure ML accepts, `strip_transcoding` returns that of a
  dataset without its transcoding, `did_you_mean` suggests one; `ANNOUNCING_STEP` starts those of
  steps that only notify.
- Folders: `BUNDLES_FOLDER`, `RUNS_FOLDER`, `RECORDS_FOLDER` and `JOBS_FOLDER` of a project,
  `CODE_FOLDER` and `INPUTS_FOLDER` of a bundle; `NEVER_FOLDERS` and `is_generated_folder`, which
  no snapshot holds.
- Secrets: `find_secret` says what kind stands in a string, `mask_secrets` hides them.
- Files: `copy_file` keeps the holes of sparse files, `measure_on_disk` says what a copy needs, and
  `is_readable` whether this process may read one; `load_yaml` reads YAML with the fast parser.

Each is loaded when it is first used, so importing this package costs nothing.

Example:
    >>> from kedro_azureml_compiler import make_azure_name
    >>> make_azure_name("model.train")
    'model__train'
"""

from importlib import import_module
from typing import TYPE_CHECKING

from kedro_azureml_compiler.__about__ import __version__

if TYPE_CHECKING:
    from kedro_azureml_compiler.advising.advice import Advice as Advice
    from kedro_azureml_compiler.advising.advice import PredictedStep as PredictedStep
    from kedro_azureml_compiler.advising.advice import Prediction as Prediction
    from kedro_azureml_compiler.advising.advice import advise_grouping as advise_grouping
    from kedro_azureml_compiler.advising.workload import MeasuredStep as MeasuredStep
    from kedro_azureml_compiler.azureml.names import make_azure_name as make_azure_name
    from kedro_azureml_compiler.azureml.notifications import ANNOUNCING_STEP as ANNOUNCING_STEP
    from kedro_azureml_compiler.bundle.copying import copy_file as copy_file
    from kedro_azureml_compiler.bundle.copying import measure_on_disk as measure_on_disk
    from kedro_azureml_compiler.bundle.page_details import (
        collect_page_details as collect_page_details,
    )
    from kedro_azureml_compiler.bundle.reading import read_plan as read_plan
    from kedro_azureml_compiler.bundle.writing import plan_to_dict as plan_to_dict
    from kedro_azureml_compiler.bundle_layout import BUNDLES_FOLDER as BUNDLES_FOLDER
    from kedro_azureml_compiler.bundle_layout import CODE_FOLDER as CODE_FOLDER
    from kedro_azureml_compiler.bundle_layout import INPUTS_FOLDER as INPUTS_FOLDER
    from kedro_azureml_compiler.bundle_layout import JOBS_FOLDER as JOBS_FOLDER
    from kedro_azureml_compiler.bundle_layout import RECORDS_FOLDER as RECORDS_FOLDER
    from kedro_azureml_compiler.bundle_layout import RUNS_FOLDER as RUNS_FOLDER
    from kedro_azureml_compiler.checking import CheckedJob as CheckedJob
    from kedro_azureml_compiler.checking import check_jobs as check_jobs
    from kedro_azureml_compiler.compilation import CompiledJob as CompiledJob
    from kedro_azureml_compiler.compilation import compile_job as compile_job
    from kedro_azureml_compiler.compilation import compile_jobs as compile_jobs
    from kedro_azureml_compiler.compilation import compile_request as compile_request
    from kedro_azureml_compiler.drawing.details import PageDetails as PageDetails
    from kedro_azureml_compiler.drawing.mermaid import render_mermaid as render_mermaid
    from kedro_azureml_compiler.drawing.page import render_plan_page as render_plan_page
    from kedro_azureml_compiler.drawing.run_facts import ComparedData as ComparedData
    from kedro_azureml_compiler.drawing.run_facts import RunFacts as RunFacts
    from kedro_azureml_compiler.drawing.run_facts import StepRun as StepRun
    from kedro_azureml_compiler.drawing.run_page import render_run_page as render_run_page
    from kedro_azureml_compiler.examination import ExaminedJob as ExaminedJob
    from kedro_azureml_compiler.examination import examine_job as examine_job
    from kedro_azureml_compiler.finding_registry import (
        collect_finding_kinds as collect_finding_kinds,
    )
    from kedro_azureml_compiler.findings import About as About
    from kedro_azureml_compiler.findings import Finding as Finding
    from kedro_azureml_compiler.findings import FindingKind as FindingKind
    from kedro_azureml_compiler.findings import FindingsError as FindingsError
    from kedro_azureml_compiler.findings import Severity as Severity
    from kedro_azureml_compiler.findings import explain as explain
    from kedro_azureml_compiler.findings import stop_on_errors as stop_on_errors
    from kedro_azureml_compiler.fixing.plan_fixes import FixPlan as FixPlan
    from kedro_azureml_compiler.fixing.plan_fixes import plan_fixes as plan_fixes
    from kedro_azureml_compiler.fixing.writing import FileChange as FileChange
    from kedro_azureml_compiler.fixing.writing import write_changes as write_changes
    from kedro_azureml_compiler.job_changes import JobChanges as JobChanges
    from kedro_azureml_compiler.migrating.plan_migration import MigrationPlan as MigrationPlan
    from kedro_azureml_compiler.migrating.plan_migration import plan_migration as plan_migration
    from kedro_azureml_compiler.planning.facts import AssetFacts as AssetFacts
    from kedro_azureml_compiler.planning.facts import DatasetFacts as DatasetFacts
    from kedro_azureml_compiler.planning.facts import DatasetKind as DatasetKind
    from kedro_azureml_compiler.planning.facts import strip_transcoding as strip_transcoding
    from kedro_azureml_compiler.planning.plan import Flow as Flow
    from kedro_azureml_compiler.planning.plan import Plan as Plan
    from kedro_azureml_compiler.planning.plan import PlannedDataset as PlannedDataset
    from kedro_azureml_compiler.planning.plan import PlannedStep as PlannedStep
    from kedro_azureml_compiler.planning.plan import PromotedParameter as PromotedParameter
    from kedro_azureml_compiler.planning.plan import format_filters as format_filters
    from kedro_azureml_compiler.project.azureml_yml import read_settings as read_settings
    from kedro_azureml_compiler.project.filters import NodeFilters as NodeFilters
    from kedro_azureml_compiler.project.jobs import list_defined_jobs as list_defined_jobs
    from kedro_azureml_compiler.project.project_errors import ProjectError as ProjectError
    from kedro_azureml_compiler.project.project_errors import (
        describe_project_error as describe_project_error,
    )
    from kedro_azureml_compiler.project.reading import CatalogFacts as CatalogFacts
    from kedro_azureml_compiler.project.reading import read_catalog_facts as read_catalog_facts
    from kedro_azureml_compiler.project.request import ProjectRequest as ProjectRequest
    from kedro_azureml_compiler.project.request import merge_params as merge_params
    from kedro_azureml_compiler.recorded_jobs import ChosenRest as ChosenRest
    from kedro_azureml_compiler.recorded_jobs import CodeChangedError as CodeChangedError
    from kedro_azureml_compiler.recorded_jobs import RecordedJob as RecordedJob
    from kedro_azureml_compiler.recorded_jobs import Recording as Recording
    from kedro_azureml_compiler.recorded_jobs import Resumption as Resumption
    from kedro_azureml_compiler.recorded_jobs import choose_rest as choose_rest
    from kedro_azureml_compiler.recorded_jobs import compile_recorded as compile_recorded
    from kedro_azureml_compiler.resuming.decision import EarlierJob as EarlierJob
    from kedro_azureml_compiler.resuming.decision import NodeChoice as NodeChoice
    from kedro_azureml_compiler.resuming.decision import UnknownChanges as UnknownChanges
    from kedro_azureml_compiler.resuming.digests import digest_path as digest_path
    from kedro_azureml_compiler.resuming.digests import digest_value as digest_value
    from kedro_azureml_compiler.resuming.digests import make_salt as make_salt
    from kedro_azureml_compiler.resuming.job_record import JobRecord as JobRecord
    from kedro_azureml_compiler.resuming.job_record import NodeRecord as NodeRecord
    from kedro_azureml_compiler.resuming.job_record import RecordError as RecordError
    from kedro_azureml_compiler.resuming.recording import join_docker_args as join_docker_args
    from kedro_azureml_compiler.resuming.snapshot_records import SentPipeline as SentPipeline
    from kedro_azureml_compiler.resuming.snapshot_records import SentStep as SentStep
    from kedro_azureml_compiler.resuming.snapshot_records import (
        record_sent_pipeline as record_sent_pipeline,
    )
    from kedro_azureml_compiler.secrets.values import find_secret as find_secret
    from kedro_azureml_compiler.secrets.values import mask_secrets as mask_secrets
    from kedro_azureml_compiler.settings.editor_schema import (
        render_settings_schema as render_settings_schema,
    )
    from kedro_azureml_compiler.settings.job_factories import (
        find_factory_entry as find_factory_entry,
    )
    from kedro_azureml_compiler.settings.models import AzureMLConfig as AzureMLConfig
    from kedro_azureml_compiler.settings.models import Job as Job
    from kedro_azureml_compiler.settings.models import Workspace as Workspace
    from kedro_azureml_compiler.settings.parsing import ConfigError as ConfigError
    from kedro_azureml_compiler.settings.schedule_models import Cron as Cron
    from kedro_azureml_compiler.settings.schedule_models import Recurrence as Recurrence
    from kedro_azureml_compiler.settings.schedule_models import (
        RecurrencePattern as RecurrencePattern,
    )
    from kedro_azureml_compiler.settings.schedule_models import Schedule as Schedule
    from kedro_azureml_compiler.settings.schedules import resolve_schedules as resolve_schedules
    from kedro_azureml_compiler.snapshot import NEVER_FOLDERS as NEVER_FOLDERS
    from kedro_azureml_compiler.snapshot import is_generated_folder as is_generated_folder
    from kedro_azureml_compiler.snapshot import is_readable as is_readable
    from kedro_azureml_compiler.suggestions import did_you_mean as did_you_mean
    from kedro_azureml_compiler.yaml_text import load_yaml as load_yaml

_MODULES = {
    "ChosenRest": "recorded_jobs",
    "CodeChangedError": "recorded_jobs",
    "choose_rest": "recorded_jobs",
    "RecordedJob": "recorded_jobs",
    "Recording": "recorded_jobs",
    "Resumption": "recorded_jobs",
    "compile_recorded": "recorded_jobs",
    "EarlierJob": "resuming.decision",
    "NodeChoice": "resuming.decision",
    "join_docker_args": "resuming.recording",
    "UnknownChanges": "resuming.decision",
    "JobRecord": "resuming.job_record",
    "RecordError": "resuming.job_record",
    "digest_path": "resuming.digests",
    "digest_value": "resuming.digests",
    "Advice": "advising.advice",
    "make_salt": "resuming.digests",
    "NodeRecord": "resuming.job_record",
    "SentPipeline": "resuming.snapshot_records",
    "SentStep": "resuming.snapshot_records",
    "record_sent_pipeline": "resuming.snapshot_records",
    "About": "findings",
    "ANNOUNCING_STEP": "azureml.notifications",
    "AssetFacts": "planning.facts",
    "AzureMLConfig": "settings.models",
    "BUNDLES_FOLDER": "bundle_layout",
    "CODE_FOLDER": "bundle_layout",
    "CatalogFacts": "project.reading",
    "CheckedJob": "checking",
    "CompiledJob": "compilation",
    "ComparedData": "drawing.run_facts",
    "ConfigError": "settings.parsing",
    "Cron": "settings.schedule_models",
    "DatasetFacts": "planning.facts",
    "DatasetKind": "planning.facts",
    "ExaminedJob": "examination",
    "Finding": "findings",
    "FindingKind": "findings",
    "FindingsError": "findings",
    "FileChange": "fixing.writing",
    "FixPlan": "fixing.plan_fixes",
    "Flow": "planning.plan",
    "INPUTS_FOLDER": "bundle_layout",
    "JOBS_FOLDER": "bundle_layout",
    "Job": "settings.models",
    "JobChanges": "job_changes",
    "MeasuredStep": "advising.workload",
    "MigrationPlan": "migrating.plan_migration",
    "NEVER_FOLDERS": "snapshot",
    "NodeFilters": "project.filters",
    "PageDetails": "drawing.details",
    "Plan": "planning.plan",
    "PlannedDataset": "planning.plan",
    "PlannedStep": "planning.plan",
    "PredictedStep": "advising.advice",
    "Prediction": "advising.advice",
    "ProjectError": "project.project_errors",
    "ProjectRequest": "project.request",
    "PromotedParameter": "planning.plan",
    "RECORDS_FOLDER": "bundle_layout",
    "RUNS_FOLDER": "bundle_layout",
    "Recurrence": "settings.schedule_models",
    "RecurrencePattern": "settings.schedule_models",
    "RunFacts": "drawing.run_facts",
    "Schedule": "settings.schedule_models",
    "Severity": "findings",
    "StepRun": "drawing.run_facts",
    "Workspace": "settings.models",
    "advise_grouping": "advising.advice",
    "make_azure_name": "azureml.names",
    "strip_transcoding": "planning.facts",
    "check_jobs": "checking",
    "compile_job": "compilation",
    "compile_jobs": "compilation",
    "compile_request": "compilation",
    "copy_file": "bundle.copying",
    "describe_project_error": "project.project_errors",
    "did_you_mean": "suggestions",
    "examine_job": "examination",
    "explain": "findings",
    "format_filters": "planning.plan",
    "collect_finding_kinds": "finding_registry",
    "collect_page_details": "bundle.page_details",
    "is_readable": "snapshot",
    "list_defined_jobs": "project.jobs",
    "load_yaml": "yaml_text",
    "merge_params": "project.request",
    "plan_fixes": "fixing.plan_fixes",
    "plan_migration": "migrating.plan_migration",
    "plan_to_dict": "bundle.writing",
    "read_plan": "bundle.reading",
    "read_catalog_facts": "project.reading",
    "read_settings": "project.azureml_yml",
    "render_mermaid": "drawing.mermaid",
    "render_settings_schema": "settings.editor_schema",
    "render_plan_page": "drawing.page",
    "render_run_page": "drawing.run_page",
    "is_generated_folder": "snapshot",
    "resolve_schedules": "settings.schedules",
    "measure_on_disk": "bundle.copying",
    "stop_on_errors": "findings",
    "write_changes": "fixing.writing",
    "find_factory_entry": "settings.job_factories",
    "find_secret": "secrets.values",
    "mask_secrets": "secrets.values",
}

__all__ = [*_MODULES, "__version__"]  # noqa: PLE0604  (names of strings, not strings of names)


if not TYPE_CHECKING:  # so that a type checker knows the names above, and no others

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
