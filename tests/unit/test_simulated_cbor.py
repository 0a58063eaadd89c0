"""CBOR: the examples of RFC 8949, appendix A, and agreement with botocore's own reader and writer."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.simulated.cbor import CborError, Epoch, decode, encode

RFC_EXAMPLES = [
    ("00", 0),
    ("17", 23),
    ("1818", 24),
    ("1903e8", 1000),
    ("1a000f4240", 1_000_000),
    ("1bffffffffffffffff", 2**64 - 1),
    ("20", -1),
    ("3903e7", -1000),
    ("fb3ff199999999999a", 1.1),
    ("fbc010666666666666", -4.1),
    ("f4", False),
    ("f5", True),
    ("f6", None),
    ("4401020304", b"\x01\x02\x03\x04"),
    ("60", ""),
    ("62225c", '"\\'),
    ("62c3bc", "ü"),
    ("83010203", [1, 2, 3]),
    ("a26161016162820203", {"a": 1, "b": [2, 3]}),
    ("98190102030405060708090a0b0c0d0e0f101112131415161718181819", list(range(1, 26))),
]

READ_ONLY_EXAMPLES = [
    ("f93c00", 1.0),
    ("fa47c35000", 100000.0),
    ("f7", None),
    ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
    ("7f657374726561646d696e67ff", "streaming"),
    ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
    ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
    ("c11a514b67b0", Epoch(1363896240)),
]


@pytest.mark.parametrize(("wire", "value"), RFC_EXAMPLES)
def test_writes_and_reads_the_examples_of_the_rfc(wire: str, value: object) -> None:
    assert encode(value).hex() == wire
    assert decode(bytes.fromhex(wire)) == value


@pytest.mark.parametrize(("wire", "value"), READ_ONLY_EXAMPLES)
def test_reads_forms_it_does_not_write(wire: str, value: object) -> None:
    assert decode(bytes.fromhex(wire)) == value


@pytest.mark.parametrize(
    "wire",
    [
        "",
        "18",
        "62c3",
        "8201",
        "ff",
        "a1",
        "a16161",
        "f800",
        "1c",
        "0000",
        "62c328",
        "a1f601",
        "a261610161610 2".replace(" ", ""),
    ],
)
def test_refuses_what_is_no_whole_value(wire: str) -> None:
    with pytest.raises(CborError):
        decode(bytes.fromhex(wire))


def test_refuses_nesting_without_end_instead_of_recursing() -> None:
    with pytest.raises(CborError, match="deep"):
        decode(b"\x81" * 10_000 + b"\x01")


def test_a_moment_is_an_epoch_under_tag_one() -> None:
    moment = datetime(2026, 11, 23, 3, 7, tzinfo=UTC)
    assert decode(encode(moment)) == moment.timestamp()
    assert encode(moment)[0] == 0xC1


scalars = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.binary()


def trees(leaves: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(trees(st.none() | scalars))
def test_what_was_written_reads_back_the_same(value: object) -> None:
    assert decode(encode(value)) == value


@given(trees(scalars))
def test_botocore_reads_what_we_write(value: object) -> None:
    # It leaves out members that are null, so none are drawn.
    from botocore.parsers import RpcV2CBORParser

    parser = RpcV2CBORParser()
    assert parser.parse_data_item(parser.get_peekable_stream_from_bytes(encode(value))) == value


@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_or_a_refusal(data: bytes) -> None:
    try:
        value = decode(data)
    except CborError:
        return
    assert value is None or isinstance(value, int | float | str | bytes | list | dict)


def test_infinities_and_nan_pass() -> None:
    assert decode(encode(math.inf)) == math.inf
    assert math.isnan(decode(encode(math.nan)))
