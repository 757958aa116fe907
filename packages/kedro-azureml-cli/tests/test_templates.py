"""The ignore file that `init` writes keeps secrets and ballast at home, and no code."""

from kedro_azureml_cli.fixing.project_files import render_ignore_rules
from kedro_azureml_compiler.snapshot import list_snapshot_files

STAYS = (
    ".env", ".env.prod", "conf/local/credentials.yml", "key.pem", "build/a", "dist/a", "docs/a.md",
    "logs/info.log", "notebooks/a.ipynb", "sessions/a", "tests/test_a.py", "data/05_model/a.pkl",
    ".venv/pyvenv.cfg", "src/shop/debug.log", ".github/workflows/kedro-azureml.yml",
    ".pre-commit-config.yaml", "azure-pipelines.yml", "azureml.schema.json",
)  # fmt: skip
TRAVELS = (
    "conf/base/credentials.yml", "src/shop/vault_credentials.py", "src/shop/build/steps.py",
    "src/shop/pipelines/build/nodes.py", "src/shop/tests/a.py", "src/shop/docs/a.py",
    "src/shop/logs/a.py", "src/shop/dist/a.py", "src/data/05_model/a.py", "data/01_raw/a.csv",
)  # fmt: skip


def test_patterns_are_anchored_so_that_code_and_references_travel(tmp_path):
    rules = render_ignore_rules("conf")
    assert "${oc.env:NAME}" in rules
    (tmp_path / ".amlignore").write_text(rules)
    for name in (*STAYS, *TRAVELS):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert list_snapshot_files(tmp_path) == sorted(TRAVELS)
