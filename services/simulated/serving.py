"""HTTP on loopback: werkzeug's threaded server with kept-alive connections, ended at once when it is told to."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any, cast

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import LimitedStream

_log = logging.getLogger("services.simulated")

HOST = "127.0.0.1"
"""Nothing beyond this machine can reach a simulated account."""


_UNREAD = 1 << 20
"""Bytes read at once of a body that nobody wanted."""


class PortTaken(Exception):
    """Another process listens on the wanted port."""


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """A stream's events leave one by one; with Nagle each would wait 40 ms for an acknowledgement of the last."""

    server: Any

    def setup(self) -> None:
        super().setup()
        self.server.account_connections.add(self.connection)

    def finish(self) -> None:
        self.server.account_connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def run_wsgi(self) -> None:
        """Answer one request and keep the connection for the next. werkzeug's own closes it after every answer."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ = self.make_environ()
        if "wsgi.input_terminated" not in environ:
            # A body ends where its length says; behind it the next request begins.
            environ["wsgi.input"] = LimitedStream(cast(Any, self.rfile), _length(environ))
            environ["wsgi.input_terminated"] = True
        reply = _Reply(self)
        try:
            items = self.server.app(environ, reply.start)
            try:
                for data in items:
                    reply.write(data)
                reply.end()
            finally:
                if hasattr(items, "close"):
                    items.close()
            # What nobody wanted to read must not be taken for the next request.
            while not self.close_connection and environ["wsgi.input"].read(_UNREAD):
                pass
        except (OSError, ClientDisconnected):
            self.close_connection = True
        except Exception:  # the outermost edge: standard error belongs to the command
            _log.exception("an answer could not be sent")
            self.close_connection = True

    def log(self, *_arguments: Any, **_keywords: Any) -> None:
        """Calls are recorded by the façade; standard error belongs to the command."""


class _Reply:
    """One answer on its way. The head leaves with the first bytes of the body, in one write."""

    def __init__(self, handler: _Handler) -> None:
        self._handler = handler
        self._status = ""
        self._headers: list[tuple[str, str]] = []
        self._head_sent = False
        self._chunked = False
        self._silent = handler.command == "HEAD"
        """Nothing but the head is sent."""

    def start(self, status: str, headers: list[tuple[str, str]], _failure: object = None) -> Callable[[bytes], None]:
        self._status, self._headers = status, headers
        return self.write

    def write(self, data: bytes) -> None:
        out = b"" if self._head_sent else self._head()
        if data and not self._silent:
            out += b"%x\r\n%s\r\n" % (len(data), data) if self._chunked else data
        if out:
            self._handler.wfile.write(out)

    def end(self) -> None:
        self.write(b"")
        if self._chunked:
            self._handler.wfile.write(b"0\r\n\r\n")

    def _head(self) -> bytes:
        self._head_sent = True
        names = {name.lower() for name, _ in self._headers}
        headers = list(self._headers)
        code = int(self._status.split(" ", 1)[0])
        self._silent = self._silent or code < 200 or code in (204, 304)
        if "content-length" not in names and not self._silent:
            # A caller of HTTP/1.0 knows no chunks: for it the answer ends with the connection.
            self._chunked = self._handler.request_version != "HTTP/1.0"
            if self._chunked:
                headers.append(("Transfer-Encoding", "chunked"))
            else:
                self._handler.close_connection = True
        if self._handler.close_connection:
            headers.append(("Connection", "close"))
        for name, value in (("Server", self._handler.version_string()), ("Date", self._handler.date_time_string())):
            if name.lower() not in names:
                headers.append((name, value))
        lines = [f"HTTP/1.1 {self._status}", *(f"{name}: {value}" for name, value in headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")


def _length(environ: dict[str, Any]) -> int:
    """Bytes of the request's body; 0 when it does not say, or says nonsense."""
    text = str(environ.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isdecimal() else 0


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
