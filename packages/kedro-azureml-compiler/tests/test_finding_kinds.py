"""The registry of findings against the code that makes them."""

import ast
import re
from pathlib import Path

import kedro_azureml_compiler
import pytest
import yaml
from kedro_azureml_compiler.finding_registry import finding_kinds
from kedro_azureml_compiler.findings import explain
from kedro_azureml_compiler.findings_page import findings_pages

SOURCE = Path(kedro_azureml_compiler.__file__).parent
KINDS = finding_kinds()


def made_in_the_code() -> dict[str, set[str]]:
    """Give the code of each finding that is made anywhere, with its severities.

    A finding is made by `Finding("code", Severity.X, ...)`, or by a function whose name ends with
    `_finding` and whose first argument is the code.
    """
    made: dict[str, set[str]] = {}
    for module in sorted(SOURCE.rglob("*.py")):
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            name, args = call.func.id, call.args
            if (name == "Finding" or name.endswith("_finding")) and args:
                code = args[0]
                if isinstance(code, ast.Constant):
                    severity = args[1].attr if isinstance(args[1], ast.Attribute) else None
                    made.setdefault(code.value, set()).update({severity} - {None})
                else:
                    assert isinstance(code, ast.Name), f"{module.name}:{call.lineno}"
                    assert code.id == "code", f"{module.name}:{call.lineno}"
    return made


def test_every_finding_of_the_code_is_registered_and_every_registered_one_is_made():
    assert sorted(made_in_the_code()) == sorted(KINDS)


def test_the_code_and_the_registry_agree_about_severities():
    for code, severities in made_in_the_code().items():
        assert {severity.lower() for severity in severities} <= {KINDS[code].severity.value}, code


def test_only_errors_are_fixed():
    assert {kind.severity.value for kind in KINDS.values() if kind.fixed} == {"error"}


@pytest.mark.parametrize("code", KINDS)
def test_a_kind_explains_itself_and_its_examples_are_yaml(code):
    kind = KINDS[code]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    assert kind.meaning[:1].islower() or kind.meaning[:1] == "`"
    assert not kind.meaning.endswith(".")
    assert kind.why.endswith(".")
    assert kind.instead.rstrip("`").rstrip()
    for example in re.findall(r"```yaml\n(.*?)\n```", explain(kind), re.DOTALL):
        assert isinstance(yaml.safe_load(example), dict)


def test_each_code_has_a_page_and_the_list_leads_to_all_of_them():
    pages = findings_pages()
    assert list(pages) == ["findings.md", *(f"findings/{code}.md" for code in sorted(KINDS))]
    links = re.findall(r"\]\((.*?)\)", pages["findings.md"])
    assert links == [kind.docs for kind in KINDS.values()] == list(pages)[1:]
