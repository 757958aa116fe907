"""Recognises keys and files that look like secrets, by their names."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORDS = frozenset(
    {
        "apikey", "credential", "credentials", "passphrase", "passwd", "password", "pwd", "secret",
        "secrets",
    }
)  # fmt: skip
_SECRET_PAIRS = frozenset(
    {
        ("access", "key"), ("account", "key"), ("api", "key"), ("connection", "string"),
        ("private", "key"), ("sas", "url"), ("storage", "key"), ("subscription", "key"),
    }
)  # fmt: skip
_TOKENS_OF_A_TEXT = frozenset(
    {
        "bos", "cls", "end", "eos", "first", "last", "mask", "max", "min", "next", "pad", "per",
        "prefix", "sep", "special", "start", "stop", "suffix", "unk",
    }
)  # fmt: skip

MAY_BE_SECRET = re.compile(
    r"key|pass|pwd|secret|token|credential|connection.?string|sas.?url", re.IGNORECASE
)
"""Found in every text that holds a key which `looks_secret`: a quick look before a slow one."""

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


def looks_secret(key: str, value: Any) -> bool:
    """Tell whether a key is that of a secret, and its value a literal.

    Args:
        key: Name of a parameter or of an environment variable.
        value: Its value.

    Example:
        >>> [looks_secret(k, "x") for k in ("db_password", "apiKey", "HF_TOKEN", "private_key")]
        [True, True, True, True]
        >>> [looks_secret(k, "x") for k in ("max_tokens", "eos_token", "keys", "passes", "monkey")]
        [False, False, False, False, False]
        >>> looks_secret("password", None), looks_secret("password", "${oc.env:X}")
        (False, False)
    """
    if isinstance(value, str):
        if not value.strip() or "${" in value:
            return False
    elif not isinstance(value, int) or isinstance(value, bool):
        return False
    words = [word.lower() for word in _WORDS.findall(key)]
    if _SECRET_WORDS.intersection(words) or _SECRET_PAIRS.intersection(pairwise(words)):
        return True
    return (
        isinstance(value, str)
        and words[-1:] == ["token"]
        and not _TOKENS_OF_A_TEXT.intersection(words[-2:-1])
    )


def secret_content(path: str) -> tuple[bytes, ...] | None:
    """Say what makes a secret of a file of this name.

    Args:
        path: The file, with `/`.

    Returns:
        None where the name is harmless, no bytes where the name says it all, else the bytes any of
        which its content must hold.

    Example:
        >>> secret_content("src/shop/nodes.py")
        >>> secret_content("keys/id_rsa")
        ()
        >>> secret_content("certificates/server.pem")
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
    """Tell whether a file is one of environment variables, and no template of one.

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
    r"""Tell whether a file of environment variables gives one of them a value.

    Example:
        >>> assigns_values(b"# nothing yet\nKEY=\n"), assigns_values(b"export KEY='x'\n")
        (False, True)
    """
    return _ASSIGNED.search(content) is not None
