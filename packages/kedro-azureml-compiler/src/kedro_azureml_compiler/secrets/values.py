"""Recognise secrets by the form of their values: passwords in addresses, keys, tokens."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import unquote_plus

from kedro_azureml_compiler.secrets.forms import (
    ADDRESS_SHAPE,
    FORMS,
    TOKEN_SHAPES,
    TOKEN_SIGNS,
    Form,
)
from kedro_azureml_compiler.secrets.literals import (
    extract_literal,
    is_placeholder,
    join_literal_words,
)
from kedro_azureml_compiler.secrets.words import looks_secret, may_name_secret

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
    "=", "eyj", "bearer", "basic ", "token ", "machine ", "putty", "private key", "jdbc:", "hooks.",
    "webhook", "-u ", "--user", "%3a", "%3b", "%3d", "/t/", *TOKEN_SIGNS,
)  # fmt: skip
"""One of them stands, in small letters, in every secret without a sign of `_RARE_SIGNS`."""

_RARE_SIGNS = tuple(
    re.compile(sign)  # one by one: together they are several times slower
    for sign in (
        ADDRESS_SHAPE,
        r"\}[^\s}]*@",  # of an address with a reference that holds a space
        r"[\"']\s?:\s?[\"']",
        r"--[A-Za-z]",
        *TOKEN_SHAPES,
    )
)
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
    return _masked(text, _secrets(text))


class SecretMask:
    """Masks secrets in many texts: what none of them can hold is looked for once, in all.

    Args:
        texts: All texts that are to be masked, as they are.

    Example:
        >>> texts = ["ls", "curl -u me:hunter2 host"]
        >>> list(map(SecretMask(texts).mask, texts))
        ['ls', 'curl -u me:*** host']
    """

    def __init__(self, texts: Sequence[str]) -> None:
        words = join_literal_words(texts)  # no sign and no shape holds a space
        self._forms = _choose_forms(words)
        self._is_needed = bool(self._forms or _ESCAPED.search(words) or may_name_secret(words))

    def mask(self, text: str) -> str:
        """Return one of the texts with `***` instead of each secret in it."""
        return _masked(text, _secrets(text, self._forms)) if self._is_needed else text


def _masked(text: str, secrets: Iterable[tuple[str, str]]) -> str:
    for secret in sorted({found for _, found in secrets}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _choose_forms(text: str, forms: Sequence[Form] = FORMS) -> Sequence[Form]:
    lowered = text.lower()
    return tuple(form for form in forms if form.may_be_in(text, lowered))


def _secrets(text: str, forms: Sequence[Form] = FORMS) -> Iterator[tuple[str, str]]:
    """Find all secrets in a text: what kind, and the secret."""
    if len(text) < 4 or not may_hold_secret(text):
        return
    text = extract_literal(text)
    for form in _choose_forms(text, forms):
        for match in form.find_in(text):
            found = next(group for group in match.groups() if group is not None)
            if form.is_secret(found):
                yield form.name, found
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
