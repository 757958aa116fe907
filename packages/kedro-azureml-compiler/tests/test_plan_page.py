import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from drawn_plans import NASTY, TRAINING, asset, chain, named
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_compiler.bundle.writing import write_bundle
from kedro_azureml_compiler.bundle_layout import PLAN_PAGE
from kedro_azureml_compiler.drawing.details import FindingNote, PageDetails, StepDetails
from kedro_azureml_compiler.drawing.graph import FAR_LAYERS, Look, build_graph
from kedro_azureml_compiler.drawing.labels import count_cells, escape_markup, label_lines
from kedro_azureml_compiler.drawing.page import MOST_DRAWN, render_plan_page
from kedro_azureml_compiler.drawing.picture import draw_plan
from kedro_azureml_compiler.planning.plan import Flow, Plan, PlannedDataset, PlannedStep
from stress import examples

pytestmark = pytest.mark.once

SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta", "input", "br", "link", "img"}


class Page(HTMLParser):
    """What a browser would make of the page, as far as the tests ask."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.tables, self.svgs = [], [], [], 0
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"th", "td"}:
            self.tables[-1][-1].append([])

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"th", "td"} & set(self.open):
            self.tables[-1][-1][-1].append(data)

    def tags(self, name):
        return [attrs for tag, attrs in self.elements if tag == name]


def hash_of(text):
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def data_of(page):
    """Return the data of the script, as a browser finds it."""
    return json.loads(re.search(r'id="plan-data">(.*?)</script>', page, re.S)[1])


def page_of(plan):
    return "".join(render_plan_page(plan))


def picture_of(page):
    return ET.fromstring(re.search(r"<svg xmlns=.*?</svg>", page, re.DOTALL)[0])


def shapes(svg, look):
    return [
        e for e in svg.iter() if look in e.get("class", "").split() and "shape" in e.get("class")
    ]


def words(svg):
    return ["".join(text.itertext()) for text in svg.iter(f"{SVG}text")]


def tooltips(svg):
    return [title.text for title in svg.iter(f"{SVG}title")]


def layers(plan):
    return {mark.name: mark.layer for mark in build_graph(plan).marks if not mark.is_copy}


def test_the_page_names_the_job_its_pipelines_and_the_number_of_steps():
    page = page_of(TRAINING)
    assert "<h1>Plan of the job <code>training</code></h1>" in page
    expected = "4 steps from the pipelines <code>prepare</code>, <code>train</code>"
    assert f"<p>{expected}, Kedro environment <code>cloud</code>.</p>" in page


def test_every_step_is_in_the_first_table():
    table, _ = Page(page_of(TRAINING)).tables
    assert table == [
        [["Step"], ["Nodes"], ["Reads"], ["Writes"], ["Waits for"]],
        [["clean"], ["clean"], ["raw", "rules"], ["table"], []],
        [["publish"], ["publish"], ["table"], [], []],
        [["fit"], ["split", "fit"], ["table"], ["model"], []],
        [["report"], ["report"], ["model"], [], ["publish", "clean"]],
    ]


def test_every_dataset_is_in_the_second_table_with_the_reason():
    _, table = Page(page_of(TRAINING)).tables
    assert table == [
        [["Dataset"], ["Becomes"], ["Written by"], ["Read by"], ["Why"]],
        [["model"], ["step output"], ["fit"], ["report"], ["temporary storage"]],
        [["params:seed"], ["parameter"], [], ["fit"], ["read in the step"]],
        [["parts"], ["in step"], ["fit"], ["fit"], ["in memory; no other step reads it"]],
        [["raw"], ["version"], [], ["clean"], ["version '3'"]],
        [["rules"], ["upload"], [], ["clean"], ["it is uploaded"]],
        [["scores"], ["not mounted"], ["publish"], ["report"], ["has its own address"]],
        [["table"], ["step output"], ["clean"], ["publish", "fit"], ["temporary storage"]],
    ]


def test_headings_of_tables_say_what_they_head():
    page = Page(page_of(TRAINING))
    scopes = [attrs.get("scope") for attrs in page.tags("th")]
    assert scopes.count("col") == 10
    assert scopes.count("row") == len(TRAINING.steps) + len(TRAINING.datasets)
    assert len(scopes) == 10 + len(TRAINING.steps) + len(TRAINING.datasets)


def test_links_lead_to_rows_of_the_page():
    page = Page(page_of(TRAINING))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = [attrs["href"] for attrs in page.tags("a")]
    assert targets
    assert {target.removeprefix("#") for target in targets} <= set(ids)


def test_the_picture_is_an_image_with_a_title():
    svg = picture_of(page_of(TRAINING))
    assert svg.get("role") == "img"
    titles = {title.get("id"): title.text for title in svg.iter(f"{SVG}title")}
    assert titles[svg.get("aria-labelledby")] == "Plan of the job 'training'"


def test_steps_and_mounted_datasets_are_drawn():
    svg = picture_of(page_of(TRAINING))
    assert len(shapes(svg, "step")) == 4
    assert len(shapes(svg, "version")) == len(shapes(svg, "upload")) == 1
    assert len(shapes(svg, "output")) == len(shapes(svg, "registered")) == 1
    names = words(svg)
    for name in ("clean", "publish", "fit", "report", "raw", "rules", "table", "model", "scores"):
        assert names.count(name) == 1
    assert "params:seed" not in names
    assert "parts" not in names


def test_the_small_print_says_where_a_dataset_comes_from_or_goes_to():
    names = words(picture_of(page_of(TRAINING)))
    assert "version 3 of penguins" in names
    assert "uploads data/rules.yml" in names
    assert "registers penguins_model" in names
    assert "not mounted" in names
    assert "2 nodes" in names


def test_the_latest_version_of_an_asset_is_called_so():
    data = PlannedDataset("raw", Flow.VERSION, "latest", None, ("fit",), asset("raw"))
    plan = Plan("j", ("p",), (PlannedStep("fit", ("fit",), reads=("raw",)),), (data,))
    assert "latest version" in words(picture_of(page_of(plan)))


def test_a_step_lies_after_all_that_it_needs_and_inputs_lie_first():
    assert layers(TRAINING) == {
        "raw": 0, "rules": 0, "clean": 1, "table": 2, "publish": 3, "fit": 3, "scores": 4,
        "model": 4, "report": 5,
    }  # fmt: skip


def test_edges_say_what_they_mean():
    meanings = {(e.meaning, e.is_order) for e in build_graph(TRAINING).edges}
    assert meanings == {
        ("'clean' reads 'raw'", False),
        ("'clean' reads 'rules'", False),
        ("'clean' writes 'table'", False),
        ("'publish' reads 'table'", False),
        ("'fit' reads 'table'", False),
        ("'fit' writes 'model'", False),
        ("'report' reads 'model'", False),
        ("'publish' writes 'scores'", True),
        ("'report' waits for 'scores'", True),
        ("'report' waits for 'clean'", True),
    }
    assert {m for m, _ in meanings} <= set(tooltips(picture_of(page_of(TRAINING))))


def test_order_without_data_is_dashed():
    page = page_of(TRAINING)
    dashed = [e for e in picture_of(page).iter() if e.get("class") == "edge order"]
    assert len(dashed) == 3
    assert re.search(r"\.order \{ stroke-dasharray: [1-9]", page)


def test_a_step_and_its_edges_are_one_group_that_shows_when_it_is_pointed_at():
    page = page_of(TRAINING)
    groups = [e for e in picture_of(page).iter() if e.get("class") == "of-step"]
    told = [{t.text for t in group.iter(f"{SVG}title")} for group in groups]
    assert {"publish", "'publish' reads 'table'", "'publish' writes 'scores'"} in told
    assert ".of-step:hover .edge {" in page


def test_the_legend_explains_what_occurs_and_nothing_else():
    legend = re.search(r'<ul class="legend".*?</ul>', page_of(TRAINING), re.DOTALL)[0]
    assert legend.count("<li") == len(Look) + 1
    assert "waits for" in legend
    one = Plan("j", ("p",), (PlannedStep("fit", ("fit",)),), ())
    legend = re.search(r'<ul class="legend".*?</ul>', page_of(one), re.DOTALL)[0]
    assert legend.count("<li") == 1


def test_what_is_far_away_is_drawn_again_and_no_edge_is_long():
    plan = chain(FAR_LAYERS, last_reads_first=True)
    graph = build_graph(plan)
    assert [(m.name, m.small) for m in graph.marks if m.is_copy] == [("d0", "drawn again")]
    spans = [graph.marks[e.target].layer - graph.marks[e.source].layer for e in graph.edges]
    assert min(spans) >= 1
    assert max(spans) <= FAR_LAYERS
    page = page_of(plan)
    assert words(picture_of(page)).count("d0") == 2
    assert "again, near what is far from it" in page


def test_an_input_of_a_late_step_lies_just_before_it():
    late = chain(FAR_LAYERS)
    data = PlannedDataset("extra", Flow.VERSION, "latest", None, ("end",), asset("extra"))
    end = PlannedStep("end", ("end",), reads=(f"d{FAR_LAYERS - 1}", "extra"))
    plan = Plan("j", ("p",), (*late.steps, end), (*late.datasets, data))
    assert layers(plan)["extra"] == layers(plan)["end"] - 1


def test_a_deep_pipeline_goes_down_and_a_broad_one_to_the_right():
    deep = draw_plan(chain(12))
    assert deep.height > deep.width
    names = [f"train_store_{n}" for n in range(60)]
    steps = tuple(PlannedStep(n, (n,), reads=("raw",)) for n in names)
    raw = PlannedDataset("raw", Flow.VERSION, "latest", None, tuple(names), asset("raw"))
    broad = draw_plan(Plan("j", ("p",), steps, (raw,)))
    assert broad.width < 1000


@pytest.mark.parametrize("name", NASTY)
def test_names_are_text_and_never_markup(name):
    text = page_of(named(name))
    page = Page(text)
    assert {tag for tag, _ in page.elements} == {
        tag for tag, _ in Page(page_of(named("a"))).elements
    }
    assert not [attrs for _, attrs in page.elements if any(key.startswith("on") for key in attrs)]
    shown = unescape(escape_markup(name))
    assert f"out{shown}: temporary storage" in tooltips(picture_of(text))
    steps, _ = page.tables
    assert steps[1][0] == [shown]
    text.encode("utf-8")


@examples(40)
@given(st.text(max_size=120))
def test_any_name_gives_a_well_formed_picture_that_utf_8_can_hold(name):
    text = page_of(named(name))
    picture_of(text)
    Page(text)
    assert text.encode("utf-8").decode("utf-8") == text


@examples(100)
@given(st.text(max_size=200), st.integers(6, 40), st.integers(1, 4))
def test_a_label_keeps_to_its_room(name, cells, most):
    lines = label_lines(name, cells, most)
    assert 1 <= len(lines) <= most
    assert all(count_cells(line) <= cells for line in lines)


@examples(100)
@given(st.text("abc_.", max_size=60))
def test_a_label_that_fits_loses_nothing(name):
    assert "".join(label_lines(name, cells=20, most=60)) == name


def test_a_long_name_is_cut_in_the_box_and_whole_where_it_is_pointed_at():
    name = "namespace." + "very_" * 30 + "long"
    svg = picture_of(page_of(named(name)))
    assert name not in words(svg)
    assert any(text.endswith("long") and "…" in text for text in words(svg))
    assert any(title.startswith(name) for title in tooltips(svg))


def test_a_name_that_turns_the_direction_of_text_is_seen_as_it_is_written():
    plan = named("model\u202egpj.exe")
    page = page_of(plan)
    assert "\u202e" not in page
    assert "model\ufffdgpj.exe" in words(picture_of(page))
    family = "family: \U0001f468\u200d\U0001f469"
    assert escape_markup(family) == family


def test_names_that_differ_in_case_alone_are_two_rows():
    steps = tuple(PlannedStep(name, (name,)) for name in ("fit", "Fit", "FIT"))
    page = page_of(Plan("j", ("p",), steps, ()))
    assert [row[0] for row in Page(page).tables[0][1:]] == [["fit"], ["Fit"], ["FIT"]]
    assert len({step["id"] for step in data_of(page)["steps"]}) == 3


def test_a_node_may_be_called_like_a_row():
    steps = (PlannedStep("step-2", ("step-2",)), PlannedStep("fit", ("fit",)))
    ids = {step["id"] for step in data_of(page_of(Plan("j", ("p",), steps, ())))["steps"]}
    assert not ids & {"step-2", "fit"}


def test_texts_lie_inside_the_picture():
    svg = picture_of(page_of(named("企鹅" * 30)))
    width, height = int(svg.get("width")), int(svg.get("height"))
    for text in svg.iter(f"{SVG}text"):
        half = 6 * count_cells(text.text) / 2
        assert half <= int(text.get("x")) <= width - half
        assert 0 < int(text.get("y")) < height


def test_the_page_loads_nothing_and_tells_the_browser_so():
    text = page_of(TRAINING)
    page = Page(text)
    assert not {tag for tag, _ in page.elements} & {
        "link",
        "img",
        "iframe",
        "object",
        "base",
    }
    for tag, attrs in page.elements:
        for key in ("src", "href", "xlink:href", "data", "srcset", "action", "style"):
            assert attrs.get(key, "#").startswith("#"), (tag, key)
    assert "url(" not in text
    assert "@import" not in text
    assert set(re.findall(r"\w+://[^\"]*", text)) == {"http://www.w3.org/2000/svg"}  # a namespace
    (policy,) = [m["content"] for m in page.tags("meta") if "http-equiv" in m]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    scripts, styles = (set(rules.pop(key).split()) for key in ("script-src", "style-src"))
    assert rules == dict.fromkeys(("default-src", "base-uri", "form-action"), "'none'")
    assert styles == {hash_of(style) for style in re.findall(r"<style>(.*?)</style>", text, re.S)}
    assert scripts == {
        hash_of(script) for script in re.findall(r"<script>(.*?)</script>", text, re.S)
    }


def test_the_colours_follow_the_reader():
    style = picture_of(page_of(TRAINING)).find(f"{SVG}style").text
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    set_light = set(re.findall(r"(--[\w-]+):", light))
    assert set_light == set(re.findall(r"(--[\w-]+):", dark))
    assert set(re.findall(r"var\((--[\w-]+)\)", style)) <= set_light


@pytest.mark.parametrize("mode", [0, 1])
def test_texts_and_outlines_stand_out_from_their_ground(mode):
    style = picture_of(page_of(TRAINING)).find(f"{SVG}style").text
    part = style.split("@media")[mode].split(".plan text")[0]
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", part))
    grounds = ("page", "step", "version", "upload", "registered")
    for ground in grounds:
        assert contrast(colours["ink"], colours[ground]) >= 7
        assert contrast(colours["muted"], colours[ground]) >= 4.5
    for line in ("edge", "strong", *(f"{ground}-line" for ground in grounds[1:])):
        assert contrast(colours[line], colours["page"]) >= 3


def contrast(one, other):
    """Return the contrast ratio of WCAG 2.1."""

    def luminance(colour):
        digits = colour[1:] if len(colour) == 7 else "".join(d * 2 for d in colour[1:])
        parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lights = sorted([luminance(one), luminance(other)])
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_the_same_plan_gives_the_same_bytes_in_every_process():
    # Runs this file's plan in two processes whose sets and dicts are hashed differently.
    code = (
        "import importlib.util, sys\n"
        "spec = importlib.util.spec_from_file_location('plans', sys.argv[1])\n"
        "plans = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(plans)\n"
        "for plan in (plans.TRAINING, plans.chain(30, last_reads_first=True)):\n"
        "    sys.stdout.buffer.write(''.join(plans.render_plan_page(plan)).encode())\n"
    )
    pages = [
        subprocess.run(
            [sys.executable, "-c", code, __file__],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join(sys.path),  # that file's own imports
            },
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert b"</html>" in pages[0]
    assert pages[0] == pages[1]


def test_as_many_steps_as_one_can_look_at_are_drawn():
    page = page_of(chain(MOST_DRAWN, last_reads_first=True))
    assert page.count('class="shape step"') == MOST_DRAWN + 1  # and the one of the legend


def test_the_page_of_more_steps_has_tables_and_says_why_there_is_no_picture():
    text = page_of(chain(MOST_DRAWN + 1))
    page = Page(text)
    assert page.svgs == 0
    assert "There is no picture" in text
    assert [len(table) for table in page.tables] == [MOST_DRAWN + 2, MOST_DRAWN + 2]
    assert "--page:" in text  # the colours, which the picture carries otherwise


def test_the_page_grows_with_the_plan_and_not_with_its_square():
    def star(length):
        """Return a chain in which every step reads the first output too."""
        plan = chain(length)
        steps = [s._replace(reads=tuple(sorted({*s.reads, "d0"}))) for s in plan.steps[1:]]
        first = plan.datasets[0]._replace(read_by=tuple(step.name for step in steps))
        return replace(plan, steps=(plan.steps[0], *steps), datasets=(first, *plan.datasets[1:]))

    assert len(page_of(star(400))) < 2.2 * len(page_of(star(200)))


def test_a_plan_without_steps_has_a_page():
    text = page_of(Plan("empty", (), (), ()))
    assert "<p>0 steps.</p>" in text
    page = Page(text)
    assert [len(table) for table in page.tables] == [1, 1]


def test_a_bundle_holds_the_page_beside_the_plan(tmp_path):
    plan = Plan("j", ("p",), (PlannedStep("größe", ("größe",)),), ())
    write_bundle(tmp_path / "b", pipeline_yml="", plan=plan, project=tmp_path, code=None)
    assert (tmp_path / "b/plan.json").is_file()
    assert (tmp_path / "b" / PLAN_PAGE).read_bytes() == page_of(plan).encode()


@pytest.mark.parametrize("name", NASTY)
def test_the_data_of_the_script_ends_where_the_page_ends_it_and_holds_the_name(name):
    data = data_of(page_of(named(name)))
    (step,) = data["steps"]
    assert step["name"] == unescape(escape_markup(name))
    assert data["datasets"][0]["name"] == "in" + step["name"]


def test_the_data_of_the_script_refers_to_rows_of_the_tables():
    text = page_of(TRAINING)
    data = data_of(text)
    ids = {attrs["id"] for _, attrs in Page(text).elements if "id" in attrs}
    steps = {step["name"]: step for step in data["steps"]}
    assert {step["id"] for step in data["steps"]} | {one["id"] for one in data["datasets"]} <= ids
    names = {one["id"]: one["name"] for one in (*data["datasets"], *data["steps"])}
    assert [names[n] for n in steps["clean"]["reads"]] == ["raw", "rules"]
    assert [names[n] for n in steps["report"]["waits"]] == ["publish", "clean"]


def test_boxes_and_edges_of_the_picture_name_their_rows():
    svg = picture_of(page_of(TRAINING))
    ids = {e.get("data-id") for e in svg.iter() if "box" in e.get("class", "").split()}
    links = [e for e in svg.iter() if e.get("class") == "link"]
    assert {"step/1", "step/2", "step/3", "step/4"} <= ids
    assert ("data/4", "step/1") in {(e.get("data-from"), e.get("data-to")) for e in links}
    assert {end for e in links for end in (e.get("data-from"), e.get("data-to"))} <= ids


def test_details_of_a_step_are_in_the_table_and_in_the_data():
    details = PageDetails(
        {"fit": StepDetails("gpu-cluster", "env@latest", "python -m x", yaml="fit:\n  a: 1")},
        {},
        (FindingNote("warning", "odd", "fit", "fit: is <odd>."),),
    )
    text = "".join(render_plan_page(TRAINING, details))
    table, _ = Page(text).tables
    assert table[0][-1] == ["Runs on"]
    assert table[3][-1] == ["gpu-cluster"]
    assert 'warning <code>odd</code> <a href="#step/3">fit</a>: fit: is &lt;odd&gt;.' in text
    data = data_of(text)
    (step,) = [step for step in data["steps"] if step["name"] == "fit"]
    assert (step["environment"], step["command"]) == ("env@latest", "python -m x")
    assert step["yaml"] == "fit:\n  a: 1"
    assert [finding["id"] for finding in data["findings"]] == ["step/3"]
