#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks of the reference what Doxygen does not.

check_reference.py <include/toro> <output of Doxygen> tells what is wrong:

- an asynchronous function whose text lacks a section, or has it elsewhere, or
  that stands behind another function of its class;
- a class or a function that no line says in brief what it is;
- a class that does not show what it inherits;
- a name of namespace detail on a page;
- what only the compiler needs, in a signature;
- a link to a page, or to a place on a page, that is not there;
- a heading of a page without an anchor of its own;
- a word that the search does not find.
"""

import html
import re
import sys
import xml.etree.ElementTree as xml
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

SECTIONS = ["Completion Signature", "Errors", "Executor",
            "Per-Operation Cancellation", "Thread Safety", "Complexity",
            "Exception Safety", "Example"]

# What readers look for, by the beginning of a title or a name.
SOUGHT = ["mutex", "channel", "barrier", "timeout", "install", "future",
          "condition_variable", "select", "latch", "deadlock", "getting started",
          "tutorial", "recipes", "cancel", "async_acquire", "promise", "nursery",
          "gate", "timer", "stack"]

OF_PRIMITIVES = {"get_executor", "cancel", "waiters", "to_string"}
OF_GUARDS = {"reset", "detach", "operator bool"}
OF_READERS = {"get_executor", "get"}
OF_SUBSCRIPTIONS = {"get_executor", "try_get", "lost"}


class Page(HTMLParser):
    """The anchors of a page, and where its links lead."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links = set(), set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)
            elif name in ("href", "src"):
                self.links.add(value)


def sections(function):
    """The headings of a function's text that have text below them."""
    return [part.findtext("title")
            for part in function.iterfind("detaileddescription//simplesect")
            if part.get("kind") == "par"
            and any("".join(p.itertext()).strip() for p in part.iterfind("para"))]


def is_described(element):
    return "".join(element.find("briefdescription").itertext()).strip()


def class_faults(name, functions):
    """What is wrong with the functions of a class."""
    names = {f.findtext("name") for f in functions}
    expected = OF_PRIMITIVES
    if name.endswith(("guard", "permit", "room", "work")):
        expected = OF_GUARDS
    elif name.endswith("reader"):
        expected = OF_READERS
    elif name.endswith("subscription"):
        expected = OF_SUBSCRIPTIONS
    for missing in sorted(expected - names):
        yield f"{name} does not show {missing}"
    for function in functions:
        if not is_described(function):
            yield f"{name}::{function.findtext('name')} has no brief text"
        if (function.findtext("name").startswith("async_")
                and sections(function) != SECTIONS):
            yield (f"{name}::{function.findtext('name')}"
                   f"{function.findtext('argsstring')} has the sections "
                   f"{sections(function)} and not {SECTIONS}")


def order_faults(name, functions):
    """What is wrong with the order of the functions of a class."""
    is_async = [f.findtext("name").startswith("async_") for f in functions]
    if is_async != sorted(is_async, reverse=True):
        yield f"{name} has not its asynchronous functions first"


def free_functions(output):
    """The functions of the namespace."""
    compound = xml.parse(output / "namespacetoro.xml").find("compounddef")
    return [m for m in compound.iter("memberdef")
            if m.get("kind") == "function"]


def function_faults(headers, output):
    """What is wrong with the primitives and their guards."""
    classes = {}
    for path in sorted(output.glob("class*.xml")):
        compound = xml.parse(path).find("compounddef")
        name = compound.findtext("compoundname").replace(" ", "")
        classes[name] = [m for m in compound.iter("memberdef")
                         if m.get("prot") == "public"
                         and m.get("kind") in ("function", "friend")]
        if not is_described(compound):
            yield f"{name} has no brief text"
    shown = {f.findtext("name") for c in classes.values() for f in c}
    for function in free_functions(output):
        name = function.findtext("name")
        shown.add(name)
        if name.startswith("async_") and (sorted(sections(function))
                                              != sorted(SECTIONS)):
            yield (f"{name} has the sections {sections(function)} "
                   f"and not {SECTIONS}")

    declared = re.findall(r"^class (basic_\w+);$",
                          (headers / "fwd.hpp").read_text(), re.M)
    for name in declared or ["basic_*"]:
        if f"toro::{name}" not in classes:
            yield f"{name} has no page"
    for name, functions in sorted(classes.items()):
        if name.startswith("toro::basic_"):
            yield from class_faults(name, functions)
            yield from order_faults(name, functions)

    written = "".join(p.read_text() for p in sorted(headers.rglob("*.hpp")))
    for name in sorted(set(re.findall(r"\bauto (async_\w+)\(", written))):
        if name not in shown:
            yield f"{name} is on no page"


def page_faults(output):
    """What is wrong with the pages and the links between them."""
    pages = {p.name: Page(p) for p in sorted(output.glob("*.html"))}
    if "index.html" not in pages:
        yield "there is no main page"
    menu = re.findall(r'url:"(.*?)"', (output / "menudata.js").read_text())
    links = [("the menu", url) for url in menu]
    links += [(name, url) for name, page in pages.items() for url in page.links]
    for name, url in links:
        where = urlsplit(url)
        if where.scheme or not (where.path or where.fragment):
            continue
        target, anchor = where.path or name, unquote(where.fragment)
        if not (output / target).exists():
            yield f"{name} links to {target}, which is not there"
        elif anchor and anchor not in pages[target].anchors:
            yield f"{name} links to {anchor} on {target}, which is not there"
    for name in pages:
        text = (output / name).read_text()
        for found in sorted(set(re.findall(
                r"detail::\w+|TORO_DETAIL_FORCEINLINE", text))):
            yield f"{name} shows {found}"
        for found in re.findall(r'<h[12]><a class="anchor" id="autotoc_\w+"></a>'
                                r"\s*(.*?)</h", text, re.S):
            yield f"{name} has no anchor at the heading {found}"


def search_faults(output):
    """What the search does not find, which goes by the first characters."""
    found = [html.unescape(title).lower()
             for path in output.glob("search/all_*.js")
             for title in re.findall(r"^  \['[^']*',\['([^']*)'",
                                     path.read_text(), re.M)]
    for word in SOUGHT:
        if not any(title.startswith(word) for title in found):
            yield f"the search does not find {word}"


def main(headers, output):
    faults = [*function_faults(headers, output / "xml"),
              *page_faults(output / "html"), *search_faults(output / "html")]
    print(*faults, f"{len(faults)} faults", sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
