"""Check the built documentation site, and list its links to other sites without requesting them.

Every link inside the site must lead to a file, and to an anchor where it names one. Nothing that a
browser loads by itself (script, style, font, picture, frame) may come from another host.
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADING = ("action", "background", "data", "formaction", "href", "poster", "src", "xlink:href")
"""Attributes whose address a browser loads; `href` of `a` and `area` waits for a click."""
CLICKED = ("a", "area")
SILENT = {"alternate", "author", "canonical", "help", "license", "next", "prev", "search"}
"""Relations of `link` that no browser loads."""
IN_SRCSET = re.compile(r"(\S*[^,\s])(?:\s+[\d.]+[wx])?\s*(?:,|$)")
IN_CSS = re.compile(
    r"""(?:url\(|image-set\(|@import)\s*["']?\s*((?:https?:)?//[^\s"')]+)""", re.IGNORECASE
)
INSIDE = "data:", "blob:", "about:"


class Page(HTMLParser):
    """The anchors of a page, what it links to, and what it loads; `line` for each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = {"", "top"}
        self.links: list[tuple[int, str]] = []
        self.loads: list[tuple[int, str]] = []
        self._in_style = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the addresses of a tag, and its anchor."""
        line, values = self.getpos()[0], {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        self._collect_css(line, values.get("style", ""))
        if tag in CLICKED:
            self.links += [(line, values["href"])] if "href" in values else []
        elif tag == "link" and set(values.get("rel", "").lower().split()) <= SILENT:
            self.links.append((line, values.get("href", "")))
        elif tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.loads.append((line, values.get("content", "").partition("=")[2].strip("'\" ")))
        else:
            found = [values[name] for name in LOADING if values.get(name)]
            for name in ("imagesrcset", "srcset"):
                found += IN_SRCSET.findall(values.get(name, ""))
            self.loads += [(line, address) for address in found]

    def handle_endtag(self, tag: str) -> None:
        """Leave a style sheet."""
        self._in_style = self._in_style and tag != "style"

    def handle_data(self, data: str) -> None:
        """Collect what a style sheet in the page loads."""
        if self._in_style:
            self._collect_css(self.getpos()[0], data)

    def _collect_css(self, line: int, text: str) -> None:
        self.loads += [(line, address) for address in IN_CSS.findall(text)]


def check_site(site: Path) -> tuple[list[str], dict[str, list[str]]]:
    """Return the problems of a site, and the pages of each link that leaves it.

    Args:
        site: The folder that holds `index.html`.
    """
    site = site.resolve()
    pages = {file: Page(file.read_text(encoding="utf-8")) for file in sorted(site.rglob("*.html"))}
    problems = [] if pages else [f"{site}: no pages; build them with: nox -s site"]
    leaving: dict[str, list[str]] = {}
    for file, page in pages.items():
        name = file.relative_to(site).as_posix()
        for line, address in page.loads:
            if _is_foreign(address):
                problems.append(f"{name}:{line}: loads {address}; serve it from the site")
            elif not address.startswith(INSIDE):
                problem = _find_problem(address, file, site, pages)
                problems += [f"{name}:{line}: {problem}"] if problem else []
        for line, address in page.links:
            if _is_foreign(address):
                leaving.setdefault(address, []).append(name)
            elif not address.lower().startswith("mailto:"):
                problem = _find_problem(address, file, site, pages)
                problems += [f"{name}:{line}: {problem}"] if problem else []
    for file in sorted(site.rglob("*.css")):
        name = file.relative_to(site).as_posix()
        found = IN_CSS.findall(file.read_text(encoding="utf-8"))
        problems += [f"{name}: loads {address}; serve it from the site" for address in found]
    return problems, leaving


def _is_foreign(address: str) -> bool:
    return address.strip().lower().startswith(("http:", "https:", "//"))


def _find_problem(address: str, file: Path, site: Path, pages: dict[Path, Page]) -> str | None:
    parts = urlsplit(address)
    if parts.scheme:
        return f"{address} is an address neither of this site nor of the web"
    if parts.path.startswith("/"):
        return f"{address} fails where the site is below another; write a relative address"
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    if target.is_dir():
        target /= "index.html"
    if not target.is_file() or not target.is_relative_to(site):
        return f"{address} leads to no file of the site"
    if target in pages and unquote(parts.fragment) not in pages[target].anchors:
        return f"{address} leads to no anchor of {target.relative_to(site).as_posix()}"
    return None


def main(site: Path, listed: Path) -> None:
    """Check a site, write the list of the links that leave it, and fail on problems."""
    problems, leaving = check_site(site)
    lines = [
        f"{address}  on {pages[0]}" + (f" and {len(pages) - 1} more" if pages[1:] else "") + "\n"
        for address, pages in sorted((address, sorted({*on})) for address, on in leaving.items())
    ]
    listed.write_text("".join(lines), encoding="utf-8", newline="\n")
    if problems:
        sys.exit("\n".join(problems))
    print(f"Links to other sites, not requested: {len(leaving)}, listed in {listed}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
