"""The registry of findings, and the pages made from it."""

import pkgutil
import re
import subprocess
import sys
from importlib import import_module

import kedro_azureml_compiler
import pytest
import yaml
from kedro_azureml_compiler.finding_registry import collect_finding_kinds
from kedro_azureml_compiler.findings import About, FindingKind, Severity, explain
from kedro_azureml_compiler.findings_page import render_findings_pages
from kedro_azureml_compiler.planning import grouping

KINDS = collect_finding_kinds()


def test_every_kind_declared_anywhere_in_the_package_is_registered():
    declared = set()
    for module in pkgutil.walk_packages(
        kedro_azureml_compiler.__path__, f"{kedro_azureml_compiler.__name__}."
    ):
        values = vars(import_module(module.name)).items()
        declared |= {(name, kind.code) for name, kind in values if isinstance(kind, FindingKind)}
    assert sorted(code for _, code in declared) == list(KINDS)
    assert {name for name, code in declared if name != code.upper().replace("-", "_")} == set()


def test_two_kinds_of_one_code_are_refused(monkeypatch):
    other = FindingKind("no-effect", Severity.INFO, About.SETTING, "It is odd", "So.", "Mend it.")
    monkeypatch.setattr(grouping, "OTHER", other, raising=False)
    with pytest.raises(ValueError, match="Two kinds of findings have the code 'no-effect'"):
        collect_finding_kinds.__wrapped__()


def test_the_registry_imports_no_library_that_compiling_has_not_imported():
    code = (
        "import sys, kedro_azureml_compiler.compilation as _\n"
        "from kedro_azureml_compiler.finding_registry import collect_finding_kinds\n"
        "before = {name.partition('.')[0] for name in sys.modules}\n"
        "collect_finding_kinds()\n"
        "new = {name.partition('.')[0] for name in sys.modules} - before\n"
        "print(*new - sys.stdlib_module_names, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.split() == []


def test_only_errors_are_fixed():
    assert {kind.severity.value for kind in KINDS.values() if kind.fixed} == {"error"}


@pytest.mark.parametrize("code", KINDS)
def test_a_kind_explains_itself_and_its_example_is_yaml(code):
    kind = KINDS[code]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    assert kind.title[:1].isupper() or kind.title[:1] == "`"
    assert not kind.title.endswith(".")
    assert kind.explanation.endswith(".")
    assert kind.hint.endswith((".", ":" if kind.example else "."))
    assert kind.title in explain(kind)
    assert kind.hint in explain(kind)
    assert not kind.example or isinstance(yaml.safe_load(kind.example), dict)


@pytest.mark.parametrize("code", KINDS)
def test_a_finding_has_the_severity_and_the_hint_of_its_kind_unless_it_brings_a_hint(code):
    kind = KINDS[code]
    finding = kind.found("features", "is odd.")
    assert (finding.code, finding.severity) == (code, kind.severity)
    assert finding.hint == kind.hint.replace("`", "'")
    assert kind.found("features", "is odd.", "Mend it.").hint == "Mend it."
    assert kind.found("features", "is odd.", "").hint == ""


def test_each_code_has_a_page_and_the_list_leads_to_all_of_them():
    pages = render_findings_pages()
    assert list(pages) == ["findings.md", *(f"findings/{code}.md" for code in sorted(KINDS))]
    links = re.findall(r"\]\((findings/.*?)\)", pages["findings.md"])
    assert links == [kind.docs for kind in KINDS.values()] == list(pages)[1:]
