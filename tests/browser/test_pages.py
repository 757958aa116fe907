"""The pages in Chromium: each feature, no console error, no request, and axe's rules."""

import os
import shutil
from pathlib import Path

import pytest
from drawn_plans import NASTY, named
from kedro_azureml_compiler import (
    AssetFacts,
    ComparedData,
    Flow,
    Plan,
    PlannedDataset,
    PlannedStep,
    RunFacts,
    StepRun,
    render_plan_page,
    render_run_page,
)
from kedro_azureml_compiler.drawing.details import (
    FindingNote,
    NodeDetails,
    PageDetails,
    StepDetails,
)
from kedro_azureml_compiler.drawing.labels import make_visible

playwright = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.browser

SIZES = {"desk": (1280, 800), "phone": (390, 844)}
SPACES = ("prepare", "train", "report")


def plan_of(length):
    """Give a plan of ten rows of steps in three namespaces."""
    across = max(1, length // 10)
    names = [f"{SPACES[n % 3]}.step_{n}" for n in range(length)]
    steps = tuple(
        PlannedStep(
            name, (name,), reads=(f"d{n - across}" if n >= across else "raw",), writes=(f"d{n}",)
        )
        for n, name in enumerate(names)
    )
    readers = {}
    for step in steps:
        readers.setdefault(step.reads[0], []).append(step.name)
    datasets = [
        PlannedDataset(
            f"d{n}", Flow.STEP_OUTPUT, "temporary storage", name, tuple(readers.get(f"d{n}", ()))
        )
        for n, name in enumerate(names)
    ]
    asset = AssetFacts("raw", "1", is_file=True, root_dir="data", file="raw.csv")
    raw = PlannedDataset("raw", Flow.VERSION, "version '1'", None, tuple(readers["raw"]), asset)
    return Plan("training", ("train",), steps, (*datasets, raw))


def details_of(plan):
    steps = {
        step.name: StepDetails(
            "cpu-cluster",
            "penguins-env@latest",
            f"python .kedro-azureml {step.name}",
            (f"reads {step.reads[0]}: ro_mount",),
            "step:\n  type: command",
            (NodeDetails(step.name, (("raw", "data/raw.csv"),)),),
        )
        for step in plan.steps
    }
    finding = FindingNote("warning", "odd", plan.steps[0].name, "It is <b>odd</b>.")
    return PageDetails(steps, {"raw": "data/raw.csv"}, (finding,))


def run_of(plan):
    steps = {
        step.name: StepRun("failed" if n == 3 else "completed", float(n), 1.5, "", f"line of {n}")
        for n, step in enumerate(plan.steps[:-2])
    }
    compared = (ComparedData("d0", "same", "the same bytes"),)
    return RunFacts("Simulation", "failed", "2026-11-29", 60.0, steps, compared)


@pytest.fixture(scope="module")
def browser():
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert program, "Chromium is needed: apt-get install chromium"
    with playwright.sync_playwright() as tool:
        # Without its sandbox, which root may not have.
        browser = tool.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for length in (10, 500):
        plan = plan_of(length)
        lines = {
            "plan": render_plan_page(plan, details_of(plan)),
            "run": render_run_page(plan, run_of(plan), details_of(plan)),
        }
        for name, page in lines.items():
            (folder / f"{name}-{length}.html").write_text("".join(page), encoding="utf-8")
    return folder


@pytest.fixture
def show(browser, pages):
    """Open a page; afterwards there was no console message, no error and no request."""
    contexts, heard = [], []

    def show(name, size="desk", scheme="light", *, script=True, fragment=""):
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        address = Path(pages / f"{name}.html").as_uri()
        page.on(
            "request",
            lambda request: heard.append(request.url) if request.url != address else None,
        )
        page.goto(address + fragment)
        return page

    yield show
    for context in contexts:
        context.close()
    assert [text for text in heard if not text.startswith("file:")] == []


def box(page, name):
    return page.locator(f'.box[aria-label="{name}"]')


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["plan-10", "run-10", "plan-500", "run-500"])
def test_axe_finds_nothing_and_the_page_is_not_wider_than_its_window(show, name, scheme, size):
    page = show(name, size, scheme, fragment="#prepare.step_0")
    found = axe.Axe().run(page).response
    undecided = [f"{rule['id']} ({len(rule['nodes'])})" for rule in found["incomplete"]]
    print(f"{name} {size} {scheme}: axe cannot decide {', '.join(undecided) or 'nothing'}")
    assert [(rule["id"], rule["nodes"][0]["target"]) for rule in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]


def test_a_click_opens_the_panel_and_escape_closes_it(show):
    page = show("plan-10")
    box(page, "step train.step_1").click()
    panel = page.locator(".panel")
    text = panel.inner_text()
    command = "python .kedro-azureml train.step_1"
    for shown in ("train.step_1", "Runs on", "cpu-cluster", "penguins-env@latest", "ro_mount"):
        assert shown in text
    for shown in (command, "type: command", "data/raw.csv"):
        assert shown in text
    assert page.url.endswith("#step:train.step_1")
    page.keyboard.press("Escape")
    assert not panel.is_visible()


def test_a_dataset_says_what_it_becomes_and_why(show):
    page = show("plan-10")
    box(page, "dataset raw").click()
    text = page.locator(".panel").inner_text()
    assert "Becomes" in text
    assert "version '1'" in text


def test_findings_are_shown_in_place_and_as_text(show):
    page = show("plan-10", fragment="#prepare.step_0")
    assert "It is <b>odd</b>." in page.locator(".panel").inner_text()


@pytest.mark.parametrize("fragment", ["#train.step_4", "#step:train.step_4", "#step-5"])
def test_a_link_to_a_step_opens_it(show, fragment):
    page = show("plan-500" if fragment != "#step-5" else "plan-10", fragment=fragment)
    assert page.locator(".panel h2").inner_text() == "train.step_4"


def test_what_is_up_and_downstream_is_highlighted_and_the_rest_dimmed(show):
    page = show("plan-500", fragment="#step:prepare.step_0")
    near = page.locator(".box.near").count()
    assert near == 9 + 10 + 1  # the steps of its row, their outputs, and raw
    assert page.locator(".box.dim").count() == 500 + 501 - near - 1


def test_the_keyboard_reaches_boxes_and_opens_them(show):
    page = show("plan-10")
    assert page.locator('.box[tabindex="0"]').count() == 1
    page.locator('.box[tabindex="0"]').focus()
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") != first
    page.keyboard.press("Enter")
    assert page.locator(".panel").is_visible()


def test_a_search_finds_steps_and_files_and_enter_opens_what_was_found(show):
    page = show("plan-10")
    page.get_by_label("Search").fill("step_7")
    assert page.get_by_role("status").inner_text() == "1 found"
    assert page.locator("tbody tr:visible").count() == 1
    page.keyboard.press("Enter")
    assert page.locator(".panel h2").inner_text() == "train.step_7"
    page.get_by_label("Search").fill("data/raw.csv")
    assert int(page.get_by_role("status").inner_text().split()[0]) > 1


def test_filters_hide_a_kind_with_its_edges(show):
    page = show("plan-10")
    page.locator('.legend li[data-look="output"] input').uncheck()
    assert page.locator('.box[data-look="output"]:not(.off)').count() == 0
    assert page.locator(".link:not(.off)").count() == 1  # from raw


def test_a_namespace_collapses_to_one_box_and_expands_again(show):
    page = show("plan-10")
    page.get_by_text("Collapse namespaces").click()
    page.get_by_label("train (3 steps)").check()
    assert page.locator('.box[data-look="step"]:not(.off)').count() == 10 - 3
    page.locator(".box.group").press("Enter")
    assert page.locator('.box[data-look="step"]:not(.off)').count() == 10


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_picture_is_the_whole_at_500_steps(show, size):
    page = show("plan-500", size)
    page.get_by_role("button", name="The whole picture").click()
    outside = page.evaluate(
        """() => {
          const frame = document.querySelector(".picture").getBoundingClientRect();
          return [...document.querySelectorAll(".box")].filter((box) => {
            const rect = box.getBoundingClientRect();
            return rect.left < frame.left || rect.right > frame.right
              || rect.top < frame.top || rect.bottom > frame.bottom;
          }).length;
        }"""
    )
    assert outside == 0


def test_zoom_and_drag_change_what_is_seen(show):
    page = show("plan-10")
    svg = page.locator("svg.plan")
    before = [float(number) for number in svg.get_attribute("viewBox").split()]
    page.get_by_role("button", name="Zoom in").click()
    zoomed = [float(number) for number in svg.get_attribute("viewBox").split()]
    assert zoomed[2] < before[2]
    place = page.locator(".picture").bounding_box()
    page.mouse.move(place["x"] + 20, place["y"] + 20)
    page.mouse.down()
    page.mouse.move(place["x"] + 120, place["y"] + 70, steps=4)
    page.mouse.up()
    moved = [float(number) for number in svg.get_attribute("viewBox").split()]
    assert moved[0] < zoomed[0]
    assert not page.locator(".panel").is_visible()


def test_without_scripts_there_is_the_picture_and_no_tool(show):
    page = show("plan-500", script=False)
    assert page.locator("svg.plan").is_visible()
    assert page.locator(".tools").count() == 0
    page.get_by_label("show the whole picture").check()
    assert page.locator("svg.plan").bounding_box()["width"] <= 1280


def test_a_run_shows_states_times_logs_and_compared_data(show):
    page = show("run-10", fragment="#prepare.step_3")
    text = page.locator(".panel").inner_text()
    assert "failed" in text
    assert "1.5 s" in text
    page.get_by_role("link", name="Last lines of the log").click()
    assert page.locator("#log-step-4").get_by_text("line of 3").is_visible()
    assert page.locator(".timeline .bar").count() == 8
    assert "the same bytes" in page.locator("#compared-data + .table").inner_text()


@pytest.mark.parametrize("number", range(len(NASTY)))
def test_hostile_names_and_values_are_shown_as_text(show, pages, number):
    name = NASTY[number]
    plan = named(name)
    value = f"{name}</script><img src=x onerror=alert(1)>"
    details = PageDetails({name: StepDetails(value, value, value, (value,), value)})
    file = pages / f"hostile-{number}.html"
    file.write_bytes("".join(render_plan_page(plan, details)).encode("utf-8", "replace"))
    page = show(file.stem, fragment="#step-1")
    heading = page.locator(".panel h2").text_content()
    assert heading == make_visible(name)
    assert "</script><img src=x onerror=alert(1)>" in page.locator(".panel").text_content()
    assert page.locator("img").count() == 0
