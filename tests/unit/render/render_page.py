"""A parsed page, for tests that ask what is on it."""

from __future__ import annotations

from html.parser import HTMLParser

from conformity.render.assets import script

VOID = {"meta", "br", "link", "img", "input", "hr", "base", "col"}


class Page(HTMLParser):
    """What a page holds: ids, links, addresses it would load, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.loads: list[tuple[str, str]] = []
        self.events: list[str] = []
        self.words = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag; of scripts only those that are not the report's own."""
        if tag != "script" or attrs:
            self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name in ("src", "srcset", "poster", "data", "action", "xlink:href"):
                self.loads.append((tag, value or ""))
            elif name.startswith("on"):
                self.events.append(name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself, as in SVG."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Check that tags close in order."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the words; a script that is not the report's own is noted."""
        if self.open and self.open[-1] == "script":
            if data != script().text:
                self.tags.add("script")
            return
        if self.open and self.open[-1] != "style":
            self.words += data + " "
