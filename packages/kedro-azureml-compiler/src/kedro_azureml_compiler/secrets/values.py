"""Recognise secrets by the form of their values: passwords in addresses, keys, tokens."""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_plus

from kedro_azureml_compiler.secrets.literals import extract_literal, is_placeholder
from kedro_azureml_compiler.secrets.words import looks_secret, may_name_secret


class _Form(NamedTuple):
    """What a kind of secret looks like; the group `secret` is the part that has to be literal.

    The pattern is compiled when it is first needed: few projects hold anything that could match.
    """

    name: str
    pattern: str
    flags: int = 0

    def find_in(self, text: str) -> Iterator[re.Match[str]]:
        """Return the matches in a text."""
        return re.finditer(self.pattern, text, self.flags)


_TOKENS = "|".join(
    (
        r"gh[oprsu]_\w{20,}|github_pat_\w{20,}",  # GitHub
        r"gl(?:pat|ptt|dt|rt|cbt|soat|ft|agent|oas|imt)-[\w-]{16,}|GR1348941[\w-]{16,}",  # GitLab
        r"xox[abeoprs]-[\w-]{10,}|xapp-\d-[\w-]{10,}",  # Slack
        r"hf_[A-Za-z0-9]{20,}|api_org_[A-Za-z0-9]{20,}",  # Hugging Face
        r"sk-(?:proj|svcacct|admin|ant|or|lf)-[\w-]{16,}|sk-[A-Za-z0-9]{32,}",  # models
        r"sk-[\w-]*T3BlbkFJ[\w-]+|gsk_[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{30,}|pcsk_\w{20,}|lsv2_[ps][tk]_\w{20,}",
        r"AIza[\w-]{30,}|ya29\.[\w-]{16,}|GOCSPX-[\w-]{16,}|1//0[\w-]{20,}",  # Google
        r"dapi[0-9a-f]{32}(?:-\d)?|dose[0-9a-f]{32}",  # Databricks
        r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}|bedrock-api-key-[\w=-]{20,}",  # AWS
        r"[sr]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[A-Za-z0-9+/=]{16,}",  # Stripe
        r"SG\.[\w-]{16,}\.[\w-]{16,}|SK[0-9a-z]{32}|\d{8,10}:[\w-]{35}",  # messages
        r"[0-9a-z]{32}-us\d{1,2}|[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27}|sq0csp-[\w\\-]{43}",
        r"pypi-AgE[\w-]{20,}|npm_[A-Za-z0-9]{36}|dckr_pat_[\w-]{20,}",  # registries
        r"hvs\.[\w-]{20,}|dop_v1_[0-9a-f]{40,}|glsa_\w{20,}|glc_[\w=]{20,}|NRAK-[A-Z0-9]{20,}",
        r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|lin_api_\w{30,}|ntn_\w{30,}|figd_[\w-]{20,}",
        r"[\w~.-]{3}\dQ~[\w~.-]{31,34}",  # client secrets of Microsoft Entra
        r"[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}|[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",  # Azure
        r"AGE-SECRET-KEY-1[0-9A-Z]{20,}",
    )
)

_IN_A_QUERY = "|".join(
    (
        r"sig=(?P<sas>[^&\s#;'\"]+)",
        r"(?:x-amz-|x-goog-)?(?:signature|security-token)=(?P<signature>[^&\s#;'\"]{8,})",
        r"(?:code|key|appid|app_id|auth|pat|jwt|k)=(?P<key>(?=[^&\s#;]*\d)[\w~.%+/=-]{20,})",
    )
)

_FORMS = (
    _Form(
        "a password in an address",
        # The password may hold what an address should not; a port and a path are none.
        r"(?<![\w+.-])[A-Za-z][\w+.-]{0,60}://[^\s/?#@:'\"]{0,200}:(?!\d+[/?#])"
        r"(?P<secret>[^\s@'\"<>]{1,2000}|<[^\s@]{0,200}>)@",
    ),
    _Form("a password in an address", r"jdbc:oracle:\w+:[^\s/@:]+/(?P<secret>[^\s@]+)@", re.I),
    _Form(
        "a token in an address",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>\w+/\w+/\w+)"
        r"|discord(?:app)?\.com/api/webhooks/(?P<discord>\d+/[\w-]+)"
        r"|webhook\.office\.com/webhookb2/(?P<office>[\w@-]+/IncomingWebhook/\S+)"
        r"|/t/(?P<channel>[a-z]{2}-[0-9a-f]{8}-[0-9a-f-]{20,})",  # of a channel of conda
    ),
    _Form("a signature in an address", rf"(?:^|[?&;\s'\"])(?:{_IN_A_QUERY})", re.IGNORECASE),
    _Form("a token", rf"(?<![A-Za-z0-9_-])(?P<secret>{_TOKENS})(?![A-Za-z0-9])"),
    _Form("a token", r"\b(?P<secret>eyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*)"),
    _Form(
        "a token",
        r"(?:^|authorization['\"]?\s*[:=]\s*['\"]?|['\"])\s*(?:Bearer|Token)\s+"
        r"(?!(?:tokens?|auth\w*|credentials?|of|for|is|in|to|and|or)\b)(?P<secret>[^\s'\"]{6,})"
        r"(?:$|['\"\s])",
        re.IGNORECASE,
    ),
    _Form("a key of an Azure account", r"(?<![A-Za-z0-9+/-])(?P<secret>[A-Za-z0-9+/]{86}==)"),
    _Form(
        "a private key",
        r"(?P<secret>-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-)",
    ),
    _Form(
        "a password", r"(?:^|\s)(?:-u|--user)[ =](?!\d+:\d)[^\s:/]+:(?P<secret>[^\s:/]+)(?:\s|$)"
    ),
    _Form("a password", r"\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?P<secret>\S+)"),
)

_BASIC = _Form("a password", r"\bBasic\s+(?P<secret>[A-Za-z0-9+/=_-]{6,})", re.IGNORECASE)
_ENCODED = _Form("a private key", r"(?P<secret>[A-Za-z0-9+/_-]{80,}={0,2})")

_QUOTED = r"\"[^\"]+\"|'[^']+'"
_PAIRS = (
    # Of a connection string, an address or a command: `;Password=x`, `?password=x`, `password=x`.
    (
        rf"(?:^|[;?&,\s\"'(|])(?:-D)?(?P<key>[A-Za-z][\w.-]{{0,80}}(?: [A-Za-z]{{1,20}})?)"
        rf"=\s?(?P<secret>{_QUOTED}|\{{[^}}]+\}}|[^;&\s,\"'|]+)"
    ),
    rf"(?:^|[;\n])\s?(?P<key>[A-Za-z][\w. ]{{0,40}}) = (?P<secret>{_QUOTED}|[^;&\s,\"']+)",
    # Of JSON, or of a mapping of Python.
    r"[\"'](?P<key>[A-Za-z][\w.-]{0,80})[\"']\s?:\s?[\"'](?P<secret>[^\"']+)[\"']",
    (rf"(?:^|\s)--(?P<key>[A-Za-z][\w-]{{0,80}})[ =](?P<secret>{_QUOTED}|[^\s\"'-][^\s\"']*)"),
)
_BETWEEN_WORDS = re.compile(r"[\s&;'\"<>]+")
_ESCAPED = re.compile(r"%3[ABD]", re.IGNORECASE)
"""An escaped colon, semicolon or equals sign: of a connection string in an address."""

_QUERY_LANGUAGE = re.compile(r"\s*(?:select|with|insert|update|delete|merge|copy)\s", re.IGNORECASE)

_SIGNS = (
    "=", "eyj", "bearer", "basic ", "token ", "machine ", "putty", "private key",
    "jdbc:", "hooks.", "webhook", "-u ", "--user", "gho_", "ghp_", "ghr_", "ghs_",
    "ghu_", "github_pat_", "glpat", "glptt", "gldt-", "glrt-", "glcbt", "glsoat", "glft-",
    "glagent", "gloas", "glimt", "glsa_", "glc_", "gr1348941", "xox", "xapp-", "hf_", "api_org_",
    "sk-", "gsk_", "r8_", "pcsk_", "lsv2_", "aiza", "ya29.", "gocspx-", "1//0", "dapi", "dose",
    "akia", "asia", "abia", "acca", "a3t", "bedrock-", "k_live_", "k_test_", "whsec_", "sg.",
    "-us", "sq0csp-", "pypi-", "npm_", "dckr_", "hvs.", "dop_v1_", "nrak-", "shpat", "shpca",
    "shppa", "shpss", "lin_api_", "ntn_", "figd_", "q~", "jqqj99", "azdo", "age-secret-",
    "%3a", "%3b", "%3d", "/t/",
)  # fmt: skip
"""One of them stands, in small letters, in every secret without a sign of `_RARE_SIGNS`."""

_RARE_SIGNS = tuple(
    re.compile(sign)  # one by one: together they are several times slower
    for sign in (
        r"://[^\s/]*:\S*@", r"[\"']\s?:\s?[\"']", r"--[A-Za-z]", r"\d{8}:[\w-]{35}",
        r"SK[0-9a-z]{32}", r"[MNO][\w-]{23,25}\.[\w-]{6}\.",
    )
)  # fmt: skip
_LONG_WORD = 80


def may_hold_secret(text: str) -> bool:
    """Check quickly whether a text can hold a secret by its form: most cannot.

    Args:
        text: A value, or a whole file.
    """
    lowered = text.lower()
    if any(map(lowered.__contains__, _SIGNS)) or any(s.search(text) for s in _RARE_SIGNS):
        return True
    return len(text) >= _LONG_WORD and any(len(word) >= _LONG_WORD for word in text.split())


@functools.lru_cache(maxsize=1 << 14)  # catalogs repeat their keys and types in every entry
def find_secret(text: str) -> str | None:
    """Return what kind of secret stands in a text, as it is written in a file.

    References (`${oc.env:NAME}`) and placeholders (`<password>`) are no secrets; the default of a
    reference is a literal like any other.

    Args:
        text: One value.

    Returns:
        The kind in a few words, without the secret; None if there is none.

    Example:
        >>> find_secret("postgresql://me:hunter2@host/db")
        'a password in an address'
        >>> find_secret("Server=tcp:host;User ID=me;Password=hunter2")
        'a password'
        >>> find_secret("mssql+pyodbc:///?odbc_connect=Server%3Dhost%3BUID%3Dme%3BPWD%3Dhunter2")
        'a password'
        >>> find_secret("postgresql://me:${oc.env:PASSWORD}@host/db")
        >>> find_secret("https://host:8080/path@v2")
    """
    return next((name for name, _ in _secrets(text)), None)


def mask_secrets(text: str) -> str:
    """Return a text with `***` instead of each secret in it.

    Example:
        >>> mask_secrets("cannot open 'sftp://me:hunter2@host/x'")
        "cannot open 'sftp://me:***@host/x'"
    """
    for secret in sorted({found for _, found in _secrets(text)}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _secrets(text: str) -> Iterator[tuple[str, str]]:
    """Find all secrets in a text: what kind, and the secret."""
    if len(text) < 4 or not may_hold_secret(text):
        return
    text = extract_literal(text)
    for form in _FORMS:
        for match in form.find_in(text):
            found = next(group for group in match.groups() if group is not None)
            if not is_placeholder(found):
                yield form.name, found
    for match in _BASIC.find_in(text):
        if b":" in _decoded(match["secret"]):
            yield _BASIC.name, match["secret"]
    for match in _ENCODED.find_in(text):
        inside = _decoded(match["secret"])
        if b"PRIVATE KEY-----" in inside or b'"private_key"' in inside:
            yield _ENCODED.name, match["secret"]
    # Split first: one pattern for a whole word takes quadratic time.
    for word in _BETWEEN_WORDS.split(text) if _ESCAPED.search(text) else ():
        if not _ESCAPED.search(word):
            continue
        # What is masked is the text as it is written, so the value is masked as a whole.
        value = word.partition("=")[2] or word
        for name, _ in _secrets(unquote_plus(word)):
            yield name, value
    if may_name_secret(text) and not _QUERY_LANGUAGE.match(text):
        yield from _pairs(text)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pattern in _PAIRS:
        for match in re.finditer(pattern, text):
            key, value = match["key"], match["secret"].strip("'\"")
            if value[:1] == "{" and value[-1:] == "}":  # ODBC quotes so; templates too
                value = value[1:-1]
                if looks_secret(value, "x"):
                    continue
            if key == "token" and len(value) < 16:
                continue  # a word of a text
            if value and looks_secret(key, value) and not is_placeholder(value):
                yield (
                    "a password" if "pass" in key.lower() or "pwd" in key.lower() else "a key",
                    value,
                )


def _decoded(text: str) -> bytes:
    try:
        padded = text.rstrip("=").translate(str.maketrans("-_", "+/"))
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (ValueError, binascii.Error):
        return b""
