"""moto's server behind the façade: the services we do not serve ourselves, each seeded before its first request.

moto's services import slowly and its backends are global to the process. So a service is imported and seeded when
it is first asked for (or a moment after the start, in the background), and a new account starts from a clean state.
"""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

from services.simulated.errors import Answer
from services.simulated.moto_time import follow

_log = logging.getLogger("services.simulated")

_ONE_BY_ONE = frozenset({"dynamodb"})
"""Services of which a write under a condition is one move in AWS and two in moto: its requests take turns."""

_OTHERWISE_FOUND = ("cloudfront", "budgets")

Seed = Callable[[], None]


class MotoBacking:
    """moto as one WSGI application, with what has to be in it put there on first use."""

    def __init__(self, seeds: Mapping[str, Seed], now: Callable[[], Any]) -> None:
        self._seeds = dict(seeds)
        self._now = now
        self._locks = {service: threading.RLock() for service in self._seeds}
        self._seeded: set[str] = set()
        self._application: Any = None
        self._application_lock = threading.Lock()

    def reset(self) -> None:
        """Forget what an earlier account of this process left in moto."""
        from moto.core.base_backend import BackendDict
        from moto.core.model_instances import reset_model_data

        BackendDict.reset()
        reset_model_data()
        follow(self._now)

    def ready(self, service: str) -> None:
        """Return once `service` is imported and holds what the account has in it."""
        lock = self._locks.get(service)
        if lock is None or service in self._seeded:
            return
        with lock:
            if service not in self._seeded:
                follow(self._now, service)
                self._seeds[service]()
                self._seeded.add(service)

    def warm(self, services: Iterable[str], cancelled: threading.Event) -> None:
        """Make services ready one after the other, until told that nobody needs them any more."""
        for service in services:
            if cancelled.is_set():
                return
            try:
                self.ready(service)
            except Exception:  # nobody has asked yet; whoever does will meet the same error, as AWS's own
                _log.exception("moto's %s could not be made ready", service)

    def knows(self, service: str, region: str) -> bool:
        """Whether moto has that service at all; asking it for another makes it print, and then trip."""
        from moto.backend_index import backend_url_patterns

        if service in _modules() or service in _OTHERWISE_FOUND:
            return True
        return any(pattern.match(f"http://{service}.{region}.amazonaws.com") for _, pattern in backend_url_patterns)

    @contextmanager
    def alone(self, service: str) -> Iterator[None]:
        """Nobody's request to `service` comes in between while the block runs, if its requests take turns."""
        self.ready(service)
        with self._locks[service] if service in _ONE_BY_ONE else nullcontext():
            yield

    def answer(self, service: str, environ: Mapping[str, Any], body: bytes) -> Answer:
        """moto's answer to one request. Raises NotImplementedError when moto has no such operation."""
        with self.alone(service):
            return self._answered(environ, body)

    def _answered(self, environ: Mapping[str, Any], body: bytes) -> Answer:
        sent: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], Any]:
            sent.append((status, headers))
            return lambda _data: None

        request = dict(environ)
        request["wsgi.input"] = io.BytesIO(body)
        request["CONTENT_LENGTH"] = str(len(body))
        request.pop("HTTP_TRANSFER_ENCODING", None)
        pieces = self._app()(request, start_response)
        try:
            content = b"".join(pieces)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        status, headers = sent[-1]
        return Answer(int(status.split(" ", 1)[0]), dict(headers), content)

    def _app(self) -> Any:
        with self._application_lock:
            if self._application is None:
                from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

                _modules()
                self._application = DomainDispatcherApplication(create_backend_app)
            return self._application


@cache
def _modules() -> frozenset[str]:
    """moto's services. It looks into its own folder for each request, which took a quarter of it: told from here on."""
    from moto import backends

    known = tuple(backends.list_of_moto_modules())
    vars(backends)["list_of_moto_modules"] = lambda: known
    return frozenset(known)
