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


@pytest.mark.parametrize("fragment", ["#train.step_4", "#step:train.step_4", "#step/5"])
def test_a_link_to_a_step_opens_it(show, fragment):
    page = show("plan-500" if fragment != "#step/5" else "plan-10", fragment=fragment)
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
    assert page.locator("[id='log-step/4']").get_by_text("line of 3").is_visible()
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
    page = show(file.stem, fragment="#step/1")
    heading = page.locator(".panel h2").text_content()
    assert heading == make_visible(name)
    assert "</script><img src=x onerror=alert(1)>" in page.locator(".panel").text_content()
    assert page.locator("img").count() == 0


HASHES = ["#<img src=x onerror=alert(1)>", "#%", "#%E0%A4%A", "#step:", "#nobody", "#constructor"]
HASHES += ["#__proto__", "#toString:x", "#step:__proto__", "#data/999", "#" + "x" * 100_000]


@pytest.mark.parametrize("fragment", HASHES, ids=range(len(HASHES)))
def test_a_link_to_what_is_not_there_opens_nothing_and_the_page_works(show, fragment):
    page = show("plan-10", fragment=fragment)
    assert not page.locator(".panel").is_visible()
    page.evaluate("location.hash = '#step:train.step_4'")
    page.locator(".panel h2", has_text="train.step_4").wait_for()


@pytest.fixture(scope="module")
def odd_pages(pages):
    """Write pages of odd plans and runs beside the others."""
    names = ["__proto__", "constructor", "step-2", "fit", "Fit", "hasOwnProperty.valueOf"]
    names += [f"{'long' * 250}.{end}" for end in ("one", "two")]
    names += [f"{chr(0x1F427) * 40}.{end}" for end in ("one", "two")]
    names += ["fit\u202e", "fit\u2066"]
    odd = Plan("odd" * 300, ("p" * 300,), tuple(PlannedStep(n, (n,)) for n in names), ())
    one = Plan("one", ("p",), (PlannedStep("fit", ("fit",)),), ())
    empty = Plan("empty", (), (), ())
    states = ["completed", "failed", "canceled", "skipped", "reused", "Running", "", "Défunt"]
    steps = {
        name: StepRun(state, start, took, "no", "\x1b[31mred ]]> </script>", "log.txt")
        for name, state, start, took in zip(
            names, states, [-5.0, 0.0, 1.0, None, 2.0, 3.0, 4.0, 1e9],
            [2.0, -1.0, None, 4.0, 0.0, 1e9, 0.001, 1e-9], strict=False,
        )
    }  # fmt: skip
    run = RunFacts("Simulation", "canceled", steps=steps, note="n" * 500, duration_s=-1.0)
    texts = {"odd": render_plan_page(odd), "run-odd": render_run_page(odd, run)}
    texts |= {"one": render_plan_page(one), "empty": render_plan_page(empty)}
    texts["run-empty"] = render_run_page(empty, RunFacts("Job x in Azure ML", "Preparing"))
    for name, text in texts.items():
        (pages / f"{name}.html").write_text("".join(text), encoding="utf-8")
    return names


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["odd", "run-odd", "one", "empty", "run-empty"])
def test_odd_plans_and_runs_have_a_page_without_faults(show, odd_pages, name, size):
    page = show(name, size)
    for button in ("Zoom in", "Zoom out", "The whole picture"):
        page.get_by_role("button", name=button).click()
    if page.get_by_text("Collapse namespaces").count():
        page.get_by_text("Collapse namespaces").click()
    found = axe.Axe().run(page).response
    assert [(rule["id"], rule["nodes"][0]["target"]) for rule in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]


def test_each_of_names_that_look_alike_or_belong_to_javascript_has_its_own_address(show, odd_pages):
    page = show("odd")
    for number, name in enumerate(odd_pages):
        page.evaluate("id => { location.hash = id; }", f"#step/{number + 1}")
        page.locator(".panel h2", has_text=make_visible(name)).wait_for()
        address = page.evaluate("location.hash")
        page.evaluate("location.hash = ''")
        page.keyboard.press("Escape")
        page.evaluate("hash => { location.hash = hash; }", address)
        assert page.evaluate("document.querySelector('.chosen').dataset.id") == f"step/{number + 1}"


def test_a_zoom_ends_and_nobody_gets_lost_beside_the_picture(show, odd_pages):
    for name in ("one", "plan-10"):
        page = show(name)
        svg = page.locator("svg.plan")
        for button in ("Zoom in", "Zoom out", "Zoom in"):
            before = float(svg.get_attribute("viewBox").split()[2])
            page.get_by_role("button", name=button).click()
            after = float(svg.get_attribute("viewBox").split()[2])
            assert after < before if button == "Zoom in" else after > before
        for _ in range(30):
            page.get_by_role("button", name="Zoom in").click()
        assert float(svg.get_attribute("viewBox").split()[2]) >= 20
        place = page.locator(".picture").bounding_box()
        for _ in range(30):
            page.mouse.move(place["x"] + 10, place["y"] + 10)
            page.mouse.down()
            page.mouse.move(place["x"] + 600, place["y"] + 300, steps=2)
            page.mouse.up()
        x, y, width, height = map(float, svg.get_attribute("viewBox").split())
        assert (x + width / 2, y + height / 2) >= (0, 0)


def test_paper_shows_the_whole_picture_and_no_tool(show):
    page = show("plan-500", fragment="#train.step_250")
    page.get_by_role("button", name="Zoom in").click()
    seen = page.locator("svg.plan").get_attribute("viewBox")
    page.evaluate(
        """() => addEventListener("afterprint", () => {
             window.printed = document.querySelector("svg.plan").getAttribute("viewBox");
           }, true)"""
    )
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    box = page.locator("svg.plan").bounding_box()
    whole = page.locator("svg.plan").get_attribute("viewBox")
    assert whole.startswith("0 0 ")
    assert whole != seen
    assert box["width"] > 1000
    assert not page.locator(".tools").is_visible()
    assert not page.locator(".panel").is_visible()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("svg.plan").get_attribute("viewBox") == seen


def test_what_has_to_be_done_is_said_in_the_words_of_the_page_that_is_there(show):
    assert "Hover over a box" in show("plan-10", script=False).locator("main").inner_text()
    text = show("plan-10").locator("main").inner_text()
    assert "Hover" not in text
    assert "Click a box, or press Enter on it, for the reason." in text


def test_the_keyboard_alone_expands_a_namespace_and_goes_on_there(show):
    page = show("plan-10")
    page.get_by_text("Collapse namespaces").press("Enter")
    page.get_by_label("train (3 steps)").press("Space")
    page.locator(".box.group").press("Enter")
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == "step train.step_1"


def test_a_click_without_a_pointer_works_after_a_drag(show):
    page = show("plan-10")
    place = page.locator(".picture").bounding_box()
    page.mouse.move(place["x"] + 20, place["y"] + 20)
    page.mouse.down()
    page.mouse.move(place["x"] + 120, place["y"] + 70, steps=4)
    page.mouse.up()
    assert not page.locator(".panel").is_visible()
    box(page, "step train.step_1").dispatch_event("click")
    assert page.locator(".panel").is_visible()


def test_two_fingers_zoom_and_one_moves(show, browser):
    page = show("plan-10", "phone")
    svg = page.locator("svg.plan")
    place = page.locator(".picture").bounding_box()
    x, y = place["x"] + 150, place["y"] + 150
    client = page.context.new_cdp_session(page)

    def touch(kind, *points):
        at = [{"x": px, "y": py, "id": n} for n, (px, py) in enumerate(points)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    def view():
        return [float(number) for number in svg.get_attribute("viewBox").split()]

    before = view()
    touch("touchStart", (x, y), (x + 40, y))
    for far in (60, 90, 120):
        touch("touchMove", (x, y), (x + far, y))
    touch("touchEnd")
    zoomed = view()
    assert zoomed[2] < before[2] * 0.6
    touch("touchStart", (x, y))
    for far in (20, 40, 60):
        touch("touchMove", (x - far, y))
    touch("touchEnd")
    assert view()[0] > zoomed[0]
    assert not page.locator(".panel").is_visible()


def test_on_a_phone_a_touch_shows_the_panel_in_the_window(show):
    page = show("plan-10", "phone")
    box(page, "step prepare.step_0").click()
    heading = page.locator(".panel h2").bounding_box()
    assert 0 <= heading["y"] <= SIZES["phone"][1] - heading["height"]


def test_a_search_leaves_out_other_rows_of_what_ran_when(show):
    page = show("run-10")
    page.get_by_label("Search").fill("step_7")
    rows = page.locator("#what-ran-when + .table tbody tr:visible")
    assert rows.count() == 1


def test_a_run_without_scripts_shows_states_times_and_logs(show):
    page = show("run-10", script=False)
    text = page.locator("main").inner_text()
    assert "failed, 1.5 s" in page.locator("svg.plan").text_content()
    for shown in ("What ran when", "Compared data", "line of 3"):
        assert shown in text
