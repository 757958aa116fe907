"""What can be found wrong with the data of a job: entries of the catalog, and how they flow."""

from __future__ import annotations

from kedro_azureml_compiler.findings import About, FindingKind, Severity

DATA_KINDS = (
    FindingKind(
        "asset-registered-twice",
        Severity.ERROR,
        About.DATASET,
        "two outputs of the job register versions of one data asset",
        "Each output that registers an asset makes its next version when its step ends. With two "
        "of them, it is left to chance which one becomes the latest, and is read by the next job.",
        "Give each entry an asset of its own:\n\n"
        "```yaml\nmodel_eu:\n  azureml_dataset: model_eu\n"
        "model_us:\n  azureml_dataset: model_us\n```",
    ),
    FindingKind(
        "asset-versions-differ",
        Severity.WARNING,
        About.DATASET,
        "two entries of the job read different versions of one data asset",
        "Both versions are mounted, each where its entry says. Mostly one of the two pins has been "
        "forgotten.",
        "Give both entries the same `azureml_version`, or none. Where a job compares versions on "
        "purpose, ignore the finding.",
    ),
    FindingKind(
        "catalog-entry",
        Severity.ERROR,
        About.DATASET,
        "an entry cannot be moved to a mount",
        "In a step, the nested path of an `AzureMLPipelineDataset` or `AzureMLAssetDataset` is "
        "looked for below the mount. That is not possible for a path outside the project, for a "
        "URL, with `versioned: true` inside, for a `CachedDataset` around the wrapper, or with "
        "arguments that the wrapper does not have.",
        "Write a path relative to `root_dir`, and the arguments of the nested dataset below "
        "`dataset`:\n\n"
        "```yaml\nfeatures:\n  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  root_dir: data/intermediate\n"
        "  dataset: {type: pandas.ParquetDataset, filepath: features.parquet}\n```",
        fixed=True,
    ),
    FindingKind(
        "frozen-by-schedule",
        Severity.WARNING,
        About.DATASET,
        "a job with a schedule reads the latest version of an asset, or an uploaded file",
        "A schedule keeps the job as it was when the schedule was created: `@latest` is looked up "
        "then, and local files are uploaded then. Every run reads the same data, whatever has been "
        "registered or written since.",
        "Pin `azureml_version` to say what is meant, and create the schedule anew to move on; or "
        "let a node of the job load what changes, from a database or from storage.",
    ),
    FindingKind(
        "local-data-between-steps",
        Severity.ERROR,
        About.DATASET,
        "one step writes a local file and another reads it",
        "Every step runs in a container with a disk of its own. The reader would find no file, or "
        "the one that was in the project when the job was compiled.",
        "Wrap the entry, and Azure ML carries the data from step to step:\n\n"
        "```yaml\nfeatures:\n  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  root_dir: data/intermediate\n"
        "  dataset: {type: pandas.ParquetDataset, filepath: features.parquet}\n```\n\n"
        "Or let both nodes share a step with `grouping`.",
    ),
    FindingKind(
        "local-input-outside",
        Severity.ERROR,
        About.DATASET,
        "a node reads a local file outside the project",
        "What lies in the project's folder is uploaded with the job, and nothing else of this "
        "machine.",
        "Move the file into the project, or register it as a data asset and read it with an "
        "`AzureMLAssetDataset`. Where the image holds the file, make the finding a warning.",
    ),
    FindingKind(
        "local-output-vanishes",
        Severity.WARNING,
        About.DATASET,
        "a node writes a local file that no other step reads",
        "The file is lost with the container of its step.",
        "Wrap the entry in an `AzureMLPipelineDataset` to find it among the step's outputs, or in "
        "an `AzureMLAssetDataset` to register it.",
    ),
    FindingKind(
        "local-version",
        Severity.ERROR,
        About.DATASET,
        "the version `local` of a data asset is asked for",
        "`local` names what the last local run has written on this machine. The workspace has no "
        "such version.",
        "Pin a version that the workspace has, or none.",
        fixed=True,
    ),
    FindingKind(
        "memory-assign",
        Severity.WARNING,
        About.DATASET,
        "an object that is handed over as it is (`copy_mode: assign`) crosses steps",
        "With `copy_mode: assign` all nodes of a local run hold the same object: a connection, a "
        "model on a GPU, something that one node changes and another sees changed. Between steps "
        "each reader gets a copy of its own, made by cloudpickle, if the object can be pickled.",
        "Let the nodes that use it share a step:\n\n"
        "```yaml\njobs:\n  training:\n    grouping: memory\n```",
    ),
    FindingKind(
        "memory-between-steps",
        Severity.INFO,
        About.DATASET,
        "data that a local run keeps in memory crosses steps",
        "The writer leaves a pickle (cloudpickle) in a temporary output, and each reader loads it. "
        "How large it is shows when the job runs: a large one costs time with every reader.",
        "Nothing has to change. An entry gives the data a format of its own; `grouping: memory` "
        "puts together what exchanges data in memory.",
    ),
    FindingKind(
        "mixed-entries",
        Severity.ERROR,
        About.DATASET,
        "transcoded entries of one dataset reach a step in different ways",
        "`x@pandas` and `x@spark` are one dataset. Where only one of them is wrapped, what one "
        "writes to its mount the other looks for somewhere else.",
        "Give all entries of the dataset the same wrapper, the same `root_dir` and the same path.",
        fixed=True,
    ),
    FindingKind(
        "nothing-produces",
        Severity.ERROR,
        About.DATASET,
        "no node of the job produces a dataset, and there is no local file to upload",
        "The step that reads it would fail, after its container has been paid for.",
        "Add the node that produces it to the job's filters, run it locally first, or read a "
        "registered version with an `AzureMLAssetDataset`.",
        fixed=True,
    ),
    FindingKind(
        "shared-local-file",
        Severity.ERROR,
        About.DATASET,
        "one entry writes a local file that another entry reads",
        "Kedro sees two datasets, and orders nothing between them. On Azure ML the writer has a "
        "disk of its own (or writes to a mount), and the reader finds the file that was in the "
        "project when the job was compiled: old data, without a word.",
        "Name one dataset in both nodes; with transcoding where they load it differently:\n\n"
        "```yaml\nscores@pandas:\n  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  dataset: {type: pandas.CSVDataset, filepath: scores.csv}\n"
        "scores@text:\n  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  dataset: {type: text.TextDataset, filepath: scores.csv}\n```",
    ),
    FindingKind(
        "transcoded-apart",
        Severity.ERROR,
        About.DATASET,
        "transcoded entries of one dataset name two places, assets or versions",
        "`x@pandas` and `x@spark` are one dataset and get one mount. What the second entry names "
        "would never be read.",
        "Give all entries of the dataset the same `azureml_dataset`, `azureml_version`, "
        "`azureml_type`, `root_dir` and path; only the types of the nested datasets differ.",
        fixed=True,
    ),
    FindingKind(
        "unknown-parameter",
        Severity.ERROR,
        About.DATASET,
        "a node reads a parameter that the project does not have",
        "Every step would refuse to start, as `kedro run` does.",
        "Write it into a parameters file that travels (not into `conf/local`), into the job's "
        "`params`, or give it with `--params`.",
        fixed=True,
    ),
    FindingKind(
        "unordered-dataset",
        Severity.ERROR,
        About.SETTING,
        "`unordered` names a dataset for which there is no order to leave out",
        "Only readers of a dataset with a place of its own (a table, cloud storage) wait for the "
        "writer without getting data from it. Others cannot start earlier.",
        "Take it out of the list.",
    ),
    FindingKind(
        "unregistered-name",
        Severity.ERROR,
        About.DATASET,
        "a node reads a dataset that is in no catalog and that no node produces",
        "Mostly a name is misspelt, in the node or in the catalog. `kedro run` refuses it too.",
        "Correct the name, or add an entry to the catalog.",
        fixed=True,
    ),
    FindingKind(
        "versioned-per-step",
        Severity.WARNING,
        About.DATASET,
        "datasets with `versioned: true` cross steps, or are written in several",
        "Each step is a Kedro session with a save version of its own. A reader loads the newest "
        "version that it finds, which is the right one as long as nothing else writes there; but "
        "two versioned datasets of one job get different versions, where a local run gives them "
        "the same.",
        "Let Azure ML keep the versions:\n\n"
        "```yaml\nmodel:\n  type: kedro_azureml_datasets.AzureMLAssetDataset\n"
        "  azureml_dataset: model\n"
        "  dataset: {type: pickle.PickleDataset, filepath: model.pkl}\n```",
    ),
)
