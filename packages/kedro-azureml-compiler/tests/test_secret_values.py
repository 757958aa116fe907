"""Which values are secrets by their form, and which only look so."""

import base64
import json

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.high_entropy_strings import HighEntropyStringsPlugin
from detect_secrets.plugins.ip_public import IPPublicDetector
from detect_secrets.plugins.keyword import KeywordDetector
from hypothesis import example, given
from hypothesis import strategies as st
from kedro_azureml_compiler.secrets.forms import FORMS
from kedro_azureml_compiler.secrets.values import SecretMask, find_secret, mask_secrets
from stress import examples

# Put together here, so that no scanner takes this file for a leak.
HEX = "0123456789abcdef"
MIXED = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0"
KEY_64 = base64.b64encode(bytes(range(64))).decode()
KEY_32 = base64.b64encode(bytes(range(32))).decode()
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "c2lnbmF0dXJl"

REPORTED = {
    "a database's address": "postgresql://u:PW@h/db",
    "an address with a driver": "postgresql+psycopg2://u:PW@h:5432/db",
    "a signed address": "https://acct.blob.core.windows.net/c/f?sv=2024-01-01&sig=abc%3D",
    "a bucket's address": "s3://AK:PW@bucket",
    "a connection string": "Server=tcp:h,1433;Database=d;User ID=u;Password=PW;Encrypt=yes",
    "an authorization header": "Bearer abcdef123456",
    "a warehouse's address": "snowflake://USER:PAT@account/db",
    "a job's address": "postgres://a:PW@h",
    "an access key": "AKIA" + MIXED.upper()[:16],
}
OTHERS = {
    "key in one word": "PGPASSWORD=hunter2x psql",
    "short key": "DB_PASS=hunter2x",
    "conda channel": "https://conda.anaconda.org/t/ab-0a1b2c3d-1234-5678-9abc-0a1b2c3d4e5f/me",
    "storage account": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + KEY_64,
    "storage key alone": KEY_64,
    "account SAS": "sv=2022-11-02&ss=b&srt=co&sp=rl&se=2030-01-01&sig=" + KEY_32,
    "SAS in a filepath": "abfs://c@acct.dfs.core.windows.net/x.csv?se=2030&sig=abc",
    "connection with a SAS": "BlobEndpoint=https://a/;SharedAccessSignature=sv=2022&sig=x1",
    "service bus": "Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=R;SharedAccessKey="
    + KEY_32,
    "cosmos": "AccountEndpoint=https://a.documents.azure.com:443/;AccountKey=" + KEY_64,
    "app configuration": "Endpoint=https://a.azconfig.io;Id=x;Secret=" + KEY_32,
    "odbc": "DRIVER={ODBC Driver 18 for SQL Server};SERVER=h;UID=u;PWD=hunter2",
    "odbc in an address": "mssql+pyodbc:///?odbc_connect=Driver%3D%7Bx%7D%3BUID%3Du%3BPWD%3Dhunter2",
    "odbc in an address, small letters": "mssql+pyodbc:///?odbc_connect=server%3dh%3bpwd%3dhunter2",
    "an address in an address": "https://h/?next=https%3A%2F%2Fu%3Ahunter2%40h%2F",
    "odbc in braces": "DRIVER={x};UID=u;PWD={hun;ter2}",
    "ado with spaces": "Server=h; Password = hunter2; Encrypt=yes",
    "libpq": "host=h user=u password=hunter2 dbname=d",
    "jdbc": "jdbc:postgresql://h/d?user=u&password=hunter2",
    "jdbc sqlserver": "jdbc:sqlserver://h:1433;user=u;password=hunter2",
    "jdbc oracle": "jdbc:oracle:thin:scott/tiger@h:1521/x",
    "mongo": "mongodb+srv://u:hunter2@cluster.mongodb.net/db",
    "redis without a user": "redis://:hunter2@h:6379/0",
    "redis of azure": "h.redis.cache.windows.net:6380,password=hunter2,ssl=True",
    "amqp": "amqps://u:hunter2@h:5671/v",
    "a password with a slash": "postgresql://u:hun/ter2@h/db",
    "a password with an at sign": "postgresql://u:hun@ter2@h/db",
    "sftp": "sftp://u:hunter2@h/x.csv",
    "proxy": "http://u:hunter2@proxy:8080",
    "package index": "--extra-index-url https://u:hunter2@pkgs.example/simple",
    "git with a token": "git+https://x-access-token:hunter2@github.com/a/b.git@main",
    "jwt": JWT,
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nabc",
    "openssh": "-----BEGIN OPENSSH PRIVATE KEY-----\nabc",
    "pgp": "-----BEGIN PGP PRIVATE KEY BLOCK-----\nabc",
    "github": "ghp_" + MIXED[:36],
    "github, fine grained": "github_pat_" + MIXED,
    "github in an address": "https://ghp_" + MIXED[:36] + "@github.com/a/b",
    "gitlab": "glpat-" + MIXED[:20],
    "slack": "xoxb-" + "1234567890-" + MIXED[:24],
    "slack webhook": "https://hooks.slack.com/services/" + "T000/B000/" + MIXED[:24],
    "hugging face": "hf_" + MIXED[:34],
    "openai": "sk-proj-" + MIXED,
    "openai, old": "sk-" + MIXED,
    "anthropic": "sk-ant-" + MIXED,
    "google": "AIza" + MIXED[:35],
    "google signed": "https://storage.googleapis.com/b/o?X-Goog-Signature=" + HEX,
    "aws signed": "https://b.s3.amazonaws.com/o?X-Amz-Signature=" + HEX,
    "databricks": "dapi" + HEX * 2,
    "npm": "npm_" + MIXED[:36],
    "pypi": "pypi-" + "AgEIcHlwaS5vcmc" + MIXED,
    "sendgrid": "SG." + MIXED[:22] + "." + MIXED + "abc",
    "stripe": "sk_live_" + MIXED[:24],
    "entra client secret": "abc8Q~" + MIXED[:34],
    "azure function": "https://f.azurewebsites.net/api/x?code=" + KEY_32,
    "basic header": "Basic " + base64.b64encode(b"user:hunter2").decode(),
    "header in a text": '{"Authorization": "Bearer abcdef123456"}',
    "json in a text": '{"client_id": "x", "client_secret": "hunter2"}',
    "service account in base64": base64.b64encode(
        json.dumps({"type": "service_account", "private_key": "x" * 40}).encode()
    ).decode(),
    "command line": "spark-submit --password hunter2",
    "curl": "curl -u me:hunter2 https://h",
    "netrc": "machine h login me password hunter2",
    "java property": "-Djavax.net.ssl.trustStorePassword=hunter2",
    "default of a reference": "postgresql://u:${oc.env:PW,hunter2}@h/db",
    "default with quotes": "postgresql://u:${runtime_params:pw,'hunter2'}@h/db",
    "default with a space": "postgresql://u:${oc.env:PW, hunter2}@h/db",
    "behind a reference": "postgresql://${oc.env:USER}:hunter2@h/db",
    "behind a default with a space": "postgresql://${oc.env:USER, me}:hunter2@h/db",
    "behind an expression": "postgresql://${{ inputs.user }}:hunter2@h/db",
}
HARMLESS = {
    "reference": "postgresql://u:${oc.env:PW}@h/db",
    "two references": "postgresql://${oc.env:U}:${oc.env:P}@${oc.env:H}/db",
    "nested reference": "postgresql://u:${oc.env:A,${oc.env:B}}@h/db",
    "global": "AccountName=a;AccountKey=${globals:key}",
    "own resolver": "Password=${keyvault:vault,name-of-a-secret}",
    "placeholder": "postgresql://user:<password>@host/db",
    "stars": "postgresql://user:***@host/db",
    "shell": "postgresql://user:$PASSWORD@host/db",
    "template": "postgresql://user:{password}@host/db",
    "odbc template": "DRIVER={x};UID={user};PWD={password}",
    "expression": "Bearer ${{ secrets.TOKEN }}",
    "user alone": "abfss://container@account.dfs.core.windows.net/path",
    "git": "git+ssh://git@github.com/a/b.git",
    "port": "http://host:8080/path@v2",
    "port and user": "https://host:443/a?mail=me@example.org",
    "ssh": "ssh://git@host:22/repo",
    "windows path": "C:\\data\\x.csv",
    "local file": "file:///data/x@1.csv",
    "asset": "azureml:penguins@latest",
    "primary key": "primary_key=customer_id",
    "tokens": "max_tokens=512,eos_token=</s>",
    "key name": "SharedAccessKeyName=RootManageSharedAccessKey",
    "sql": "SELECT a.x FROM a JOIN b ON a.token=b.token WHERE password = 'x'",
    "sql parameter": "UPDATE users SET password=%(password)s",
    "prose": "Basic information about customers: the token is read from the vault",
    "bearer in prose": "Bearer tokens are read from the vault",
    "regular expression": r"token=([a-z]+)",
    "digest": "sha256:" + HEX * 4,
    "uuid": "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0",
    "certificate": "-----BEGIN CERTIFICATE-----\nMIIB",
    "public key": "-----BEGIN PUBLIC KEY-----\nMIIB",
    "scikit-learn": "sk-learn-estimator-with-a-long-name",
    "class": "pandas.CSVDataset",
    "time": "%Y-%m-%d %H:%M:%S",
    "container user": "docker run --user 1000:1000 image",
    "secret's name": "secret_name=database-password",
    "a query": "https://host/search?q=token&page=2&sort=key",
    "an expression": "x['key'] == 'value'",
    "long word": "a" * 120,
}


@pytest.mark.parametrize("text", [*REPORTED.values(), *OTHERS.values()], ids=[*REPORTED, *OTHERS])
def test_a_secret_is_found_by_its_form_and_masked(text):
    assert find_secret(text)
    for secret in ("hunter2", "PW@", "PAT@", "tiger", "hun;ter2", MIXED, KEY_64, KEY_32, JWT):
        assert secret not in mask_secrets(text)
    assert "***" in mask_secrets(text)


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_only_looks_like_a_secret_is_none(text):
    assert find_secret(text) is None
    assert mask_secrets(text) == text or "{" in text


def _scanners():
    """What detect-secrets knows by form: not by entropy, by the key, nor a public address."""
    others = (HighEntropyStringsPlugin, KeywordDetector, IPPublicDetector)
    kinds = get_mapping_from_secret_type_to_class().values()
    return [kind() for kind in kinds if not issubclass(kind, others)]


def _found_by_others(text):
    return any(list(scanner.analyze_string(text)) for scanner in _scanners())


def test_whatever_detect_secrets_finds_is_found_and_more():
    every = {**REPORTED, **OTHERS}
    theirs = {name for name, text in every.items() if _found_by_others(text)}
    assert theirs <= {name for name, text in every.items() if find_secret(text)}
    assert 10 < len(theirs) < len(every) / 2
    assert len(theirs & set(REPORTED)) < len(REPORTED)


TOKENS = [
    "1234567890:" + MIXED[:35],  # Telegram
    HEX * 2 + "-us12",  # Mailchimp
    "sq0csp-" + MIXED + "abc",
    "GR1348941" + MIXED[:20],
    "SK" + HEX * 2,
    "sk-" + MIXED[:20] + "T3BlbkFJ" + MIXED[:20],
    "pypi-" + "AgEIcHlwaS5vcmc" + MIXED * 2,
    "ya29." + MIXED,
    "MTIzNDU2Nzg5MDEyMzQ1Njc4." + "abcdef." + MIXED[:27],
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_is_found_alone_and_within_a_text(token):
    assert find_secret(token)
    assert token not in mask_secrets(f"cannot use '{token}': refused")


LOOSE = {
    "Artifactory Credentials": "two letters and ten more: any name",
    "Cloudant Credentials": "by the key, as parameters are judged",
    "IBM Cloud IAM Key": "by the key",
    "IBM COS HMAC Credentials": "by the key",
    "SoftLayer Credentials": "by the key",
    "AWS Access Key": "the second of its forms is by the key",
    "Azure Storage Account access key": "with '=' anywhere in the key",
    "Basic Auth Credentials": "with what no address holds",
    "JSON Web Token": "two parts of a character each",
    "NPM tokens": "by the key",
    "Private Key": "without the dashes",
}


def test_each_token_that_detect_secrets_knows_by_its_form_is_among_the_examples():
    texts = [*REPORTED.values(), *OTHERS.values(), *TOKENS]
    unknown = [
        scanner.secret_type
        for scanner in _scanners()
        if scanner.secret_type not in LOOSE
        and not any(list(scanner.analyze_string(text)) for text in texts)
    ]
    assert unknown == []


def test_a_long_text_is_judged_quickly():
    text = "user:" * 20_000 + "://" + "a=" * 20_000 + "x" * 50_000 + "}" * 50_000
    assert find_secret(text) is None


def test_many_texts_are_masked_together_as_one_by_one():
    texts = [*REPORTED.values(), *OTHERS.values(), *HARMLESS.values(), *TOKENS, "ls -l"]
    texts += ["${oc.env:X,Bearer} abcdef123", "never ${{ closed", "or }} opened: a:b@c"]
    one_by_one = list(map(mask_secrets, texts))
    assert list(map(SecretMask(texts).mask, texts)) == one_by_one
    assert [SecretMask([text]).mask(text) for text in texts] == one_by_one


SAMPLES = [text for text in [*REPORTED.values(), *OTHERS.values(), *TOKENS] if len(text) < 60]
PIECES = st.one_of(
    st.sampled_from(SAMPLES),
    st.builds(lambda text, at: text[:at], st.sampled_from(SAMPLES), st.integers(1, 60)),
    st.builds(lambda text, at: text[at:], st.sampled_from(SAMPLES), st.integers(1, 60)),
    st.sampled_from(
        ["${{ x }}", "{{x}}", "{{ a/b }}", "${oc.env:X,", "${oc.env:X}", "://u", ":p@", "x=1 "]
    ),
    st.text("a:/@= {}$\n\t\xa0", max_size=4),
)


@examples(400)
@given(st.lists(st.lists(PIECES, max_size=4).map("".join), max_size=3))
@example(["x=1 p://${{ a/b }}:hunter2@h"])
@example(["x=1 p://{{ a/b }}:hunter2@h"])
@example(["x=1 {{ a", "p://u:hunter2@h }}"])
@example(["x=1 ${{ a", "p://u:hunter2@h }}"])
@example(["x=1 p://${oc.env:X, me}:hunter2@h"])
def test_any_texts_are_masked_together_as_one_by_one(texts: list[str]):
    assert list(map(SecretMask(texts).mask, texts)) == list(map(mask_secrets, texts))


def test_no_sign_of_a_secret_holds_a_space():
    signs = [sign for form in FORMS for sign in form.signs]
    assert [sign for sign in signs if sign.split() != [sign]] == []
