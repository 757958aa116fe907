"""Recognises files that hold secrets by what stands in them, whatever they are called."""

from __future__ import annotations

import codecs
import re
from pathlib import Path, PurePosixPath

from kedro_azureml_compiler.secrets.literals import is_placeholder
from kedro_azureml_compiler.secrets.values import find_secret
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
_KUBECONFIG = re.compile(r"^kind:\s*Config\s*$", re.MULTILINE)
_YAML_PAIR = re.compile(r"^[\s-]*(?P<key>[\w.-]+):\s+(?P<value>\S.*)$", re.MULTILINE)
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),  # what a shell of Windows writes
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find_secret_in_file(file: Path) -> str | None:
    """Return what kind of secret a small text file holds; code, documentation and tables are none.

    Args:
        file: The file.

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
    return None if text is None else find_secret_in_text(text)


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
    for line in lines:
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


def _is_assignment(row: str) -> bool:
    """Check for a line of a dotenv file, or for a section of an INI file above such lines."""
    return (row[0] == "[" and row[-1] == "]") or _ASSIGNMENT.fullmatch(row) is not None


def _decoded(content: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    return None if b"\0" in content else content.decode("utf-8", "replace")
