"""CloudFront, the bucket and the page: invalidations take their time, and old content stays until they are done."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.simulated.account import SimulatedAccount
from services.simulated.platform.edge import LEAST_SECONDS, MOST_SECONDS
from tests.simulated_support import boto, manual, simulated


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated() as opened:
        yield opened


@pytest.fixture
def client(account: SimulatedAccount) -> Any:
    return boto(account, "cloudfront", "us-east-1")


def batch(reference: str, *paths: str) -> dict[str, Any]:
    return {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": reference}


def identity(account: SimulatedAccount) -> str:
    return account.state.estate.environment("production").distribution


def page(
    account: SimulatedAccount, path: str = "/_site/production/", host: str = ""
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(account.endpoint.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def test_an_invalidation_is_in_progress_for_a_while_and_then_completed(account: SimulatedAccount, client: Any) -> None:
    where = identity(account)
    made = client.create_invalidation(DistributionId=where, InvalidationBatch=batch("one", "/*"))["Invalidation"]
    assert (made["Status"], made["CreateTime"]) == ("InProgress", account.clock.now())
    assert client.get_distribution(Id=where)["Distribution"]["InProgressInvalidationBatches"] == 1
    manual(account).advance(LEAST_SECONDS - 1)
    assert client.get_invalidation(DistributionId=where, Id=made["Id"])["Invalidation"]["Status"] == "InProgress"
    manual(account).advance(MOST_SECONDS - LEAST_SECONDS + 1)
    assert client.get_invalidation(DistributionId=where, Id=made["Id"])["Invalidation"]["Status"] == "Completed"
    assert client.get_distribution(Id=where)["Distribution"]["InProgressInvalidationBatches"] == 0
    newest = client.list_invalidations(DistributionId=where)["InvalidationList"]["Items"][0]
    assert (newest["Id"], newest["Status"]) == (made["Id"], "Completed")


def test_the_same_reference_gives_the_same_invalidation_and_other_paths_are_refused(
    account: SimulatedAccount, client: Any
) -> None:
    where = identity(account)
    count = client.list_invalidations(DistributionId=where)["InvalidationList"]["Quantity"]
    first = client.create_invalidation(DistributionId=where, InvalidationBatch=batch("one", "/a", "/b"))
    again = client.create_invalidation(DistributionId=where, InvalidationBatch=batch("one", "/b", "/a"))
    assert first["Invalidation"]["Id"] == again["Invalidation"]["Id"]
    with pytest.raises(ClientError) as caught:
        client.create_invalidation(DistributionId=where, InvalidationBatch=batch("one", "/c"))
    assert caught.value.response["Error"]["Code"] == "InvalidationBatchAlreadyExists"
    assert client.list_invalidations(DistributionId=where)["InvalidationList"]["Quantity"] == count + 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (batch("x", "no-slash"), "InvalidArgument"),
        (batch("x", "/a*b"), "InvalidArgument"),
        (batch("x"), "InvalidArgument"),
        (batch("", "/a"), "InvalidArgument"),
        (batch("x", "/a") | {"Paths": {"Quantity": 2, "Items": ["/a"]}}, "InconsistentQuantities"),
        (batch("x", *(f"/{index}/*" for index in range(16))), "TooManyInvalidationsInProgress"),
    ],
)
def test_a_wrong_batch_is_refused_as_cloudfront_refuses(
    account: SimulatedAccount, client: Any, wrong: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        client.create_invalidation(DistributionId=identity(account), InvalidationBatch=wrong)
    assert caught.value.response["Error"]["Code"] == code


def test_invalidations_are_listed_newest_first_in_pages(account: SimulatedAccount, client: Any) -> None:
    where = identity(account)
    for number in range(5):
        manual(account).advance(1)
        client.create_invalidation(DistributionId=where, InvalidationBatch=batch(f"n{number}", f"/{number}"))
    pages = client.get_paginator("list_invalidations").paginate(DistributionId=where, PaginationConfig={"PageSize": 2})
    listed = [one for page in pages for one in page["InvalidationList"].get("Items", [])]
    assert len({one["Id"] for one in listed}) == len(listed) >= 5
    assert [one["CreateTime"] for one in listed] == sorted((one["CreateTime"] for one in listed), reverse=True)


def test_a_stale_etag_changes_no_distribution(account: SimulatedAccount, client: Any) -> None:
    where = identity(account)
    told = client.get_distribution_config(Id=where)
    config = told["DistributionConfig"] | {"Comment": "changed"}
    with pytest.raises(ClientError) as caught:
        client.update_distribution(Id=where, IfMatch="ESTALE", DistributionConfig=config)
    assert caught.value.response["Error"]["Code"] == "PreconditionFailed"
    changed = client.update_distribution(Id=where, IfMatch=told["ETag"], DistributionConfig=config)
    assert changed["ETag"] != told["ETag"]
    assert changed["Distribution"]["LastModifiedTime"] == account.clock.now()


def test_the_extra_metrics_are_on(account: SimulatedAccount, client: Any) -> None:
    told = client.get_monitoring_subscription(DistributionId=identity(account))["MonitoringSubscription"]
    assert told["RealtimeMetricsSubscriptionConfig"]["RealtimeMetricsSubscriptionStatus"] == "Enabled"


def test_the_bucket_keeps_the_releases_as_versions(account: SimulatedAccount) -> None:
    bucket = account.state.estate.environment("production").bucket
    s3 = boto(account, "s3")
    versions = s3.list_object_versions(Bucket=bucket, Prefix="index.html")["Versions"]
    assert len(versions) == 4
    bodies = [
        s3.get_object(Bucket=bucket, Key="index.html", VersionId=one["VersionId"])["Body"].read() for one in versions
    ]
    assert [body.decode().partition("Release v")[2][:2] for body in bodies] == ["41", "40", "39", "38"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert s3.head_object(Bucket=bucket, Key="index.html")["ContentType"] == "text/html"
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_restored_content_is_seen_only_after_the_invalidation_is_complete(
    account: SimulatedAccount, client: Any
) -> None:
    environment = account.state.estate.environment("production")
    s3 = boto(account, "s3")
    manual(account).advance(60)
    status, headers, body = page(account)
    assert (status, headers["x-cache"], "Release v41" in body) == (200, "Hit from cloudfront", True)
    old = s3.list_object_versions(Bucket=environment.bucket, Prefix="index.html")["Versions"][1]["VersionId"]
    source = {"Bucket": environment.bucket, "Key": "index.html", "VersionId": old}
    digest = account.state.controls.content_history("production")[-1][1]
    s3.copy_object(Bucket=environment.bucket, Key="index.html", CopySource=source)
    changed, state = account.state.controls.content_history("production")[-1]
    assert (changed, state != digest) == (account.clock.now(), True)
    manual(account).advance(60)
    assert "Release v41" in page(account)[2]
    client.create_invalidation(DistributionId=environment.distribution, InvalidationBatch=batch("restore", "/"))
    assert "Release v41" in page(account)[2]
    manual(account).advance(MOST_SECONDS)
    _, _, body = page(account)
    assert "Release v40" in body
    assert "Release v40" in page(account, "/", environment.distribution_domain)[2]
    assert "release v41" in page(account, "/_site/production/app.js")[2]


def test_what_the_bucket_lacks_is_an_error_of_cloudfront(account: SimulatedAccount) -> None:
    status, headers, _ = page(account, "/_site/production/nothing.html")
    assert (status, headers["x-cache"]) == (403, "Error from cloudfront")


def test_an_invalidation_lowers_the_hit_rate_and_it_recovers(account: SimulatedAccount, client: Any) -> None:
    def rate(minute: int) -> float:
        edge = account.state.world.minute("production", minute).edge
        return edge.hits / edge.requests

    manual(account).advance(600)
    client.create_invalidation(DistributionId=identity(account), InvalidationBatch=batch("all", "/*"))
    began = int(account.clock.now().timestamp())
    manual(account).advance(1800)
    before, during, after = rate(began - 300), min(rate(began + 60 * n) for n in range(4)), rate(began + 1500)
    assert during < before - 0.1
    assert after > before - 0.05


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_a_signed_address_gives_the_object(account: SimulatedAccount, signature: str) -> None:
    bucket = account.state.estate.environment("staging").bucket
    signed = {"Params": {"Bucket": bucket, "Key": "style.css"}, "ExpiresIn": 60}
    client = boto(account, "s3", signature_version=signature, s3={"addressing_style": "path"})
    address = client.generate_presigned_url("get_object", **signed)
    status, _, body = page(account, address.removeprefix(account.endpoint))
    assert (status, "release v41" in body) == (200, True)
