"""What can be found wrong with what is uploaded: files that stay, and secrets that go."""

from __future__ import annotations

from kedro_azureml_compiler.findings import About, FindingKind, Severity

SNAPSHOT_KINDS = (
    FindingKind(
        "code-ignored",
        Severity.ERROR,
        About.FILE,
        "the ignore file keeps the project itself from being uploaded",
        "No step can start without the project's package and its `pyproject.toml`.",
        "Write `!src/` at the end of `.amlignore` (or of `.gitignore`, where there is no "
        "`.amlignore`), or take out the line that names it.",
        fixed=True,
    ),
    FindingKind(
        "credential-stays",
        Severity.ERROR,
        About.DATASET,
        "an entry that a node uses needs credentials that do not travel",
        "`conf/local` is never uploaded. The step would find no credentials of that name.",
        "Write a credentials file outside `conf/local` that holds no secret, and give the step the "
        "variable:\n\n"
        "```yaml\n# conf/base/credentials.yml\ndatabase:\n  con: ${oc.env:DATABASE_URL}\n```",
    ),
    FindingKind(
        "credential-travels",
        Severity.ERROR,
        About.FILE,
        "a credentials file would be uploaded, and a value in it is a literal",
        "The snapshot is stored in the workspace's storage, for everybody who may read it, and for "
        "as long as the workspace exists.",
        "Write `${oc.env:NAME}` in place of each value, move the file to `conf/local`, or list it "
        "in `.amlignore`.",
    ),
    FindingKind(
        "empty-environment",
        Severity.INFO,
        About.PROJECT,
        "the folder of the configuration environment holds nothing that travels",
        "Kedro wants the folder of an environment to exist, and Azure ML uploads no empty folders, "
        "so a small file is put into it. The steps read the base environment alone.",
        "Nothing has to change. Is it the environment that was meant?",
    ),
    FindingKind(
        "environment-file",
        Severity.ERROR,
        About.SETTING,
        "a file from which an environment is made does not exist, or lies outside the project",
        "The bundle takes along the conda file or the build context, by its path in the project.",
        "Write a path relative to the project's folder.",
        fixed=True,
    ),
    FindingKind(
        "input-ignored",
        Severity.ERROR,
        About.DATASET,
        "a local file that a node reads does not travel",
        "The ignore file keeps it at home, or it lies among data that steps get through mounts.",
        "Bring it back at the end of `.amlignore`:\n\n"
        "```\n!data/reference/\n!data/reference/islands.csv\n```",
    ),
    FindingKind(
        "input-missing",
        Severity.ERROR,
        About.DATASET,
        "a local file that a node reads does not exist",
        "It would be missing in the step too. Where the step's image holds the file, make the "
        "finding a warning.",
        "Put the file there, or correct the entry's path.",
    ),
    FindingKind(
        "large-input",
        Severity.WARNING,
        About.DATASET,
        "a local file of more than 10 MB is uploaded with the job",
        "The code and what lies in it is one snapshot: a change anywhere uploads all of it again, "
        "and every step downloads it before it starts.",
        "Register the data once and mount it:\n\n"
        "```yaml\nimages:\n  type: kedro_azureml_datasets.AzureMLAssetDataset\n"
        '  azureml_dataset: images\n  azureml_version: "1"\n'
        "  dataset: {type: pandas.ParquetDataset, filepath: images.parquet}\n```",
    ),
    FindingKind(
        "large-snapshot",
        Severity.WARNING,
        About.PROJECT,
        "more than 100 MB would be uploaded as code",
        "A change anywhere uploads all of it again, and every step downloads it before it starts.",
        "List in `.amlignore` what no step reads. It replaces `.gitignore`, so start from a copy "
        "of that.",
    ),
    FindingKind(
        "local-configuration",
        Severity.WARNING,
        About.PROJECT,
        "files in `conf/local` change a local run and no step",
        "`conf/local` is yours alone and never travels: the job may do something else than "
        "`kedro run` does here.",
        "Move what the steps need to `conf/base`, or to an environment of its own (`--env`).",
    ),
    FindingKind(
        "param-not-json",
        Severity.ERROR,
        About.SETTING,
        "a runtime parameter is NaN or infinite",
        "Runtime parameters reach a step as JSON, which has no such numbers.",
        "Write null or a text, and let the node make the number of it.",
        fixed=True,
    ),
    FindingKind(
        "secret-in-job",
        Severity.WARNING,
        About.SETTING,
        "a parameter or an environment variable of the job looks like a secret",
        "Runtime parameters stand in the command of each step, and its environment variables and "
        "inputs beside it: everybody who may see the job can read them in Studio, for as long as "
        "the job exists. The key is judged by its words: `password`, `secret`, `api_key`, `token`.",
        "Let the step's identity open the door (`steps: {...: {identity: managed}}`), or have the "
        "node read the secret from a key vault. Where it is no secret, ignore the finding.",
    ),
    FindingKind(
        "secret-in-parameters",
        Severity.WARNING,
        About.PROJECT,
        "a parameters file that travels holds a value whose key looks like a secret",
        "The file is uploaded with the code, for everybody who may read the workspace's storage.",
        "Let the node read it from an environment variable or a key vault, or let a dataset take "
        "it from a credentials file with `${oc.env:NAME}`.",
    ),
    FindingKind(
        "secret-travels",
        Severity.ERROR,
        About.FILE,
        "a file that is a secret would be uploaded",
        "The snapshot is stored in the workspace's storage for everybody who may read it. Judged "
        "by name: `.env.*` and `*.env` that give values, `.netrc`, `.pypirc`, `id_rsa`, `*.p12`, "
        "`secrets.yml` and their like; by name and content: `*.pem`, `*.key`, keys of service "
        "accounts. A file `.env` never travels.",
        "List it in `.amlignore`, or keep it outside the project. Where it is no secret:\n\n"
        "```yaml\njobs:\n  training:\n    checks: {secret-travels: warning}\n```",
    ),
)
