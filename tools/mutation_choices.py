"""What `mutate.py` tries: which tests are for which module, what is left out, and what was read."""

from __future__ import annotations

import re

TARGETS = {
    "compiler/azureml/lowering.py": ("compiler/tests/test_lowering.py",),
    "compiler/azureml/names.py": ("compiler/tests/test_names.py",),
    "compiler/planning/external.py": ("compiler/tests/test_external.py",),
    "runner/protocol/invocation.py": (
        "runner/tests/test_invocation.py", "runner/tests/test_promoted.py",
    ),
    "runner/protocol/notification.py": ("runner/tests/test_notification_settings.py",),
    "runner/protocol/promoted.py": ("runner/tests/test_promoted.py",),
    "runner/protocol/shell_quoting.py": ("runner/tests/test_invocation.py",),
    "runner/protocol/step_times.py": ("runner/tests/test_step_times.py", "-k", "not a_step"),
    "runner/reachability/addresses.py": (
        "runner/tests/test_addresses.py", "runner/tests/test_reachability.py",
    ),
    "runner/reachability/any_classes.py": (
        "runner/tests/test_any_classes.py", "runner/tests/test_reachability.py",
    ),
    "runner/reachability/connections.py": (
        "runner/tests/test_any_classes.py", "runner/tests/test_reachability.py",
    ),
    "runner/reachability/entries.py": (
        "runner/tests/test_known_classes.py", "runner/tests/test_reachability.py",
    ),
    "runner/reachability/known_classes.py": (
        "runner/tests/test_known_classes.py", "runner/tests/test_reachability.py",
    ),
    "runner/reachability/step_check.py": ("runner/tests/test_step_check.py",),
    "runner/reachability/verdicts.py": ("runner/tests/test_known_classes.py",),
    "simulator/pipeline/bindings.py": ("simulator/tests/test_bindings.py",),
}  # fmt: skip
"""Modules, each with the unit tests that are to notice, as arguments of pytest."""

LEFT_OUT = (
    (
        "ReplaceBinaryOperator_BitOr_", r".*(\| None|-> |None \||\w+: dict\[)",
        "`|` between types, which nothing evaluates",
    ),
    (
        "ReplaceBinaryOperator_(?!Add_Sub|Sub_Add|Mul_Div|BitAnd_BitOr|BitOr_BitAnd)", ".*",
        "one other operator in its place is enough: most of the eleven are a TypeError",
    ),
    ("ReplaceBinaryOperator_Mul_", r".*[(,] ?\*, \w+: ", "the mark of arguments that are named"),
    (
        r"ReplaceComparisonOperator_((Is|IsNot)_(?!Is)|(?!Is)\w+_Is)", ".*",
        "equality for identity or the reverse: the same of small numbers, constants and None",
    ),
    ("AddNot", "if TYPE_CHECKING:", "it imports more, and changes nothing"),
    ("RemoveDecorator", "@cache", "the same results, later"),
)  # fmt: skip
"""Mutants that are not tried: the start of the operator's name, that of the line, and why."""


READ = {
    "if len(values) >= 2 or flag in": "no argument has more than two values",
    "values[flag][ -1][0] if": "more than one is refused before",
    "values[flag][0][ -1] if": "it has one value",
    "tuple(value[ -1] for value in": "each has one value",
    'self.type <= "bool" and': "`bool` is the first of the types",
    'self.type >= "str"': "`str` is the last of the types",
    'self.type >= "int" and': "`str`, the only later type, is read before",
    "places[0] > 0 or": "a place is never less",
    "agreed != min(len(found), len(expected))": "it grows by one",
    "agreed != len(found) else end": "it is never more",
    "zip(names, values, strict=False)": "a mark stands on both sides of each value",
    'parts[:2] == ["parent", "inputs"] and len(parts) >= 3': "three parts are read before",
    'parts[:2] == ["parent", "inputs"] and len(parts) > 2': "three parts are read before",
    'product <= "Access"': "`Access` is the first of the products",
    'host.count(":") <= 1': "without a colon it is the same",
    "maxsplit= 2)": "the first part alone counts",
    "maxsplit= 0)": "the first part alone counts",
    "database = start[ 3:]": "it counts where there is a host, of one letter at least",
    'query["odbc_connect"][ -1]': "it is given once",
    "( -1 if found.is_address else": "the order is the same",
    "( 1 if found.is_address else": "what may be no address is not local: the order is the same",
    'argument <= "checkpoint"': "`checkpoint` is the first of the arguments",
    'argument <= "filepath" and': "it is the only file of a query",
    'argument >= "filepath" and': "it is the only file of a query",
    'node = "node" if len(step.nodes) <= 1': "a step has one node at least",
    "len(parts) != 1 else type_name": "there is one at least",
}
"""Harmless mutants by a piece of their changed line, each with the reason."""


def find_reason(change: str) -> str:
    """Return why a mutant is harmless, by its changed line."""
    return next((why for piece, why in READ.items() if piece in change), "not read yet")


def is_left_out(operator: str, line: str) -> bool:
    """Check whether the mutants of an operator in a line are not tried."""
    return any(re.match(name, operator) and re.match(text, line) for name, text, _ in LEFT_OUT)
