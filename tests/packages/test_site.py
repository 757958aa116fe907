"""The site holds every page, and what checks the built site finds what is wrong with it."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[2]
SITE_FILE = ROOT / ".readthedocs.yaml"
PAGE = '<h2 id="top-1">x</h2><a name="old"></a>'
STRANGERS = [
    '<script src="https://cdn.example.com/x.js"></script>',
    '<link rel="stylesheet" href="//cdn.example.com/x.css">',
    '<link rel="preconnect" href="https://fonts.example.com">',
    '<img src="HTTP://example.com/x.png">',
    '<img src=" https://example.com/x.png">',
    '<img srcset="a.png 1x,https://example.com/x.png 2x">',
    '<iframe src="https://example.com/"></iframe>',
    '<svg><image xlink:href="https://example.com/x.png"/></svg>',
    '<p style="background: url(https://example.com/x.png)">x</p>',
    '<style>@import "https://example.com/x.css";</style>',
    '<style>a { cursor: image-set("https://example.com/x.png" 1x) }</style>',
    '<meta http-equiv="refresh" content="0; url=https://example.com/">',
]
NOWHERE = {
    "missing.html": "missing.html leads to no file of the site",
    "folder/": "folder/ leads to no file of the site",
    "../outside.html": "../outside.html leads to no file of the site",
    "page.html#other": "page.html#other leads to no anchor of page.html",
    "#here": "#here leads to no anchor of index.html",
    "/page.html": "/page.html fails where the site is below another; write a relative address",
    "file:///etc/hosts": "file:///etc/hosts is an address neither of this site nor of the web",
}


@pytest.fixture(scope="module")
def check_site():
    spec = importlib.util.spec_from_file_location("check_site", ROOT / "tools/check_site.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def site(tmp_path):
    site = tmp_path / "html"
    (site / "folder").mkdir(parents=True)
    (site / "page.html").write_text(PAGE)
    (site / "a.png").write_bytes(b"")
    (tmp_path / "outside.html").write_text("")
    return site


def read_parts() -> dict[str, tuple[list[str], list[str]]]:
    """Return the listed pages and those of the toctree, for each part of the front page."""
    parts = (ROOT / "docs/index.md").read_text().split("\n## ")[1:]
    parts = [part for part in parts if not part.startswith("Questions\n")]
    return {
        part.partition("\n")[0]: (
            re.findall(r"^- \[[^\]]+\]\(([^)]+)\.md\): ", part, re.MULTILINE),
            re.search(r"```\{toctree\}\n(?::.+\n)+\n([^`]+)```", part)[1].split(),
        )
        for part in parts
    }


def test_every_page_is_in_one_toctree_of_the_front_page():
    docs = ROOT / "docs"
    listed_elsewhere = {docs / "index.md", *docs.glob("reference/*/*.md")}
    found = (page for page in docs.rglob("*.md") if page not in listed_elsewhere)
    pages = sorted(page.relative_to(docs).with_suffix("").as_posix() for page in found)
    assert pages
    assert sorted(name for _, toctree in read_parts().values() for name in toctree) == pages


def test_the_front_page_lists_the_pages_of_each_toctree_in_its_order():
    parts = read_parts()
    assert {part: listed for part, (listed, _) in parts.items()} == {
        part: toctree for part, (_, toctree) in parts.items()
    }


def test_each_toctree_has_the_name_of_its_part():
    text = (ROOT / "docs/index.md").read_text()
    assert re.findall(r"^:caption: (.+)$", text, re.MULTILINE) == list(read_parts())


def test_read_the_docs_takes_its_file_and_installs_the_group_of_the_site():
    judge = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.readthedocs"]
    done = subprocess.run([*judge, SITE_FILE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    settings = yaml.safe_load(SITE_FILE.read_text())
    assert "python -m pip install --group site" in settings["build"]["jobs"]["install"]
    assert re.search(r"^site = \[", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert (ROOT / settings["sphinx"]["configuration"]).is_file()


def test_a_site_of_its_own_files_has_no_problem_and_its_links_to_others_are_listed(
    site, check_site, tmp_path, capsys
):
    (site / "index.html").write_text(
        '<link rel="canonical" href="https://docs.example.com/">'
        '<img srcset="a.png 1x, data:image/png;base64,AAAA 2x"><img src="a.png?v=1">'
        '<a href="page.html#top-1">x</a><a href="page.html#old">x</a><a href="#">x</a>'
        '<a href="folder/../page.html">x</a><a href="mailto:me@example.com">x</a>'
        '<a href="https://example.com/a">x</a>'
    )
    (site / "folder/index.html").write_text(
        '<a href="https://example.com/a">x</a><a href="../">x</a>'
    )
    (site / "x.css").write_text("a { background: url(data:image/svg+xml;x), url('a.png') }")
    check_site.main(site, tmp_path / "listed.txt")
    assert (tmp_path / "listed.txt").read_text().splitlines() == [
        "https://docs.example.com/  on index.html",
        "https://example.com/a  on folder/index.html and 1 more",
    ]
    assert "Links to other sites, not requested: 2" in capsys.readouterr().out


@pytest.mark.parametrize("tag", STRANGERS)
def test_a_page_that_loads_a_file_of_another_host_is_a_problem(tag, site, check_site):
    (site / "index.html").write_text(f"<p>x</p>\n{tag}")
    (problem,) = check_site.check_site(site)[0]
    assert problem.startswith("index.html:2: loads ")
    assert problem.endswith("; serve it from the site")


def test_a_style_sheet_that_loads_a_file_of_another_host_is_a_problem(site, check_site):
    (site / "x.css").write_text("@font-face { src: url('https://example.com/x.woff2') }")
    assert check_site.check_site(site)[0] == [
        "x.css: loads https://example.com/x.woff2; serve it from the site"
    ]


@pytest.mark.parametrize("address", NOWHERE)
def test_a_link_that_leads_nowhere_is_a_problem(address, site, check_site):
    (site / "index.html").write_text(f'\n<a href="{address}">x</a>')
    assert check_site.check_site(site)[0] == [f"index.html:2: {NOWHERE[address]}"]


def test_a_script_of_the_site_that_is_missing_is_a_problem(site, check_site):
    (site / "index.html").write_text('<script src="_static/x.js"></script>')
    assert check_site.check_site(site)[0] == [
        "index.html:1: _static/x.js leads to no file of the site"
    ]


def test_a_folder_without_pages_is_a_problem(tmp_path, check_site):
    with pytest.raises(SystemExit, match="no pages; build them with: nox -s site"):
        check_site.main(tmp_path, tmp_path / "listed.txt")
