"""Ask the built site's own search the questions that people have, in Chromium.

For each question: its page must be found first, and be at most two clicks from the front page.
"""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

QUESTIONS = {
    "how do I give a step a database password": "how-to/credentials.html",
    "why is my step's output empty": "how-to/empty-output.html",
    "how do I move from kedro-azureml": "how-to/migrating.html",
}
CLICKS = 2
RESULT = re.compile(r'<li class="kind-[^"]*"><a href="([^"]+)"')
BROWSERS = "chromium", "chromium-browser", "google-chrome"


class Links(HTMLParser):
    """The addresses that a page's links name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the address of a link."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def search(browser: str, site: Path, question: str) -> list[str]:
    """Return the pages that the site's search finds, the first one first."""
    address = f"{(site / 'search.html').as_uri()}?q={quote(question)}"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=9000"]
    command += ["--allow-file-access-from-files", "--dump-dom", address]
    page = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    return [unquote(urlsplit(found).path) for found in RESULT.findall(page)]


def count_clicks(site: Path, page: str) -> int | None:
    """Return how many links lead from the front page to another one; None if none do."""
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
    return distances.get(site / page)


def main(site: Path) -> None:
    """Print rank and clicks of each question, and fail where one is not found first."""
    site = site.resolve()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("The search cannot be tried: no Chromium is installed (apt install chromium).")
    failed = False
    for question, page in QUESTIONS.items():
        found, clicks = search(browser, site, question), count_clicks(site, page)
        rank = found.index(page) + 1 if page in found else None
        print(f"{question}: {page}, rank {rank} of {len(found)}, clicks {clicks}")
        failed |= rank != 1 or clicks is None or clicks > CLICKS
    if failed:
        sys.exit("A question does not lead to its page: look at its words and at the front page.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
