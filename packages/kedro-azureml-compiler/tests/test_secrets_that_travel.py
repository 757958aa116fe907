"""Secrets in what is uploaded with a job or shown by it: found as written, and never repeated."""

import io
import zipfile

import pytest
import yaml
from kedro_azureml_compiler import compile_job
from kedro_azureml_compiler.findings import Severity

pytestmark = pytest.mark.once

SECRET = "hunter2hunter2"
HEX = "4f1d0c9ab27e4f6e8c11d2a3b4c5d6e7"
STORAGE_KEY = "AbCd" * 21 + "Ef=="

IN_THE_CATALOG = {
    "inline credentials": f"credentials: {{con: 'postgresql://u:{SECRET}@h/db'}}",
    "storage options": f"filepath: abfs://c/x.csv\n  storage_options: {{account_key: {SECRET}}}",
    "a bare key": f"filepath: s3://b/x.csv\n  fs_args: {{key: {SECRET}, secret: y}}",
    "nested arguments": f"fs_args: {{client_kwargs: {{auth: {{token: {SECRET}}}}}}}",
    "a signed address": f"filepath: https://a.blob.core.windows.net/c/x?sv=1&sig={SECRET}",
    "keys in an address": f"filepath: s3://AK:{SECRET}@bucket/x.csv",
    "a connection string": f"save_args: {{dsn: 'Server=h;User ID=u;Password={SECRET}'}}",
    "a header": f"load_args: {{headers: {{Authorization: 'Bearer {SECRET}'}}}}",
    "a key in a query": f"load_args: {{params: {{key: {SECRET}}}}}",
    "a key by another name": f"load_args: {{params: {{appid: {HEX}}}}}",
    "a key in a list of pairs": f"load_args: {{params: [[subscription, {HEX}]]}}",
    "a key in a body": f"load_args: {{json: {{query: {{pw: {SECRET}}}}}}}",
    "a password in a form": f"load_args: {{data: {{user: me, pass: {SECRET}}}}}",
    "a form as a string": f"load_args: {{data: 'user=me&password={SECRET}'}}",
    "a cookie": f"load_args: {{cookies: {{session: {HEX}}}}}",
    "a header of a service": f"load_args: {{headers: {{X-Functions-Key: {SECRET}}}}}",
    "a list of user and password": f"load_args: {{auth: [me, {SECRET}]}}",
    "user and password": f"load_args: {{auth: 'me:{SECRET}'}}",
    "a key in an address": f"url: 'https://api.example.com/?appid={HEX}'",
    "what is sent": f"save_args: {{params: {{key: {SECRET}}}}}",
    "a list of credentials": f"credentials: [user, {SECRET}]",
    "metadata": f"metadata: {{note: 'postgresql://u:{SECRET}@h/db'}}",
    "a wrapped entry": (
        f"dataset: {{type: pandas.CSVDataset, filepath: 'sftp://u:{SECRET}@h/x.csv'}}"
    ),
    "a default": f"credentials: {{con: 'postgresql://u:${{runtime_params:pw,{SECRET}}}@h/db'}}",
    "a comment": f"filepath: x.csv  # was sftp://u:{SECRET}@h/x.csv",
}


@pytest.mark.parametrize("entry", IN_THE_CATALOG.values(), ids=IN_THE_CATALOG)
def test_a_secret_in_the_catalog_is_an_error_that_does_not_repeat_it(small_project, entry):
    small_project.catalog(f"{'x'}:\n  type: pandas.CSVDataset\n  {entry}\n")
    finding = small_project.found("secret-in-configuration")[0]
    assert finding.severity is Severity.ERROR
    assert (finding.file, finding.line in {3, 4}) == ("conf/base/catalog.yml", True)
    (findings,) = small_project.check().values()
    told = "".join(map(str, findings))
    assert SECRET not in told
    assert HEX not in told


HARMLESS = {
    "catalog.yml": """
        customers:
          type: pandas.CSVDataset
          filepath: abfs://container@account.dfs.core.windows.net/customers.csv
          credentials: lake
          load_args: {key: customers, dtype: {primary_key: str}}
          metadata: {primary_key: customer_id, secret_name: db-password}
        weather:
          type: api.APIDataset
          url: https://api.example.com/v1?key=population&q=orders_2024
          load_args:
            params: {key: population, q: orders_2024, since: 2024-01-01, page_token_name: next,
                     id: 4f1d0c9ab27e4f6e8c11d2a3b4c5d6e7, fields: "id,key,token", limit: 500}
            headers: {Accept: application/json, X-Request-Id: 4f1d0c9ab27e4f6e8c11d2a3b4c5d6e7}
            json: {sort: created_at_2024, filter: {dataset: population_of_2024_by_region}}
            auth: ${globals:key}
        totals:
          type: pandas.SQLQueryDataset
          sql: select a from b where c = :key
          credentials: shop
          load_args: {params: {key: 17, region: eu_west_1, token_count: 5}}
        orders:
          type: pandas.SQLTableDataset
          table_name: orders
          credentials: {con: "sqlite:///data/orders.db"}
        "{name}_table":
          type: pandas.SQLQueryDataset
          sql: "select a.token from a join b on a.token=b.token where pw = :password"
          credentials: {con: "postgresql://user:<password>@host/db"}
        lake_file:
          type: pandas.CSVDataset
          filepath: abfs://c/x.csv
          storage_options: {account_name: shop, account_key: "${globals:key}", anon: false}
    """,
    "globals.yml": 'key: "${oc.env:LAKE_KEY}"\nbase_path: s3://bucket/path\n',
    "parameters.yml": """
        model: {max_tokens: 5, eos_token: "</s>", key: customer_id, tokenizer: bert}
        password_column: pw
        secret_name: database-password
        columns: [id, key, token]
        # con: postgresql://user:password@host/db
    """,
    "spark.yml": "spark.driver.maxResultSize: 3g\n",
    "logging.yml": "version: 1\nformatters: {a: {format: '%(asctime)s: token=%(name)s'}}\n",
}


def test_what_only_looks_like_a_secret_in_the_configuration_is_none(small_project):
    for name, content in HARMLESS.items():
        small_project.write(f"conf/base/{name}", content)
    codes = {finding.code for findings in small_project.check().values() for finding in findings}
    assert not {code for code in codes if "secret" in code or "credential" in code}


CONFIGURED = "secret-in-configuration"

OTHER_FILES = {
    "globals": ("conf/base/globals.yml", "dsn: snowflake://USER:{}@account/db\n"),
    "parameters": ("conf/base/parameters.yml", "api: {{header: 'Bearer {}'}}\n"),
    "another environment": ("conf/prod/catalog.yml", "x: {{con: 'mysql://u:{}@h/db'}}\n"),
    "another tool's configuration": ("conf/base/mlflow.yml", "server: 'https://u:{}@h'\n"),
    "settings of a tool in one string": ("conf/base/tool.yml", 'ini: "[db]\\npassword = {}"\n'),
    "json": ("conf/base/parameters_a.json", '{{"a": {{"url": "redis://:{}@h"}}}}'),
    "settings": (
        "conf/prod/azureml.yml",
        "jobs: {{other: {{description: 'see postgres://u:{}@h'}}}}\n",
    ),
}


@pytest.mark.parametrize(("file", "text"), OTHER_FILES.values(), ids=OTHER_FILES)
def test_a_secret_in_any_file_of_the_configuration_is_an_error(small_project, file, text):
    small_project.write(file, text.format(SECRET))
    finding = small_project.only("secret-in-configuration")
    assert (finding.file, finding.line) == (file, 1)
    assert SECRET not in str(finding)


OPTIONS = {
    "args: [--password, {}]": True,
    "args:\n  - psql\n  - --db-password\n  - {}": True,
    "args: [--password, --verbose, {}]": False,
    "args: [--max-tokens, {}]": False,
}


@pytest.mark.parametrize(("text", "found"), OPTIONS.items(), ids=OPTIONS)
def test_the_value_of_an_option_in_a_list_is_judged_by_the_option(small_project, text, found):
    small_project.write("conf/base/parameters.yml", text.format(SECRET))
    assert bool(small_project.found("secret-in-parameters")) == found


def test_a_hint_sends_to_the_credentials_only_entries_which_can_name_them(small_project):
    small_project.write("conf/base/parameters.yml", f"dsn: postgres://u:{SECRET}@h/db\n")
    assert "name an entry of a credentials file" not in small_project.only(CONFIGURED).hint
    assert "in the node" in small_project.only(CONFIGURED).hint
    small_project.write("conf/base/parameters.yml", f"a: 1  # postgres://u:{SECRET}@h/db\n")
    assert small_project.only(CONFIGURED).hint == "Delete it from the comment."
    small_project.write("conf/base/parameters.yml", "a: 1\n")
    small_project.catalog(f"x: {{type: pandas.CSVDataset, filepath: 'sftp://u:{SECRET}@h/x'}}")
    assert "name an entry of a credentials file" in small_project.only(CONFIGURED).hint


def test_keys_of_secrets_are_warnings_in_globals_as_in_parameters(small_project):
    small_project.write("conf/base/globals.yml", f"db_password: {SECRET}\n")
    finding = small_project.only("secret-in-parameters")
    assert (finding.where, finding.severity) == ("db_password", Severity.WARNING)


def test_what_the_ignore_file_keeps_at_home_is_not_a_finding(small_project):
    small_project.write("conf/prod/globals.yml", f"dsn: postgres://u:{SECRET}@h/db\n")
    small_project.write(".amlignore", "conf/prod/globals.yml\n")
    assert small_project.check() == {"j": ()}


SHOWN = {
    "a runtime parameter": ({"params": {"url": "postgres://a:{}@h"}}, "jobs.j.params.url"),
    "an environment variable": (
        {"steps": {"a": {"environment_variables": {"DSN": "redis://:{}@h"}}}},
        "jobs.j.steps.a.environment_variables.DSN",
    ),
    "the description": ({"description": "made by https://u:{}@ci/run"}, "jobs.j.description"),
    "the display name": ({"display_name": "postgres://a:{}@h"}, "jobs.j.display_name"),
    "arguments of docker": (
        {"steps": {"a": {"docker_args": "-e DB_PASSWORD={}"}}},
        "jobs.j.steps.a.docker_args",
    ),
    "a promoted parameter": ({"inputs": {"url": "params:x.url"}}, "jobs.j.inputs.url"),
}


def _filled(value):
    if isinstance(value, dict):
        return {key: _filled(inner) for key, inner in value.items()}
    return value.replace("{}", SECRET)


@pytest.mark.parametrize(("job", "where"), SHOWN.values(), ids=SHOWN)
def test_a_secret_that_the_job_shows_is_one_error_at_its_setting(small_project, job, where):
    if "inputs" in job:
        small_project.write("conf/base/parameters.yml", f"x: {{url: 'postgres://a:{SECRET}@h'}}")
    small_project.settings_of({"j": _filled(job)})
    finding = small_project.only("secret-value-in-job")
    assert (finding.where, finding.severity) == (where, Severity.ERROR)
    (findings,) = small_project.check().values()
    assert SECRET not in "".join(map(str, findings))
    in_file = [f for f in findings if f.code == "secret-in-configuration"]
    assert [f.file for f in in_file] == (["conf/base/parameters.yml"] if "inputs" in job else [])


def test_a_secret_in_a_runtime_parameter_of_the_command_line_is_an_error(small_project):
    params = {"x": {"url": f"postgres://a:{SECRET}@h"}}
    finding = small_project.only("secret-value-in-job", params=params)
    assert finding.where == "--params x.url"
    assert SECRET not in str(finding)


def test_the_secrets_are_in_the_bundle_when_the_checks_are_switched_off(small_project):
    small_project.catalog(f"x: {{type: pandas.CSVDataset, filepath: 'sftp://u:{SECRET}-1@h/x'}}")
    small_project.write("conf/base/globals.yml", f"dsn: postgres://u:{SECRET}-2@h/db\n")
    small_project.write("tools/settings.txt", f"DB_PASSWORD={SECRET}-3\n")
    codes = ("secret-in-configuration", "secret-value-in-job", "secret-travels")
    job = {
        "params": {"url": f"postgres://a:{SECRET}-4@h"},
        "description": f"https://u:{SECRET}-5@h",
        "checks": dict.fromkeys(codes, "ignore"),
    }
    small_project.settings_of({"j": job})
    bundle = compile_job(small_project.root, "j").bundle
    files = {p: p.read_text(encoding="utf-8") for p in bundle.rglob("*") if p.is_file()}
    for number, places in {1: ["catalog.yml"], 2: ["globals.yml"], 3: ["settings.txt"]}.items():
        assert [p.name for p, text in files.items() if f"{SECRET}-{number}" in text] == places
    for number in (4, 5):
        holders = {p.name for p, text in files.items() if f"{SECRET}-{number}" in text}
        assert "pipeline.yml" in holders
    job["checks"] = {}
    small_project.settings_of({"j": job})
    found = [f for code in codes for f in small_project.found(code)]
    assert sorted(f.where for f in found) == [
        "dsn", "jobs.j.description", "jobs.j.params.url", "tools/settings.txt", "x.filepath",
    ]  # fmt: skip


BY_CONTENT = {
    ".azure/accessTokens.json": '[{"tokenType": "Bearer", "accessToken": "abcdefghijklmn"}]',
    "config/production": f"# of the server\nMODE=x\nDB_PASSWORD={SECRET}\n",
    "run.sh": f"export HF_TOKEN='{SECRET}'\n",
    "alembic.ini": f"[alembic]\nsqlalchemy.url = postgresql://u:{SECRET}@h/db\n",
    "app.properties": f"db.password={SECRET}\n",
    "config.toml": f'[db]\npassword = "{SECRET}"\n',
    "pip.conf": f"[global]\nindex-url = https://u:{SECRET}@host/simple\n",
    "requirements.txt": f"--extra-index-url https://u:{SECRET}@host/simple\nkedro\n",
    "settings.xml": f"<server><password>{SECRET}</password></server>",
    "cluster.yml": f"apiVersion: v1\nkind: Config\nusers:\n- user:\n    token: {SECRET}\n",
    "compose.yml": f"services: {{db: {{environment: {{POSTGRES_PASSWORD: {SECRET}}}}}}}\n",
    "profiles.yml": f"shop:\n  outputs:\n    dev:\n      user: u\n      password: {SECRET}\n",
    "app.yaml": f"con: mssql+pyodbc:///?odbc_connect=Server%3Dh%3BPWD%3D{SECRET}\n",
    "logins": f"machine h\n  login me\n  password {SECRET}\n",
    "pg": f"h:5432:db:me:{SECRET}\n",
    "key.txt": "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n",
    "storage.cfg": f"[a]\nconnection = AccountName=a;AccountKey={STORAGE_KEY}\n",
}
HARMLESS_FILES = {
    "src/farm/settings_of_a_test.py": f'DB_PASSWORD = "{SECRET}"\n',
    "notes.md": f"postgresql://u:{SECRET}@h/db\n",
    "run.ipynb": f'{{"source": "password={SECRET}"}}',
    "config.example": f"DB_PASSWORD={SECRET}\n",
    "setup.cfg": "[metadata]\nname = farm\n[tool:pytest]\naddopts = --strict\n",
    "package-lock.json": f'{{"integrity": "sha512-{STORAGE_KEY}"}}',
    "tokenizer_config.json": '{"bos_token": "<s>", "mask_token": "[MASK]", "token": "word"}',
    "docker-compose.yml": "services: {db: {environment: {POSTGRES_PASSWORD: $DB_PASSWORD}}}\n",
    "ci.yml": "env:\n  TOKEN: ${{ secrets.TOKEN }}\n",
    ".github/workflows/ci.yml": (
        "permissions: {id-token: write}\njobs:\n  a:\n    secrets: inherit\n"
        "    with: {persist-credentials: false, password: '${{ secrets.PYPI }}'}\n"
    ),
    "values.yaml": "auth: {existingSecret: shop-db, passwordSecretRef: shop-db, secretName: x}\n",
    "mysql.yml": "environment: {MYSQL_ALLOW_EMPTY_PASSWORD: yes, API_TOKEN: ''}\n",
    "dbt/profiles.yml": "password: \"{{ env_var('DB_PASSWORD') }}\"\n",
    "table.csv": f"url\npostgresql://u:{SECRET}@h/db\n",
    "empty": "",
    "settings.env.txt": "MODE=x\nDB_PASSWORD=${DB_PASSWORD}\n",
}


def test_files_that_hold_secrets_are_found_whatever_they_are_called(small_project):
    for name, content in {**BY_CONTENT, **HARMLESS_FILES}.items():
        small_project.write(name, content)
    windows = small_project.root / "vars.txt"
    windows.write_text(f"DB_PASSWORD={SECRET}\r\n", encoding="utf-16")
    found = small_project.found("secret-travels")
    assert sorted(f.where for f in found) == sorted([*BY_CONTENT, "vars.txt"])
    assert SECRET not in "".join(map(str, found))


@pytest.mark.parametrize(("padding", "found"), [(65_000, 1), (66_000, 0)])
def test_a_file_of_more_than_64_kb_is_data(small_project, padding, found):
    small_project.write("big.txt", f"DB_PASSWORD={SECRET}\n" + "#" * padding)
    assert len(small_project.found("secret-travels")) == found


def test_a_credentials_file_may_hold_references_within_addresses(small_project):
    small_project.write(
        "conf/base/credentials.yml",
        """
        db: {con: "postgresql://user:${oc.env:PASSWORD}@host/db"}
        lake: {account_key: "${azureml.secret:vault,name}"}
        """,
    )
    assert small_project.found("credential-travels") == []
    for literal in (f"postgresql://u:{SECRET}@${{oc.env:HOST}}/db", f"{SECRET}${{oc.env:A}}"):
        small_project.write("conf/base/credentials.yml", f"db: {{con: '{literal}'}}")
        assert SECRET not in str(small_project.only("credential-travels"))
    small_project.write("conf/base/credentials.yml", f"# was postgres://u:{SECRET}@h\ndb: null\n")
    assert "in a comment" in small_project.only("credential-travels").message


def test_secrets_in_an_archive_of_the_configuration_are_found(small_project):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for file in (small_project.root / "conf").rglob("*.yml"):
            archive.write(file, file.relative_to(small_project.root))
        archive.writestr("conf/base/globals.yml", f"dsn: postgres://u:{SECRET}@h/db\n")
        archive.writestr(
            "conf/base/catalog_more.yml",
            f"x: {{type: pandas.CSVDataset, fs_args: {{key: {SECRET}}}}}\n",
        )
        archive.writestr("conf/local/.keep", "")
    (small_project.root / "conf.zip").write_bytes(held.getvalue())
    found = small_project.found("secret-in-configuration", conf_source="conf.zip")
    assert sorted(f.file for f in found) == [
        "conf.zip/conf/base/catalog_more.yml",
        "conf.zip/conf/base/globals.yml",
    ]


def test_a_mistake_in_the_settings_does_not_repeat_a_secret(small_project):
    small_project.settings_of({"j": {"limits": f"postgres://u:{SECRET}{'x' * 40}@h/db"}})
    ((finding,),) = small_project.check().values()
    assert finding.code == "settings-mistake"
    assert SECRET not in str(finding)


def test_code_that_cannot_be_read_does_not_repeat_a_secret(small_project):
    small_project.pipelines(f"raise ValueError('cannot open sftp://u:{SECRET}@h')")
    ((finding,),) = small_project.check().values()
    assert finding.code == "project-error"
    assert SECRET not in str(finding)


def test_a_message_that_quotes_a_value_masks_the_secret_in_it(small_project):
    small_project.catalog(
        f"x: {{type: pandas.CSVDataset, filepath: 'data/x.csv?sv=1&sig={SECRET}'}}"
    )
    small_project.nodes(("a", "x", None))
    assert "sig=***" in small_project.only("input-missing").message
    assert yaml.safe_load((small_project.root / "conf/base/catalog.yml").read_text())
