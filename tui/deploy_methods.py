"""What screen 4 says of an API's methods: what each calls, its timeout, and which calls something else. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.model.assessment import State
from services.model.functions import Release
from services.model.methods import Method
from services.model.reading import Reading
from widgets.deploy_list import DeployRow
from widgets.spans import Row, Span, row


def method_rows(api: str, reading: Reading[tuple[Method, ...]], releases: Sequence[Release]) -> Iterator[DeployRow]:
    """The methods of one API by path, below a heading; why there are none while there is no answer."""
    key = f"methods {api}"
    if reading.value is None:
        told = reading.problem.message if reading.problem is not None else "asking what each calls …"
        yield DeployRow(key, State.NO_TRAFFIC, "", "methods", told, heading=True)
        return
    found = [one for one in reading.value if one.api == api]
    astray = sum(bool(stray(one, releases)) for one in found)
    facts = f"{len(found)} · {astray} not as they should be" if astray else f"{len(found)}"
    yield DeployRow(key, State.WARN if astray else State.OK, "", "methods", facts, heading=True)
    yield from (_method(one, stray(one, releases)) for one in found)


def stray(method: Method, releases: Sequence[Release]) -> str:
    """What is wrong with what a method calls; empty: nothing, or it cannot be told (a stage variable names it)."""
    if not method.function:
        return ""
    release = next((one for one in releases if one.function == method.function), None)
    if release is None:
        return "another function"
    if release.alias is None or "$" in method.qualifier or method.qualifier == release.alias.name:
        return ""
    return "not the alias"


def _method(one: Method, wrong: str) -> DeployRow:
    name = f"{one.method} {one.path}".strip()
    called = f"{one.function}:{one.qualifier or '$LATEST'}" if one.function else str(one.target)
    facts = f"{one.kind or 'no integration'}  {called}".rstrip()
    detail: list[Row] = [
        row(Span(name, "strong"), Span(f"  {one.kind}", "muted")),
        row(Span(called or "calls nothing")),
    ]
    if wrong == "another function":
        detail.append(row(Span("calls a function that is not of this stack", "warn")))
    elif wrong:
        detail.append(row(Span("does not go through the alias: a rollback of the function leaves it as it is", "warn")))
    state = State.WARN if wrong else State.OK if one.function else State.NO_TRAFFIC
    return DeployRow(f"method {one.api} {name}", state, wrong, name, facts, _seconds(one), 2, detail=tuple(detail))


def _seconds(one: Method) -> str:
    """Its timeout."""
    return f"{one.timeout_ms / 1000:g} s" if one.timeout_ms else ""
