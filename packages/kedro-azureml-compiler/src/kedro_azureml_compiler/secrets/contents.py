"""Recognise files that hold secrets by their content, whatever they are called."""

from __future__ import annotations

import codecs
import re
from pathlib import Path, PurePosixPath

from kedro_azureml_compiler.secrets.literals import is_placeholder
from kedro_azureml_compiler.secrets.scalars import find_secret_scalars
from kedro_azureml_compiler.secrets.values import find_secret, may_hold_secret
from kedro_azureml_compiler.secrets.words import looks_secret

LARGEST_BYTES = 64 * 1024
"""A file of secrets is a small one; what is larger is data."""

_CODE = frozenset(
    {
        ".c", ".cc", ".cpp", ".cs", ".css", ".go", ".h", ".hpp", ".htm", ".html", ".ipynb", ".java",
        ".jl", ".js", ".jsx", ".kt", ".lua", ".md", ".php", ".pl", ".py", ".pyi", ".pyx", ".r",
        ".rb", ".rmd", ".rs", ".rst", ".scala", ".sql", ".svg", ".swift", ".tex", ".ts", ".tsx",
    }
)  # fmt: skip
_DATA = frozenset({".csv", ".jsonl", ".ndjson", ".tsv"})
_EXAMPLES = ("example", "sample", "template")

_NETRC = re.compile(r"^\s*machine\s+\S+\s+login\s+\S+\s+password\s+(?P<value>\S+)", re.MULTILINE)
_PGPASS = re.compile(r"[^:\s]+:(?:\d+|\*):[^:]+:[^:]+:(?P<value>[^:]+)")
_TAG = re.compile(r"<(?P<key>\w*(?:password|secret|token))>(?P<value>[^<]+)</", re.IGNORECASE)
_ASSIGNMENT = re.compile(
    r"\s*(?:export\s+|set\s+|\$env:)?(?P<key>[A-Za-z_][\w.-]*)\s*=\s*(?P<value>.*)", re.IGNORECASE
)
_NAMES_A_SECRET = re.compile(r"(?:token|secrets?|credentials?|ref)$", re.IGNORECASE)
_KUBECONFIG = re.compile(r"^kind:\s*Config\s*$", re.MULTILINE)
_YAML_PAIR = re.compile(r"^[\s-]*(?P<key>[\w.-]+):\s+(?P<value>\S.*)$", re.MULTILINE)
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),  # what a shell of Windows writes
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find_secret_in_file(file: Path, *, by_keys: bool = True) -> str | None:
    """Return what kind of secret a small text file holds; code, documentation and tables are none.

    Args:
        file: The file.
        by_keys: Whether the keys of a YAML file count, too.

    Returns:
        The kind in a few words, without the secret; None if there is none.
    """
    name = PurePosixPath(file.name.lower())
    if name.suffix in _CODE | _DATA or any(word in name.name for word in _EXAMPLES):
        return None
    try:
        if file.stat().st_size > LARGEST_BYTES:
            return None
        content = file.read_bytes()
    except OSError:
        return None
    text = _decoded(content)
    if text is None:
        return None
    found = find_secret_in_text(text)
    if found is None and by_keys and name.suffix in {".yml", ".yaml"}:
        found = _find_secret_in_yaml(text)
    return found


def find_secret_in_text(text: str) -> str | None:
    r"""Return what kind of secret stands in the text of a file.

    Example:
        >>> find_secret_in_text("# of production\nMODE=x\nDB_PASSWORD=hunter2\n")
        'a password'
        >>> find_secret_in_text("machine host\n  login me\n  password hunter2\n")
        'a password'
        >>> find_secret_in_text('{"tokenType": "Bearer", "expiresIn": 3599}')
    """
    lines = text.splitlines()
    for line in lines if may_hold_secret(text) else ():
        found = find_secret(line)
        if found:
            return found
    if any(not is_placeholder(match["value"]) for match in _NETRC.finditer(text)):
        return "a password"
    rows = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if rows and all(_PGPASS.fullmatch(row) for row in rows):
        return "a password"
    if rows and all(_is_assignment(row) for row in rows):
        pairs = [match for row in rows if (match := _ASSIGNMENT.fullmatch(row))]
    else:
        pairs = list(_TAG.finditer(text))
    if _KUBECONFIG.search(text):
        pairs += _YAML_PAIR.finditer(text)
    for pair in pairs:
        value = pair["value"].strip().strip("\"'")
        if value and looks_secret(pair["key"], value):
            return "a password" if "pass" in pair["key"].lower() else "a key"
    return None


def _find_secret_in_yaml(text: str) -> str | None:
    """Judge a YAML file of another tool, such as a compose file or the profiles of dbt."""
    for scalar in find_secret_scalars(text, _is_secret_of_a_tool):
        return scalar.kind or "a literal secret"
    return None


def _is_secret_of_a_tool(keys: tuple[str, ...], value: str) -> bool:
    names = [key for key in keys if not key.isdigit()]
    if not names or not looks_secret(names[-1], value):
        return False
    # Tools name secrets that they keep with these words: `secrets: inherit`, `id-token: write`.
    may_be_a_name = _NAMES_A_SECRET.search(names[-1]) is not None
    return not may_be_a_name or (len(value) >= 16 and any(map(str.isdigit, value)))


def _is_assignment(row: str) -> bool:
    """Check for a line of a dotenv file, or for a section of an INI file above such lines."""
    return (row[0] == "[" and row[-1] == "]") or _ASSIGNMENT.fullmatch(row) is not None


def _decoded(content: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    return None if b"\0" in content else content.decode("utf-8", "replace")
