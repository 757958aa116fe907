"""Quote an argument so that neither bash nor Azure ML changes it.

Azure ML replaces `${{...}}` and `$[[...]]` in a command textually, inside quotes too, before bash
sees the line. So those character sequences must not stand in the command when they are part of a
value.
"""

import re

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_EXPRESSION_START = re.compile(r"\$(?=\{\{|\[\[)")


def quote(text: str) -> str:
    r"""Quote one argument for bash, in a command of an Azure ML job.

    Args:
        text: Any text without the NUL character, which no argument of a process can hold.

    Returns:
        Text that bash reads as exactly this one argument and in which Azure ML finds nothing to
        replace. Readable text stays readable.

    Raises:
        ValueError: The text holds a NUL character or is not valid Unicode.

    Example:
        >>> print(quote("training.split"))
        training.split
        >>> print(quote("it's"))
        'it'"'"'s'
        >>> print(quote("${{inputs.x}}"))
        '$''{{inputs.x}}'
        >>> print(quote("two\nlines"))
        $'two\nlines'
    """
    if _PLAIN.fullmatch(text):
        return text
    text.encode()  # a lone surrogate cannot be written: UnicodeEncodeError is a ValueError
    if "\0" in text:
        raise ValueError(f"{text!r} holds a NUL character, which no command can pass on.")
    if _CONTROL.search(text):
        return "$'" + "".join(map(_escape, text)) + "'"
    inner = text.replace("'", "'\"'\"'")
    return "'" + _EXPRESSION_START.sub("$''", inner) + "'"


def _escape(character: str) -> str:
    if character == "\n":
        return "\\n"
    if character == "\t":
        return "\\t"
    if character in "\\'":
        return "\\" + character
    if character == "$":
        return "\\044"
    if _CONTROL.match(character):
        return "".join(f"\\{byte:03o}" for byte in character.encode())
    return character
