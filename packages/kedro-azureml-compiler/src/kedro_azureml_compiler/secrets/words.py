"""Recognise keys and files that look like secrets, by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from kedro_azureml_compiler.secrets.literals import is_placeholder

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORDS = frozenset(
    {
        "accountkey", "apikey", "credential", "credentials", "passphrase", "passwd", "password",
        "pwd", "secret", "secrets", "secretkey",
    }
)  # fmt: skip
_SECRET_PAIRS = frozenset(
    {
        ("access", "key"), ("account", "key"), ("api", "key"), ("connection", "string"),
        ("private", "key"), ("sas", "token"), ("sas", "url"), ("shared", "key"),
        ("storage", "key"), ("subscription", "key"),
    }
)  # fmt: skip
_IN_ONE_WORD = re.compile(
    r".*(?:password|passwd|passphrase|clientsecret|secretkey|accesskey|apikey)"
    r"|.*(?:access|api|auth|bearer|bot|refresh|session)token"
    r"|.*(?:admin|db|database|ftp|ldap|login|mail|mysql|pg|postgres|proxy|redis|root|smtp|sql|ssh"
    r"|user)(?:pass|pw)"
)
"""Of words without a sign between them: `PGPASSWORD`, `clientsecret`, `DB_PASS`."""

_ABOUT_A_SECRET = frozenset(
    {
        "age", "col", "column", "columns", "count", "enabled", "env", "field", "fields", "file",
        "header", "id", "label", "length", "name", "names", "path", "policy", "prefix", "provider",
        "regex", "required", "scope", "store", "suffix", "type", "var", "variable", "vault",
        "version",
    }
)  # fmt: skip
"""As the last word of a key: `password_column` and `secret_name` hold no secret."""

_BARE_WORDS = frozenset(
    {
        "auth", "authorization", "bearer", "cookie", "key", "pass", "passcode", "pat", "pw", "sas",
        "sig", "signature", "token", "tokens",
    }
)  # fmt: skip
_ACCESS = frozenset(
    {
        "auth",
        "client_kwargs",
        "config_kwargs",
        "connection",
        "connection_args",
        "credentials",
        "engine_args",
        "fs_args",
        "headers",
        "storage_options",
    }
)
"""Arguments of datasets that open a connection: below them a plain `key` is one to a door."""

_REQUEST = frozenset({"body", "content", "cookies", "data", "json", "params", "query"})
"""Parts of a request to a service, below `load_args` and `save_args`: many take a key."""

_OF_A_KEY = re.compile(r"[\w+/=.~-]{8,}", re.ASCII)
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])")

_TOKENS_OF_A_TEXT = frozenset(
    {
        "bos", "cls", "end", "eos", "first", "last", "mask", "max", "min", "next", "pad", "per",
        "prefix", "sep", "special", "start", "stop", "suffix", "unk",
    }
)  # fmt: skip

_HINTS = (
    "appid", "auth", "connection", "cookie", "credential", "json:", "key", "params", "pass", "pw",
    "sas", "secret", "session", "token",
)  # fmt: skip


def may_name_secret(text: str) -> bool:
    """Check quickly whether a text can hold a key of a secret, of those that this module knows.

    Args:
        text: A key, a value, or a whole file.
    """
    lowered = text.lower()
    return any(map(lowered.__contains__, _HINTS))


_PRIVATE_KEY = b"PRIVATE KEY-----"
_CONTENT_OF_KEYS = {
    ".pem": (_PRIVATE_KEY,),
    ".key": (_PRIVATE_KEY,),
    ".json": (b'"private_key"', b'"client_secret"', b'"refresh_token"'),
    ".npmrc": (b"_authToken", b"_password"),
}
_NAMES = frozenset(
    {
        ".boto", ".databrickscfg", ".dockercfg", ".git-credentials", ".htpasswd", ".my.cnf",
        ".netrc", ".pgpass", ".pypirc", ".s3cfg", "_netrc", "id_dsa", "id_ecdsa", "id_ed25519",
        "id_rsa", "kaggle.json", "kubeconfig", "msal_token_cache.bin", "msal_token_cache.json",
    }
)  # fmt: skip
_PATHS = (".aws/credentials", ".docker/config.json", ".kube/config", ".streamlit/secrets.toml")
_SUFFIXES = frozenset({".jks", ".kdbx", ".keystore", ".p12", ".pfx", ".ppk"})
_SECRETS_FILE = re.compile(r"\.?secrets?\.(ya?ml|json|toml|ini|cfg|txt)")
_TEMPLATES = ("example", "sample", "template", "dist", "defaults", "schema")
_ASSIGNED = re.compile(
    rb"^[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*=[ \t]*[\"']?[^\s\"'#$]", re.MULTILINE
)


_VARIABLES = frozenset({"neo4j_auth", "rediscli_auth"})
"""Environment variables with a password, by names that say nothing of it."""


def looks_secret(key: str, value: Any) -> bool:
    """Check whether a key is that of a secret, and its value a literal.

    Args:
        key: Name of a parameter or of an environment variable.
        value: Its value.

    Example:
        >>> [looks_secret(k, "x") for k in ("db_password", "apiKey", "HF_TOKEN", "private_key")]
        [True, True, True, True]
        >>> [looks_secret(k, "x") for k in ("max_tokens", "eos_token", "keys", "passes", "monkey")]
        [False, False, False, False, False]
        >>> [looks_secret(k, "x") for k in ("PGPASSWORD", "clientsecret", "DB_PASS", "first_pass")]
        [True, True, True, False]
        >>> [looks_secret(k, "x") for k in ("pw", "NEO4J_AUTH", "pw_degree")]
        [True, True, False]
        >>> looks_secret("password", None), looks_secret("password", "${oc.env:X}")
        (False, False)
        >>> looks_secret("password", "${oc.env:X,hunter2}"), looks_secret("secret_name", "db")
        (True, False)
    """
    if isinstance(value, str):
        if is_placeholder(value):
            return False
    elif not isinstance(value, int) or isinstance(value, bool):
        return False
    words = [word.lower() for word in _WORDS.findall(key)]
    if words[-1:] and words[-1] in _ABOUT_A_SECRET:
        return False
    if _SECRET_WORDS.intersection(words) or _SECRET_PAIRS.intersection(pairwise(words)):
        return True
    if words and _IN_ONE_WORD.fullmatch("".join(words[-2:])):
        return True
    if not isinstance(value, str):
        return False
    if words == ["pw"] or key.lower() in _VARIABLES:
        return True
    return words[-1:] == ["token"] and not _TOKENS_OF_A_TEXT.intersection(words[-2:-1])


def opens_a_door(keys: Sequence[str], value: Any) -> bool:
    """Check whether an argument of a dataset is a literal secret, by its key and those above it.

    Args:
        keys: The keys of the catalog that lead to the value, the entry's name first.
        value: What stands there.

    Example:
        >>> [opens_a_door(["x", keys, "key"], "AK") for keys in ("fs_args", "load_args")]
        [True, False]
        >>> asked = ["x", "load_args", "params"]
        >>> [opens_a_door([*asked, "key"], v) for v in ("population", "4f1d0c9ab27e4f6e")]
        [False, True]
        >>> opens_a_door(["x", "credentials"], "the_name_of_an_entry")
        False
        >>> opens_a_door(["x", "credentials", "0"], "a user, as a list has it")
        True
    """
    *above, last = keys
    if last == "credentials":
        return False  # the name of an entry in a credentials file
    if looks_secret(last, value):
        return True
    if isinstance(value, str) and not is_placeholder(value):
        if last == "auth":
            return True  # `user:password`, or a token
        if _is_in_request(above) and _looks_random(last, value):
            return True
    inside = [key for key in above[1:] if key in _ACCESS]
    if not inside or not looks_secret("password", value):
        return False
    if last.isdigit():  # of a list: user and password
        return above[-1] in {"auth", "credentials"}
    words = [word.lower() for word in _WORDS.findall(last)]
    return bool(words) and words[-1] in _BARE_WORDS


def _is_in_request(above: Sequence[str]) -> bool:
    start = next((i for i, key in enumerate(above) if key in {"load_args", "save_args"}), None)
    return start is not None and not _REQUEST.isdisjoint(above[start + 1 :])


def _looks_random(key: str, value: str) -> bool:
    """Check whether a value is one that nobody thinks of: shorter ones count below a `key`."""
    words = [word.lower() for word in _WORDS.findall(key)]
    if words and words[-1] in _ABOUT_A_SECRET and words != ["app", "id"]:
        return False
    if not _OF_A_KEY.fullmatch(value):
        return False
    least = 8 if words and words[-1] in _BARE_WORDS else 24
    return any(len(part) >= least and _MIXED.search(part) for part in re.split(r"[-_.~]", value))


def describe_secret_file(path: str) -> tuple[bytes, ...] | None:
    """Return what makes a secret of a file of this name.

    Args:
        path: The file, with `/`.

    Returns:
        None if the name is harmless, no bytes where the name says it all, else the bytes any of
        which its content must hold.

    Example:
        >>> describe_secret_file("src/shop/nodes.py")
        >>> describe_secret_file("keys/id_rsa")
        ()
        >>> describe_secret_file("certificates/server.pem")
        (b'PRIVATE KEY-----',)
    """
    pure = PurePosixPath(path.lower())
    name = pure.name
    if name in _NAMES or pure.suffix in _SUFFIXES or _SECRETS_FILE.fullmatch(name):
        return ()
    if any(f"/{pure}".endswith(f"/{known}") for known in _PATHS):
        return ()
    return _CONTENT_OF_KEYS.get(pure.suffix or name)


def is_dotenv(path: str) -> bool:
    """Check whether a file is one of environment variables, and no template of one.

    Example:
        >>> [is_dotenv(p) for p in ("conf/.env.prod", "prod.env", ".envrc", "src/env.py")]
        [True, True, True, False]
        >>> is_dotenv(".env.example")
        False
    """
    name = PurePosixPath(path).name.lower()
    is_one = name.startswith(".env") or name.endswith(".env")
    return is_one and not any(word in name for word in _TEMPLATES)


def assigns_values(content: bytes) -> bool:
    r"""Check whether a file of environment variables gives one of them a value.

    Example:
        >>> assigns_values(b"# nothing yet\nKEY=\n"), assigns_values(b"export KEY='x'\n")
        (False, True)
    """
    return _ASSIGNED.search(content) is not None
