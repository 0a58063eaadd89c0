"""CloudWatch Logs filter patterns, against the worked examples of AWS's user guide and the runbook's own patterns."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.log_patterns.checking import SYNTAX, check
from services.log_patterns.operands import PatternError
from services.log_patterns.patterns import compile_pattern

GUIDE_EVENTS = (
    "[ERROR 400] BAD REQUEST",
    "[ERROR 401] UNAUTHORIZED REQUEST",
    "[ERROR 419] MISSING ARGUMENTS",
    "[ERROR 420] INVALID ARGUMENTS",
)


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ("", "400 401 419 420"),
        ("ERROR", "400 401 419 420"),
        ("error", ""),
        ("ERROR ARGUMENTS", "419 420"),
        ("?REQUEST ?ARGUMENTS", "400 401 419 420"),
        ("?UNAUTHORIZED ?MISSING", "401 419"),
        ('?"BAD REQUEST" ?INVALID', "400 420"),
        ("ERROR -ARGUMENTS", "400 401"),
        ('ERROR -"BAD REQUEST"', "401 419 420"),
        ("-ARGUMENTS", "400 401"),
        ('"MISSING ARGUMENTS"', "419"),
        ("?UNAUTHORIZED REQUEST", "400 401"),  # beside another term the question mark is ignored
        ("%4[12]\\d%", "419 420"),
        ("%ERROR.*REQUEST$%", "400 401"),
        ("ERROR %40[01]%", "400 401"),
    ],
)
def test_terms_match_as_the_guide_says(pattern: str, numbers: str) -> None:
    test = compile_pattern(pattern)
    assert " ".join(event[7:10] for event in GUIDE_EVENTS if test(event)) == numbers


GUIDE_JSON = {
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": None,
    "cluster.name": "c",
    "bandwidth": 76.5,
    "status": 502,
    "text_status": "502",
    "ok": True,
    "coordinates": [[0, 1, 2], [4, 5, 6]],
    "user": {"id": 1, "email": "someone@example.com"},
    "users": [{"id": 2, "email": "first@example.com"}],
    "actions": ["GET", "PUT", "DELETE"],
    "quote": 'say "yes"',
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ('{$.eventType="UpdateTrail"}', True),
        ('{ $.eventType = "updatetrail" }', False),
        ('{ $.eventType = "Update*" }', True),
        ('{ $.eventType = "*" }', True),
        ("{ $.eventType = *Trail }", True),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ("{ $.sourceIPAddress != 111.111.* }", False),
        ("{ $.nothing != 5 }", False),
        ('{ $.arrayKey[0] = "value" }', True),
        ('{ $.arrayKey[1] = "value" }', False),
        ('{ $.arrayKey[*] = "another value" }', True),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.objectList[*].id = 3 }", False),
        ("{ $.objectList[7].id = 2 }", False),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.eventType IS NULL }", False),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.SomeObject NOT EXISTS }", False),
        ("{ $.SomeObject EXISTS }", True),
        ("{ $.ok IS TRUE }", True),
        ("{ $.ok IS FALSE }", False),
        ("{ $.['cluster.name'] = \"c\" }", True),
        ("{ $.bandwidth > 75 }", True),
        ("{ $.bandwidth < 75 }", False),
        ("{ $.status >= 502 }", True),
        ("{ $.status <= 501 }", False),
        ("{ $.status = 5.02e2 }", True),
        ("{ $.status != 502 }", False),
        ("{ $.status = 5* }", True),
        ('{ $.status = "502" }', False),
        ('{ $.text_status = "502" }', True),
        ('{ ($.user.id = 1) && ($.users[0].email = "first@example.com") }', True),
        ('{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "DELETE" }', True),
        ('{ ($.user.email = "someone@example.com" || $.coordinates[0][1] = 9) && $.actions[2] = "none" }', False),
        ('{ $.user.email = "someone@example.com" || $.coordinates[0][1] = 9 && $.actions[2] = "none" }', True),
        ("{ $.coordinates[1][2] = 6 }", True),
        ("{ $.eventType = %Trail$% }", True),
        ("{ $.sourceIPAddress = %^1{3}\\.% }", True),
        ('{ $.quote = "say \\"yes\\"" }', True),
        ("{ $.user.* = 1 }", True),
    ],
)
def test_json_patterns_match_as_the_guide_says(pattern: str, expected: bool) -> None:
    assert compile_pattern(pattern)(json.dumps(GUIDE_JSON)) is expected


@pytest.mark.parametrize("message", ["ERROR not json", "", "{broken", '"UpdateTrail"', "[" * 5000])
def test_a_json_pattern_matches_only_json_events(message: str) -> None:
    assert compile_pattern("{ $.eventType NOT EXISTS }")(message) is False


@pytest.mark.runbook("R245")
def test_the_runbooks_cloudtrail_pattern_finds_every_error_code() -> None:
    test = compile_pattern('{$.errorCode = "*"}')
    assert test('{"eventName": "UpdateAlias", "errorCode": "AccessDenied"}')
    assert not test('{"eventName": "UpdateAlias"}')


ACCESS_404 = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[ip, server, username, timestamp, request, status_code, bytes > 1000]", True),
        ("[ip, server, username, timestamp, request, status_code, bytes > 2000]", False),
        ("[ip, server, username, timestamp, request, status_code=4*, bytes]", True),
        ("[ip, server, username, timestamp, request, status_code=5*, bytes]", False),
        ("[ip, server, username, timestamp, request =*.html*, status_code=4*, bytes]", True),
        ("[ip, server, username, timestamp, request, status_code = 404 || status_code = 410, bytes]", True),
        ("[ip, server, username, timestamp, request, status_code = 4* && status_code != 404, bytes]", False),
        ("[..., status_code=4*, bytes]", True),
        ("[ip=%127\\.0\\.0\\.[1-9]%, server, username, ..., status_code, bytes]", True),
        ("[ip, ...]", True),
        ('[ip, server, username = "frank", ...]', True),
        ("[ip, server, username, timestamp = 10/Oct*, ...]", True),
        ("[ip, server]", False),
        ("[ip, server, username, timestamp, request, status_code, bytes, more]", False),
    ],
)
def test_space_delimited_patterns_match_by_position(pattern: str, expected: bool) -> None:
    assert compile_pattern(pattern)(ACCESS_404) is expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [("ERROR broken", True), ("WARN broken", True), ("INFO broken", False), ("ERROR two words", False)],
)
def test_alternatives_of_one_field_are_joined_with_or(message: str, expected: bool) -> None:
    assert compile_pattern("[w1=ERROR || w1=%WARN%, w2]")(message) is expected


@pytest.mark.runbook("R094")
def test_the_runbooks_level_pattern_reads_the_third_field() -> None:
    test = compile_pattern("[timestamp, request_id, level=ERROR, ...]")
    assert test("2025-09-14T01:02:03Z 7f3a ERROR charge failed")
    assert not test("2025-09-14T01:02:03Z 7f3a INFO ERROR in the text")


@pytest.mark.parametrize(
    "pattern",
    [
        '"unbalanced',
        "foo-bar",
        "{ $.a }",
        "{ $.a = }",
        "{ $.a = 1",
        "{ a = 1 }",
        '{ $.a > "x" }',
        "{ ($.a = 1 }",
        "{ $.a = 1 } more",
        "[a, b",
        "[a = ]",
        "[a > x]",
        "[..., a, ...]",
        "%something!%",
        "%(group)%",
        "%[a%",
        "{ $.a = %x% && $.b = %y% && $.c = %z% }",
        "x" * 1025,
    ],
)
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_a_pattern_or_is_refused(pattern: str, message: str) -> None:
    try:
        test = compile_pattern(pattern)
    except PatternError:
        return
    assert test(message) in (True, False)


@given(st.text(min_size=1, max_size=30))
def test_a_quoted_phrase_finds_itself(phrase: str) -> None:
    quoted = phrase.replace("\\", "\\\\").replace('"', '\\"')
    assert compile_pattern(f'"{quoted}"')(f"before {phrase} after")


@pytest.mark.parametrize(
    ("pattern", "at", "told"),
    [
        ('{ $.level = "ERROR"', 19, "Close a JSON pattern with }"),
        ("  { level = 1 }", 4, "$.level"),
        ("{ $.status >= high }", 18, "number"),
        ("{ $.status }", 11, "EXISTS"),
        ("[ip, status=", 12, "]"),
        ("[ip, status=4 04]", 12, "double quotes"),
        ("ERROR some-term", 6, "double quotes"),
        ('ERROR "open', 5, "not closed"),
        ("%(a|b)%", 1, "Parentheses"),
        ("x" * 1025, None, "Shorten"),
    ],
)
def test_the_check_says_where_a_pattern_is_wrong_and_what_was_expected(pattern: str, at: int | None, told: str) -> None:
    fault = check(pattern)
    assert fault is not None
    assert fault.at == at
    assert told in fault.sentence
    assert at is None or f"at character {at + 1}" in fault.sentence


@pytest.mark.parametrize("pattern", [example for example, _ in SYNTAX])
def test_the_help_shows_patterns_that_are_taken(pattern: str) -> None:
    assert check(pattern) is None


@given(st.text(max_size=60))
def test_any_text_is_taken_or_told_of_in_a_sentence(text: str) -> None:
    fault = check(text)
    assert fault is None or (fault.sentence and (fault.at is None or 0 <= fault.at <= len(text)))
