"""HTTP on loopback: werkzeug's threaded server with kept-alive connections, ended at once when it is told to."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any, cast

from werkzeug.serving import WSGIRequestHandler, make_server

HOST = "127.0.0.1"
"""Nothing beyond this machine can reach a simulated account."""


class PortTaken(Exception):
    """Another process listens on the wanted port."""


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Head and body leave in two writes; with Nagle the second would wait 40 ms for an acknowledgement."""

    server: Any

    def setup(self) -> None:
        super().setup()
        self.server.account_connections.add(self.connection)

    def finish(self) -> None:
        self.server.account_connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def log(self, *_arguments: Any, **_keywords: Any) -> None:
        """Calls are recorded by the façade; standard error belongs to the command."""


class Server:
    """One WSGI application on 127.0.0.1, served from threads of its own."""

    def __init__(self, application: Callable[..., Any], port: int = 0) -> None:
        """Bind; port 0 takes a free one. Raises PortTaken."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, port))
            listener.listen(128)
        except (OSError, OverflowError) as error:
            listener.close()
            raise PortTaken(f"port {port} of {HOST} cannot be used: {error}") from error
        # werkzeug binding for itself would end the process when the port is taken.
        self._server = cast(
            Any, make_server(HOST, port, application, threaded=True, request_handler=_Handler, fd=listener.fileno())
        )
        listener.close()
        self._server.daemon_threads = True
        self._server.account_connections = set()
        self.port: int = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="simulated-account", daemon=True)

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut the connections that are open."""
        self._server.shutdown()
        self._server.server_close()
        for connection in tuple(self._server.account_connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)


def cut(environ: dict[str, Any]) -> None:
    """Reset the connection a request came by, so that its caller sees a broken pipe and no answer."""
    connection = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
    connection.close()
