"""The one door before journal, clipboard, recording and crash file: what must not be written down is taken out here.

Kinds (reliability 3.8): access key ids (their last four characters stay, so that people can tell keys apart), secret
keys and session tokens by name and by shape, JWT, `Authorization`, `password=`-like pairs, webhook and presigned
URLs, credentials in URLs, private-key blocks, and the values of a Lambda function's environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

HIDDEN = "***"

_TELLING = r"pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?|signature"

_HARMLESS = frozenset({"clientrequesttoken", "clienttoken", "nexttoken", "nextforwardtoken", "nextbackwardtoken"})
"""Names that hold the word but no secret: AWS's idempotency and paging tokens."""

_SECRET_NAME = re.compile(_TELLING, re.IGNORECASE)

_PAIR = re.compile(
    r"(?P<name>(?:" + _TELLING + r")[\w.-]{0,64})"
    r"(?P<between>\\?[\"']?\s{0,3}(?:[:=]|%3[Dd])\s{0,3})"
    r"(?P<value>\\?\"(?:[^\"\\]|\\(?!\"))*\\?\"|'[^']*'|[^\s\"'&,;})\]]+)",
    re.IGNORECASE,
)
_AUTHORIZATION = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?)(?P<value>[^\r\n\"'\\␊]+)", re.IGNORECASE
)
_KEY_ID = re.compile(r"(?<![A-Za-z0-9])(?P<kind>AKIA|ASIA)[A-Z0-9]{8,124}(?P<last>[A-Z0-9]{4})(?![A-Za-z0-9])")
_LONG_KEY = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL
)

_TABLE_ARN = re.compile(r"\barn:aws[\w-]*:dynamodb:[\w-]+:\d{12}:\Z")

_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{2,}(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"\b(?:IQoJ|FwoG|FQoG)[A-Za-z0-9/+=%]{40,}"), HIDDEN),
    (re.compile(r"(\bbearer\s+)[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(https://hooks\.slack\.com/)\S+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/)\S+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(https://[\w.-]{1,100}\.webhook\.office\.com/)\S+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(https://events\.(?:eu\.)?pagerduty\.com/integration/)\S+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@:\"']{1,100}:[^\s/@\"']{1,200}@", re.IGNORECASE), rf"\1{HIDDEN}@"),
    (re.compile(r"(X-Amz-(?:Signature|Security-Token|Credential)(?:=|%3D))[^&\s\"']+", re.IGNORECASE), rf"\1{HIDDEN}"),
)


def redact(text: str) -> str:
    """`text` without secrets. Total and idempotent; text without a secret comes back as it is."""
    text = _PRIVATE_KEY.sub(HIDDEN, text)
    text = _AUTHORIZATION.sub(rf"\g<name>{HIDDEN}", text)
    for pattern, instead in _PLAIN:
        text = pattern.sub(instead, text)
    text = _KEY_ID.sub(r"\g<kind>…\g<last>", text)
    text = _PAIR.sub(_pair, text)
    return _LONG_KEY.sub(_long_key, text)


def redact_value(value: object) -> object:
    """A JSON value without secrets: strings by what they look like, fields by their names too.

    The values below `Environment.Variables` and `Environment` go, their names stay.
    """
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(name): _field(str(name), item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact_value(item) for item in value]
    return value


def _field(name: str, value: object) -> object:
    if name in ("Environment", "Variables") and isinstance(value, Mapping):
        return {key: _names_only(item) for key, item in value.items()}
    if isinstance(value, str) and value and _secret_name(name):
        return HIDDEN
    return redact_value(value)


def _names_only(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _names_only(item) for key, item in value.items()}
    return HIDDEN


def _secret_name(name: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and name.lower() not in _HARMLESS


def _pair(match: re.Match[str]) -> str:
    name, value = match["name"], match["value"]
    before = re.search(r"\w*\Z", match.string[max(0, match.start() - 64) : match.start()])
    whole = (before[0] if before else "") + name
    if whole.lower().rpartition(".")[2] in _HARMLESS or _kept_key_id(value):
        return match[0]
    quote = next((mark for mark in ('\\"', '"', "'") if value.startswith(mark)), "")
    return f"{name}{match['between']}{quote}{HIDDEN}{quote if value.endswith(quote) else ''}"


def _kept_key_id(value: str) -> bool:
    return bool(re.fullmatch(r"[\"']?(?:AKIA|ASIA)…[A-Z0-9]{4}[\"']?", value))


def _long_key(match: re.Match[str]) -> str:
    found = match[0]
    if _TABLE_ARN.search(match.string, max(0, match.start() - 80), match.start()):
        return found  # `table/NAME/backup/…` may be as long as a secret key and as mixed
    mixed = any(c.isupper() for c in found) and any(c.islower() for c in found) and any(c.isdigit() for c in found)
    return HIDDEN if mixed else found
