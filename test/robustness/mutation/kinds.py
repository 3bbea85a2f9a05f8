# SPDX-License-Identifier: BSL-1.0
"""What is done to a site: the replacements that make mutants."""

import re

import sites

_NUMBER = re.compile(r"(?<![\w.<:])\d+(?:u?l?l?)?(?![\w.>])")
_COMPARISON = re.compile(r" (<=|>=|<|>) ")
_LOGICAL = re.compile(r" (&&|\|\|) ")
_EQUALITY = re.compile(r" (==|!=) ")
_TRUTH = re.compile(r"\b(true|false)\b")
_STEP = re.compile(r"(\+\+|--)(?=\w)")
_OTHER = {"<=": "<", "<": "<=", ">=": ">", ">": ">=", "&&": "||", "||": "&&",
          "==": "!=", "!=": "==", "true": "false", "false": "true",
          "++": "--", "--": "++"}


def _is_blank(text, match):
    """Whether a match stands in code, not in a string or a lambda's body."""
    before = text[:match.start()]
    return before.count('"') % 2 == 0 and before.count("{") == before.count("}")


def _swapped(text, pattern):
    for match in pattern.finditer(text):
        if _is_blank(text, match):
            yield (text[:match.start(1)] + _OTHER[match.group(1)] +
                   text[match.end(1):])


def _off_by_one(text):
    for match in _NUMBER.finditer(text):
        if not _is_blank(text, match):
            continue
        number = int(match.group().rstrip("ul"))
        yield text[:match.start()] + str(number + 1) + text[match.end():]
        if number > 1:
            yield text[:match.start()] + str(number - 1) + text[match.end():]


def replacements(site):
    """Yields kind and text, the whole that stands on the line instead."""
    text = sites.one_line(site.text)
    made = []
    if site.kind == "statement":
        returns = re.match(r"return ([^{].*);$", text)
        if returns:
            if returns.group(1) not in ("true", "false", "nullptr"):
                made.append(("negated", "return !(%s);" % returns.group(1)))
        elif text != "return;":
            made.append(("deleted", ";"))
        else:
            made.append(("deleted", ";"))
    elif site.kind == "condition":
        made.append(("negated", "!(%s)" % text))
    elif re.search(r" (&&|\|\||==|!=|<|>|<=|>=) |^!", text):
        made.append(("negated", "!(%s)" % text))
    for pattern, kind in ((_COMPARISON, "off by one"), (_LOGICAL, "logical"),
                          (_EQUALITY, "equality"), (_TRUTH, "truth"),
                          (_STEP, "step")):
        made.extend((kind, new) for new in _swapped(text, pattern))
    made.extend(("off by one", new) for new in _off_by_one(text))
    negated = {"!(%s)" % text, "return !(%s);" % text[7:-1]}
    # One equality alone is what its negation is.
    if len(re.findall(r" (?:==|!=|&&|\|\|) ", text)) == 1 and any(
            new in negated for _, new in made):
        made = [(kind, new) for kind, new in made if kind != "equality"]
    for kind, new in made:
        yield kind, site.prefix + new + site.suffix
