"""The trimmed models: they hold every operation the house reads with, are as the full ones, and are kept safely."""

from __future__ import annotations

import ast
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.regions import EndpointResolver

from services.aws import models as trimming
from services.aws.model_cache import ModelCache
from services.aws.models import MODEL, RULES, Models, edition, trim_model
from services.aws.operations import ALL, PREFIXES, READ, trimmed
from services.executor.calls import ALLOWED
from tests.unit.test_one_writer import changing

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(ModelCache(tmp_path_factory.mktemp("models") / "edition"))


@pytest.fixture(scope="module")
def whole() -> Loader:
    return trimming.full()


def asked() -> Iterator[tuple[str, str, str]]:
    """(service, operation, file) of every call whose arguments name a service and then an operation."""
    for folder in ("services", "tui", "widgets"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "simulated" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                words = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
                for service, operation in itertools.pairwise(words):
                    if not isinstance(service, str) or not isinstance(operation, str):
                        continue
                    if (
                        service in SERVICES and operation[:1].isupper() and operation.isidentifier()
                    ):  # a key of a screen is none
                        yield service, operation, path.relative_to(ROOT).as_posix()


SERVICES = frozenset(READ) | frozenset(Loader().list_available_services(MODEL))


def test_every_operation_that_is_asked_for_anywhere_is_in_the_table() -> None:
    found = set(asked())
    assert {(service, operation) for service, operation, _ in found} >= {
        ("sts", "GetCallerIdentity"),
        ("cloudwatch", "GetMetricData"),
        ("logs", "FilterLogEvents"),
        ("cloudfront", "ListInvalidations"),
    }
    left_out = {(service, operation) for service, operation, _ in found if not trimmed(service, operation)}
    assert left_out - ALLOWED == set(), "add these to services/aws/operations.py"
    assert left_out == ALLOWED, "what changes an account is asked with the full model"


def test_nothing_is_in_the_table_that_is_not_asked_for() -> None:
    used = {(service, operation) for service, operation, _ in asked()}
    table = {(service, operation) for service, held in READ.items() for operation in held}
    assert table - used == set()


def test_nothing_that_changes_an_account_is_in_the_table(whole: Loader) -> None:
    named = {operation for held in READ.values() for operation in held}
    assert named & changing() == set()
    for service, held in READ.items():
        assert held <= set(whole.load_service_model(service, MODEL)["operations"]), service


@pytest.mark.parametrize("service", sorted(READ))
def test_a_trimmed_model_has_the_same_shapes_for_the_same_operations(
    service: str, small: Models, whole: Loader
) -> None:
    ours = ServiceModel(small.load_service_model(service, MODEL), service)
    theirs = ServiceModel(whole.load_service_model(service, MODEL), service)
    held = READ[service] if READ[service] is not ALL else frozenset(theirs.operation_names)
    assert set(ours.operation_names) == held
    assert PREFIXES.get(service, service) == theirs.endpoint_prefix
    assert ours.metadata == theirs.metadata
    for name in held:
        mine, full = ours.operation_model(name), theirs.operation_model(name)
        assert mine.http == full.http
        assert [shape.name for shape in mine.error_shapes] == [shape.name for shape in full.error_shapes]
        assert described(mine.input_shape) == described(full.input_shape)
        assert described(mine.output_shape) == described(full.output_shape)


def described(shape: Any, above: tuple[str, ...] = ()) -> Any:
    """Everything of a shape that serialisers and parsers look at, recursion cut."""
    if shape is None or shape.name in above:
        return shape and shape.name
    inside = (*above, shape.name)
    facts: list[Any] = [shape.name, shape.type_name, dict(shape.serialization), dict(shape.metadata)]
    if shape.type_name == "structure":
        facts.append([(name, described(member, inside)) for name, member in shape.members.items()])
    elif shape.type_name == "list":
        facts.append(described(shape.member, inside))
    elif shape.type_name == "map":
        facts += [described(shape.key, inside), described(shape.value, inside)]
    return facts


@pytest.mark.parametrize("service", sorted(READ))
@pytest.mark.parametrize(
    "region", ["us-west-2", "eu-central-1", "us-east-1", "cn-north-1", "us-gov-west-1", "xy-new-9"]
)
def test_a_service_is_where_it_is_in_every_partition(service: str, region: str, small: Models, whole: Loader) -> None:
    name = PREFIXES.get(service, service)
    ours = EndpointResolver(small.load_data("endpoints")).construct_endpoint(name, region)
    assert ours == EndpointResolver(whole.load_data("endpoints")).construct_endpoint(name, region)


@pytest.mark.parametrize("service", sorted(READ))
def test_endpoint_rules_differ_in_nothing_but_their_talk(service: str, small: Models, whole: Loader) -> None:
    def quiet(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: quiet(one) for key, one in value.items() if key != "documentation"}
        return [quiet(one) for one in value] if isinstance(value, list) else value

    assert small.load_service_model(service, RULES) == quiet(whole.load_service_model(service, RULES))


def test_what_is_not_in_the_table_is_botocores_own(small: Models, whole: Loader) -> None:
    assert small.load_service_model("sqs", MODEL) == whole.load_service_model("sqs", MODEL)
    assert small.load_service_model("s3", "waiters-2") == whole.load_service_model("s3", "waiters-2")
    assert small.load_data("_retry") == whole.load_data("_retry")
    assert not trimmed("sqs", "ListQueues")
    assert not trimmed("lambda", "ListFunctions")
    assert trimmed("sts", "GetSessionToken")


def test_a_member_that_is_called_documentation_stays() -> None:
    model = {
        "metadata": {},
        "documentation": "talk",
        "operations": {"Get": {"output": {"shape": "Out"}, "documentation": "talk"}, "Other": {}},
        "shapes": {
            "Out": {
                "type": "structure",
                "documentation": "talk",
                "members": {"documentation": {"shape": "Text", "documentation": "talk"}},
            },
            "Text": {"type": "string"},
            "Unreached": {"type": "string"},
        },
    }
    assert trim_model(model, frozenset({"Get"})) == {
        "metadata": {},
        "operations": {"Get": {"output": {"shape": "Out"}}},
        "shapes": {
            "Out": {"type": "structure", "members": {"documentation": {"shape": "Text"}}},
            "Text": {"type": "string"},
        },
    }


# --- on disk ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models" / "edition"


def kept(folder: Path, value: dict[str, Any] | None = None) -> ModelCache:
    cache = ModelCache(folder)
    cache.write("sts", value or {"a": [1, "ä"]})
    return cache


def test_what_was_kept_is_read_again_and_is_readable_by_its_owner_alone(folder: Path) -> None:
    assert kept(folder).read("sts") == {"a": [1, "ä"]}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == ["sts.json"]
    assert (folder / "sts.json").stat().st_mode & 0o777 == 0o600


def test_the_second_start_reads_and_does_not_trim(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Models(ModelCache(folder)).load_service_model("sts", MODEL)
    monkeypatch.setattr(trimming, "trim_service", lambda service: pytest.fail("trimmed again"))
    assert Models(ModelCache(folder)).load_service_model("sts", MODEL) == first


@pytest.mark.parametrize("spoil", ["cut", "empty", "changed", "no json", "a list"])
def test_a_file_that_is_not_whole_is_trimmed_anew(folder: Path, spoil: str) -> None:
    cache, path = kept(folder), folder / "sts.json"
    raw = path.read_bytes()
    changed = {
        "cut": raw[:-3],
        "empty": b"",
        "changed": raw.replace(b"1", b"2"),
        "no json": b"x" * 200,
        "a list": b"[]",
    }
    path.write_bytes(changed[spoil])
    assert cache.read("sts") is None
    assert "GetCallerIdentity" in Models(cache).load_service_model("sts", MODEL)["operations"]
    assert cache.read("sts") is not None


@pytest.mark.parametrize("what", ["folder", "file"])
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_what_others_could_have_written_is_not_read(folder: Path, what: str, mode: int) -> None:
    cache = kept(folder)
    (folder if what == "folder" else folder / "sts.json").chmod(mode)
    assert cache.read("sts") is None


@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_belongs_to_another_user_is_not_read(folder: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = kept(folder)
    target = (folder if what == "folder" else folder / "sts.json").stat().st_ino
    real = os.fstat

    def foreign(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        return os.stat_result((*found[:4], found.st_uid + 1, *found[5:10])) if found.st_ino == target else found

    monkeypatch.setattr(os, "fstat", foreign)
    assert cache.read("sts") is None


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    cache = kept(folder)
    (folder / "sts.json").rename(tmp_path / "elsewhere.json")
    (folder / "sts.json").symlink_to(tmp_path / "elsewhere.json")
    assert cache.read("sts") is None
    folder.rename(tmp_path / "other")
    folder.symlink_to(tmp_path / "other")
    assert ModelCache(folder).read("sts") is None


def test_where_nothing_can_be_written_the_models_are_trimmed_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = ModelCache(tmp_path / "file" / "edition")
    assert "GetCallerIdentity" in Models(cache).load_service_model("sts", MODEL)["operations"]
    assert cache.read("sts") is None


def test_a_full_disk_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    folder.mkdir(parents=True, mode=0o700)
    monkeypatch.setattr(os, "rename", full)
    kept(folder)
    assert list(folder.iterdir()) == []


def test_another_table_or_botocore_is_another_edition(monkeypatch: pytest.MonkeyPatch) -> None:
    before = edition()
    monkeypatch.setattr(trimming, "READ", {**READ, "s3": frozenset({"HeadBucket"})})
    assert edition() != before
    monkeypatch.undo()
    monkeypatch.setattr("botocore.__version__", "0.0.1")
    assert edition() != before


def test_the_cache_is_where_it_is_told_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_CACHE_HOME", str(tmp_path))
    ModelCache.default("edition").write("sts", {"a": 1})
    assert (tmp_path / "models" / "edition" / "sts.json").exists()
    monkeypatch.setenv("COCKPIT_CACHE_HOME", "here/below")
    monkeypatch.chdir(tmp_path)
    ModelCache.default("edition").write("sts", {"a": 1})
    assert not (tmp_path / "here").exists()
