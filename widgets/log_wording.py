"""A log message in few words, for one line of the pane: what every line repeats is left out.

The line itself is kept whole; this is only how it is shown. Text comes in safe (newlines are the sign ␊) and what
is decoded from JSON is made safe again, since `\\u001b` in a JSON string is an escape character once more.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from services.safe_text import safe

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"

_PYTHON = re.compile(rf"\[\w+\]\s+{_STAMP}\s+{_UUID}\s+(.*)", re.DOTALL)
_NODE = re.compile(rf"{_STAMP}\s+(?:{_UUID}|undefined)\s+(?:[A-Z]+\s+)?(.*)", re.DOTALL)
_GATEWAY = re.compile(rf"\({_UUID}\)\s*(.*)", re.DOTALL)
_LIFE = re.compile(rf"(START|END) RequestId: {_UUID}(?: Version: (\S+))?")
_REPORT = re.compile(
    r"REPORT RequestId: \S+\s+Duration: ([\d.]+) ms.*?Memory Size: (\d+) MB\s+Max Memory Used: (\d+) MB"
    r"(?:\s+Init Duration: ([\d.]+) ms)?(?:.*?Status: (\w+))?",
    re.DOTALL,
)
_NEWLINE = "␊"
_LONGEST_DECODED = 8_192


def summary(text: str) -> str:
    """The message without ids, stamps and levels that stand elsewhere on the line. Total: any text."""
    if text.startswith("{"):
        return _first_line(_of_json(text) or text)
    if text.startswith("REPORT "):
        report = _REPORT.match(text)
        return _report(report) if report is not None else text
    life = _LIFE.match(text)
    if life is not None:
        return f"start v{life[2]}" if life[2] else life[1].lower()
    for form in (_PYTHON, _NODE, _GATEWAY):
        found = form.match(text)
        if found is not None:
            return _first_line(found[1])
    return _first_line(text)


def short_request(request: str) -> str:
    """Enough of a request id to recognise it: `7f3a9c1e`."""
    return request[:8]


def _report(match: re.Match[str]) -> str:
    parts = [f"{_grouped(match[1])} ms", f"{match[3]}/{match[2]} MB"]
    if match[4]:
        parts.append(f"cold start {_grouped(match[4])} ms")
    if match[5]:
        parts.append(match[5])
    return "  ".join(parts)


def _of_json(text: str) -> str:
    """What a JSON line says: its message, or the answer of an access log; empty when it is neither."""
    if len(text) > _LONGEST_DECODED:
        return ""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    message = document.get("message", document.get("msg"))
    if isinstance(message, str) and message:
        return safe(message)
    method, status = document.get("httpMethod"), document.get("status")
    if method and status:
        return safe(" ".join(_access(document, str(method), str(status))))
    if document.get("eventName"):
        return safe(_called(document))
    return ""


def _access(document: dict[str, Any], method: str, status: str) -> list[str]:
    path = document.get("path") or document.get("resourcePath") or document.get("routeKey") or ""
    latency = document.get("responseLatency")
    parts = [status, method, str(path)]
    if latency not in (None, "", "-"):
        parts.append(f" {_grouped(str(latency))} ms")
    return parts


def _grouped(number: str) -> str:
    """`1912.34` as `1 912`; what is no number stays as it came."""
    try:
        return f"{float(number):,.0f}".replace(",", " ")
    except ValueError:
        return number


def _called(document: dict[str, Any]) -> str:
    """A CloudTrail record: what was called and what came of it."""
    error = document.get("errorCode")
    service = str(document.get("eventSource", "")).removesuffix(".amazonaws.com")
    return f"{service}:{document['eventName']}" + (f" {error}" if error else "")


def _first_line(text: str) -> str:
    """The first line, and how many follow."""
    head, *rest = text.split(_NEWLINE)
    more = sum(1 for line in rest if line.strip())
    return f"{head}  +{more} lines" if more > 1 else f"{head}  {rest[0].strip()}" if more and not head else head
