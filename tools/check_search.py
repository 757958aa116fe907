"""Ask the built site's own search the questions that people have, in Chromium.

For each question and each phrase of `docs/searches.yml`: its page must be found first, and be at
most two clicks from the front page.
"""

import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote, urlsplit

import yaml

QUESTIONS = {
    "how do I give a step a database password": "how-to/credentials.html",
    "why is my step's output empty": "how-to/empty-output.html",
    "how do I move from kedro-azureml": "how-to/migrating.html",
}
"""Questions of a sentence; `docs/searches.yml` has what else people type."""
SEARCHES = Path(__file__).parents[1] / "docs/searches.yml"
CLICKS = 2
ANSWER = re.compile(r'<li class="answer">([^<]*)</li>')
BROWSERS = "chromium", "chromium-browser", "google-chrome"


ASKING = """<!DOCTYPE html><meta charset="utf-8"><ol></ol><script>
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const ask = async (address) => {
  const frame = document.createElement("iframe");
  frame.src = address;
  const loaded = new Promise((done) => frame.addEventListener("load", done));
  document.body.append(frame);
  await loaded;
  let summary = "";
  for (let turn = 0; turn < 200 && !/found|did not match/.test(summary); turn += 1) {
    await pause(50);
    summary = frame.contentDocument.querySelector(".search-summary")?.textContent || "";
  }
  await pause(500); // the list is filled piece by piece
  const links = frame.contentDocument.querySelectorAll("#search-results ul.search > li > a");
  const answer = document.createElement("li");
  answer.className = "answer";
  answer.textContent = [...links].map((link) => link.href).join(" ");
  document.querySelector("ol").append(answer);
  frame.remove();
};
(async () => { for (const address of ADDRESSES) await ask(address); })();
</script>"""
"""A page that shows the search of the site for each question, one after the other."""


class Links(HTMLParser):
    """The addresses that a page's links name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the address of a link."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def search(browser: str, site: Path, questions: Iterable[str]) -> list[list[str]]:
    """Return the pages that the site's search finds for each question, the first one first."""
    addresses = [f"{(site / 'search.html').as_uri()}?q={quote(asked)}" for asked in questions]
    with TemporaryDirectory() as folder:
        asking = Path(folder, "asking.html")
        asking.write_text(ASKING.replace("ADDRESSES", json.dumps(addresses)), encoding="utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
        command += ["--virtual-time-budget=600000", "--allow-file-access-from-files"]
        command += [f"--user-data-dir={folder}/profile", asking.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    found = [html.unescape(line) for line in ANSWER.findall(done.stdout)]
    if len(found) != len(addresses):
        sys.exit(f"Only {len(found)} of {len(addresses)} searches have ended: {done.stderr[-500:]}")
    prefix = f"{site.as_uri()}/"
    return [
        [unquote(urlsplit(each).path) for each in line.replace(prefix, "").split()]
        for line in found
    ]


def count_clicks(site: Path) -> dict[Path, int]:
    """Return how many links lead from the front page to each page that they lead to."""
    distances, waiting = {site / "index.html": 0}, [site / "index.html"]
    while waiting:
        file = waiting.pop(0)
        for address in Links(file.read_text(encoding="utf-8")).found:
            parts = urlsplit(address)
            target = (file.parent / unquote(parts.path)).resolve()
            if parts.scheme or target in distances or target.suffix != ".html":
                continue
            distances[target] = distances[file] + 1
            waiting += [target] if target.is_file() else []
    return distances


def main(site: Path) -> None:
    """Print rank and clicks of each question, and fail where one is not found first."""
    site = site.resolve()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("The search cannot be tried: no Chromium is installed (apt install chromium).")
    asked = dict(QUESTIONS)
    for expected in yaml.safe_load(SEARCHES.read_text(encoding="utf-8")):
        page = expected["page"].partition("#")[0].removesuffix(".md") + ".html"
        asked |= dict.fromkeys(expected["phrases"], page)
    failed, distances = 0, count_clicks(site)
    for (question, page), found in zip(asked.items(), search(browser, site, asked), strict=True):
        clicks = distances.get(site / page)
        rank = found.index(page) + 1 if page in found else None
        print(f"{question}: {page}, rank {rank} of {len(found)}, clicks {clicks}")
        failed += rank != 1 or clicks is None or clicks > CLICKS
    print(f"{len(asked)} searches, {failed} of which do not lead to their page")
    if failed:
        sys.exit("Look at the words of these pages, at docs/searches.yml and at the front page.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
