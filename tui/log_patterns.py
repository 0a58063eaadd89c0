"""Filter patterns of CloudWatch Logs: help for their syntax, and a look at one before it is sent. Pure.

A narrow seam: what is plain here (brackets, quotes, length) is told at once; everything else is the service's to say,
whose own sentence is shown.
"""

from __future__ import annotations

LONGEST = 1_024

SYNTAX = (
    ("ERROR timeout", "both words; case counts"),
    ("?ERROR ?Exception", "one of them or more"),
    ("ERROR -retry", "the first without the second"),
    ('"Task timed out"', "a phrase; quote what is not letters, digits or _"),
    ("%5[0-9][0-9]%", "a regular expression"),
    ('{ $.level = "ERROR" }', "a field of JSON lines; also != > >= < <= && || EXISTS IS NULL *"),
    ("[ip, user, ..., status=5*, size]", "fields by their place"),
)
"""Each kind of pattern, and what it finds."""

_PAIRS = {"{": "}", "[": "]"}


def fault(pattern: str) -> str:
    """Why AWS would refuse a pattern, as a sentence; empty: nothing speaks against it here."""
    text = pattern.strip()
    if len(text) > LONGEST:
        return f"a pattern has at most {LONGEST} characters"
    if text.replace('\\"', "").count('"') % 2:
        return "a quote is opened and not closed"
    closing = _PAIRS.get(text[:1], "")
    if closing and not text.endswith(closing):
        return f"a pattern that begins with {text[0]} ends with {closing}"
    if text.startswith("{") and "$" not in text:
        return "name a field of the line from its root: $.level"
    return ""
