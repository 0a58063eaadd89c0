"""CloudFront's API over the account's distributions (aws.md 5.5). A global service: any region's client may ask."""

from __future__ import annotations

from typing import Any

from services.simulated.platform.edge import FILES_AT_ONCE, WILDCARDS_AT_ONCE, DistributionStore, Invalidation
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.publishing import MetricFault, MetricFaultKind
from services.simulated.state import SimulatedState

EXTRA_METRICS = ("CacheHitRate", "OriginLatency")
"""Those of the account's that are published with a monitoring subscription alone (aws.md 1.1)."""


class CloudFront:
    """Handlers."""

    def __init__(self, state: SimulatedState, stores: dict[str, DistributionStore]) -> None:
        self._state = state
        self._stores = stores

    def handlers(self) -> dict[str, Handler]:
        return {
            "ListDistributions": self.list_distributions,
            "GetDistribution": self.get_distribution,
            "GetDistributionConfig": self.get_distribution_config,
            "UpdateDistribution": self.update_distribution,
            "CreateMonitoringSubscription": self.create_monitoring_subscription,
            "DeleteMonitoringSubscription": self.delete_monitoring_subscription,
            "GetMonitoringSubscription": self.get_monitoring_subscription,
            "CreateInvalidation": self.create_invalidation,
            "GetInvalidation": self.get_invalidation,
            "ListInvalidations": self.list_invalidations,
            "ListTagsForResource": self.list_tags,
        }

    def list_distributions(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        stores = sorted(self._stores.values(), key=lambda store: store.id)
        chosen, following = _marked([store.id for store in stores], parameters)
        rows = [self._summary(store) for store in stores if store.id in chosen]
        return {"DistributionList": _list(rows, parameters, following)}

    def get_distribution(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(parameters["Id"])
            return {
                "Distribution": {
                    "Id": store.id,
                    "ARN": store.environment.distribution_arn,
                    "Status": "Deployed",
                    "LastModifiedTime": store.modified,
                    "InProgressInvalidationBatches": len(store.in_progress(context.now)),
                    "DomainName": store.environment.distribution_domain,
                    "ActiveTrustedSigners": {"Enabled": False, "Quantity": 0},
                    "ActiveTrustedKeyGroups": {"Enabled": False, "Quantity": 0},
                    "DistributionConfig": self._config(store),
                },
                "ETag": store.etag,
            }

    def get_distribution_config(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(parameters["Id"])
        return {"DistributionConfig": self._config(store), "ETag": store.etag}

    def update_distribution(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(parameters["Id"])
            wanted = parameters.get("IfMatch")
            if not wanted:
                raise AwsError("InvalidIfMatchVersion", "The If-Match version is missing or not valid.")
            if wanted != store.etag:
                message = "The request failed because it didn't meet the preconditions in one or more headers."
                raise AwsError("PreconditionFailed", message, 412)
            config = parameters["DistributionConfig"]
            if config.get("CallerReference") != store.environment.stack_name:
                raise AwsError("IllegalUpdate", "The update contains modifications that are not allowed.")
            store.configure(config, context.now)
            return self.get_distribution(context, parameters)

    def get_monitoring_subscription(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(parameters["DistributionId"])
        if not store.extra_metrics:
            raise AwsError("NoSuchMonitoringSubscription", "The monitoring subscription does not exist.", 404)
        enabled = {"RealtimeMetricsSubscriptionConfig": {"RealtimeMetricsSubscriptionStatus": "Enabled"}}
        return {"MonitoringSubscription": enabled}

    def create_monitoring_subscription(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(parameters["DistributionId"])
        store.extra_metrics = True
        for name in EXTRA_METRICS:
            self._state.publishing.lift("AWS/CloudFront", name, store.id)
        return {"MonitoringSubscription": parameters["MonitoringSubscription"]}

    def delete_monitoring_subscription(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """The additional metrics end now; what was published of them stays."""
        self.get_monitoring_subscription(context, parameters)
        store = self._store(parameters["DistributionId"])
        store.extra_metrics = False
        for name in EXTRA_METRICS:
            begins = context.now.timestamp() // 60 * 60
            stopped = MetricFault("AWS/CloudFront", name, MetricFaultKind.STOPPED, begins=begins, value=store.id)
            self._state.publishing.add(stopped)
        return {}

    def create_invalidation(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(parameters["DistributionId"])
            batch = parameters["InvalidationBatch"]
            paths = tuple((batch.get("Paths") or {}).get("Items") or ())
            reference = batch.get("CallerReference", "")
            _check_batch(paths, (batch.get("Paths") or {}).get("Quantity"), reference)
            known = store.by_reference(reference)
            if known is not None and set(known.paths) != set(paths):
                message = "An invalidation batch with this caller reference exists already, with other paths."
                raise AwsError("InvalidationBatchAlreadyExists", message)
            if known is None:
                _check_quota(store, paths, context)
                known = store.invalidate(reference, paths, context.now)
            location = f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{store.id}/invalidation/{known.id}"
            return {"Location": location, "Invalidation": _invalidation(known, context)}

    def get_invalidation(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(parameters["DistributionId"])
            known = store.invalidations.get(parameters["Id"])
        if known is None:
            raise AwsError("NoSuchInvalidation", "The specified invalidation does not exist.", 404)
        return {"Invalidation": _invalidation(known, context)}

    def list_invalidations(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(parameters["DistributionId"])
            newest_first = list(reversed(store.invalidations.values()))
        chosen, following = _marked([one.id for one in newest_first], parameters)
        rows = [
            {"Id": one.id, "CreateTime": one.created, "Status": one.status(context.now)}
            for one in newest_first
            if one.id in chosen
        ]
        return {"InvalidationList": _list(rows, parameters, following)}

    def list_tags(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(parameters["Resource"].rpartition("/")[2])
        tags = [{"Key": "application", "Value": "ec2-manager"}, {"Key": "environment", "Value": store.environment.name}]
        return {"Tags": {"Items": tags}}

    # Reading the distributions

    def _store(self, identity: str) -> DistributionStore:
        for store in self._stores.values():
            if store.id == identity:
                return store
        raise AwsError("NoSuchDistribution", "The specified distribution does not exist.", 404)

    def _summary(self, store: DistributionStore) -> dict[str, Any]:
        config = self._config(store)
        own = {
            "Id": store.id,
            "ARN": store.environment.distribution_arn,
            "Status": "Deployed",
            "LastModifiedTime": store.modified,
            "DomainName": store.environment.distribution_domain,
            "Staging": False,
        }
        shared = (
            "Aliases", "Origins", "OriginGroups", "DefaultCacheBehavior", "CacheBehaviors", "CustomErrorResponses",
            "Comment", "PriceClass", "Enabled", "ViewerCertificate", "Restrictions", "WebACLId", "HttpVersion",
            "IsIPV6Enabled",
        )  # fmt: skip
        return own | {name: config[name] for name in shared if name in config}

    @staticmethod
    def _config(store: DistributionStore) -> dict[str, Any]:
        e = store.environment
        return {
            "CallerReference": e.stack_name,
            "Aliases": {"Quantity": 0},
            "DefaultRootObject": "index.html",
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "web",
                        "DomainName": f"{e.bucket}.s3.{e.region}.amazonaws.com",
                        "OriginPath": "",
                        "CustomHeaders": {"Quantity": 0},
                        "S3OriginConfig": {"OriginAccessIdentity": ""},
                        "ConnectionAttempts": 3,
                        "ConnectionTimeout": 10,
                        "OriginShield": {"Enabled": False},
                    }
                ],
            },
            "OriginGroups": {"Quantity": 0},
            "DefaultCacheBehavior": {
                "TargetOriginId": "web",
                "TrustedSigners": {"Enabled": False, "Quantity": 0},
                "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
                "ViewerProtocolPolicy": "redirect-to-https",
                "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
                "SmoothStreaming": False,
                "Compress": True,
                "CachePolicyId": store.cache_policy,
            },
            "CacheBehaviors": {"Quantity": 0},
            "CustomErrorResponses": {"Quantity": 0},
            "Comment": store.comment,
            "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
            "PriceClass": store.price_class,
            "Enabled": store.enabled,
            "ViewerCertificate": {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1"},
            "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
            "WebACLId": "",
            "HttpVersion": "http2",
            "IsIPV6Enabled": True,
            "Staging": False,
        }


def _invalidation(one: Invalidation, context: Context) -> dict[str, Any]:
    return {
        "Id": one.id,
        "Status": one.status(context.now),
        "CreateTime": one.created,
        "InvalidationBatch": {
            "Paths": {"Quantity": len(one.paths), "Items": list(one.paths)},
            "CallerReference": one.reference,
        },
    }


def _check_batch(paths: tuple[str, ...], quantity: int | None, reference: str) -> None:
    if not reference:
        raise AwsError("InvalidArgument", "The parameter CallerReference is required.")
    if not paths:
        raise AwsError("InvalidArgument", "Your request must contain at least one invalidation path.")
    if quantity != len(paths):
        raise AwsError("InconsistentQuantities", "The value of Quantity and the size of Items don't match.")
    for path in paths:
        if not path.startswith("/") or "*" in path[:-1] or len(path) > 4_000:
            raise AwsError("InvalidArgument", f"Your request contains one or more invalid invalidation paths: {path}")


def _check_quota(store: DistributionStore, paths: tuple[str, ...], context: Context) -> None:
    under_way = [path for one in store.in_progress(context.now) for path in one.paths]
    wildcards = sum(path.endswith("*") for path in (*under_way, *paths))
    if wildcards > WILDCARDS_AT_ONCE or len(under_way) + len(paths) - wildcards > FILES_AT_ONCE:
        message = "You have exceeded the maximum number of allowable InProgress invalidation paths."
        raise AwsError("TooManyInvalidationsInProgress", message)


def _marked(ids: list[str], parameters: dict[str, Any]) -> tuple[set[str], str]:
    """The ids of one page, and the marker of the next; a marker names the last id before the page."""
    marker = parameters.get("Marker") or ""
    size = max(1, min(100, int(parameters.get("MaxItems") or 100)))
    start = ids.index(marker) + 1 if marker in ids else 0
    chosen = ids[start : start + size]
    return set(chosen), chosen[-1] if start + size < len(ids) else ""


def _list(rows: list[dict[str, Any]], parameters: dict[str, Any], following: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Marker": parameters.get("Marker") or "",
        "MaxItems": max(1, min(100, int(parameters.get("MaxItems") or 100))),
        "IsTruncated": bool(following),
        "Quantity": len(rows),
        "Items": rows,
    }
    return shown | ({"NextMarker": following} if following else {})
