"""The server of a live page: five addresses below its token, on the loopback of this machine, and no file at all.

    GET  TOKEN/          the page
    GET  TOKEN/alive     nothing, with status 204
    POST TOKEN/panel     scenarios -> the controls of their instance, as JSON
    POST TOKEN/answer    changes -> messages of the answer, a line of JSON each, as they are found
    POST TOKEN/report    changes -> the report, as a file
    POST TOKEN/script    changes -> the Python that makes the same report, as a file

All else is 404, also what is asked without the token or by a foreign name of this machine (``placer.live.guard``).
An answer is worked on in a thread as long as its request is open: a page that asks again closes the older one.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any

from placer.errors import PlacerError
from placer.live.answers import Answers, LiveAnswer
from placer.live.applied import script
from placer.live.changes import AskedChanges, read_changes
from placer.live.guard import is_loopback, is_own_origin, is_token, new_token
from placer.live.panel import panel
from placer.live.parts import report
from placer.live.shell import shell
from placer.live.source import Source
from placer.live.stream import Progress, StoppedError, refusal, stream
from placer.report.html.markup import plain
from placer.running import running
from placer.utils.optional import extra

if TYPE_CHECKING:
    from tornado import httpserver, iostream, web
else:  # what is missing is said by the name of the extra
    extra("tornado", "live pages", "explore")
    httpserver, iostream, web = (
        extra(f"tornado.{name}", "live pages", "explore") for name in ("httpserver", "iostream", "web")
    )

HOST = "127.0.0.1"
#: Largest body and head of a request, bytes, and the time within which a body must be there, s.
MOST_BODY, MOST_HEAD, BODY_SECONDS = 200_000, 16_384, 10.0
#: Answers that are worked on at once, and the most that wait for it.
WORKERS, MOST_WAITING = 4, 32
_ENDED = None
#: Connections that wait for the server.
_BACKLOG = 64


@dataclass(frozen=True, eq=False)
class Live:
    """What the requests of one server share.

    Attributes
    ----------
    ancestors : str
        Who may show the page in a frame, as the policy names them.
    stops : set of Event
        Of the answers that are worked on or wait.
    """

    answers: Answers
    token: str
    ancestors: str
    pool: ThreadPoolExecutor
    stops: set[Event] = field(default_factory=set)


class _Guarded(web.RequestHandler):
    """A request that is answered with the token alone."""

    @property
    def live(self) -> Live:
        """What the requests share."""
        return self.settings["live"]

    def prepare(self) -> None:
        headers = self.request.headers
        if not self._is_known():
            raise web.HTTPError(404)
        if self.request.method == "POST":
            if not is_own_origin(headers.get("Origin", ""), headers["Host"]):
                raise web.HTTPError(403)
            if headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
                raise web.HTTPError(415)

    def _is_known(self) -> bool:
        """Return whether the request has the token, and names this machine."""
        token = self.request.path.split("/")[1]
        return is_token(token, self.live.token) and is_loopback(self.request.headers.get("Host", ""))

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in {
            "Cache-Control": "no-store",
            "Content-Security-Policy": f"frame-ancestors {self.live.ancestors}",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }.items():
            self.set_header(name, value)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Say the status and nothing of the program; what is asked without the token is never there."""
        self.set_status(status_code if self._is_known() else 404)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{self.get_status()}\n")

    def compute_etag(self) -> None:
        """Give no tag: nothing is kept."""


class _Nowhere(_Guarded):
    """Every address that is not there."""

    def prepare(self) -> None:
        raise web.HTTPError(404)


class _Page(_Guarded):
    def get(self, _token: str) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(shell(self.live.answers.source))


class _Alive(_Guarded):
    def get(self, _token: str) -> None:
        self.set_status(204)


class _Working(_Guarded):
    """A request whose work is done in a thread, and stopped once the browser has closed it."""

    def initialize(self) -> None:
        self.stop = Event()

    def on_connection_close(self) -> None:
        self.stop.set()

    def on_finish(self) -> None:
        self.live.stops.discard(self.stop)

    def in_thread(self, work: Callable[..., Any], *arguments: Any) -> Awaitable[Any]:
        if len(self.live.stops) >= MOST_WAITING:
            raise web.HTTPError(503)
        self.live.stops.add(self.stop)
        return asyncio.get_running_loop().run_in_executor(self.live.pool, work, *arguments)

    def asked(self) -> AskedChanges:
        """Return the changes of the body; raises as ``read_changes``."""
        return read_changes(self.request.body, self.live.answers.source)

    def refuse(self, error: PlacerError) -> None:
        self.set_status(400)
        self.finish(refusal(error))


class _Panel(_Working):
    async def post(self, _token: str) -> None:
        try:
            asked = await self.in_thread(self.asked)
        except PlacerError as error:
            self.refuse(error)
        else:
            self.finish({"html": panel(asked.assumptions, self.live.answers.source)})


class _Answer(_Working):
    async def post(self, _token: str) -> None:
        loop = asyncio.get_running_loop()
        lines: asyncio.Queue[str | None] = asyncio.Queue()

        def put(line: str | None) -> None:
            loop.call_soon_threadsafe(lines.put_nowait, line)

        self.set_header("Content-Type", "application/x-ndjson")
        work = self.in_thread(_lines, self.live.answers, self.request.body, self.stop, put)
        while (line := await lines.get()) is not _ENDED:
            self.write(line)
            with suppress(iostream.StreamClosedError):  # the page has asked again; the work ends by itself
                await self.flush()
        await work  # raises what is no error of the library


def _lines(answers: Answers, body: bytes, stop: Event, put: Callable[[str | None], None]) -> None:
    """Put the messages of an answer as lines of JSON, and the end."""
    try:
        stream(answers, body, stop, lambda message: put(json.dumps(message, allow_nan=False) + "\n"))
    finally:
        put(_ENDED)


class _File(_Working):
    """A request for a file to save, made from a whole answer."""

    kind, ending = "text/plain", ".txt"

    def text(self, answer: LiveAnswer) -> str:
        raise NotImplementedError

    async def post(self, _token: str) -> None:
        try:
            text = await self.in_thread(self._text)
        except PlacerError as error:
            self.refuse(error)
        except StoppedError:
            return
        else:
            self.set_header("Content-Type", f"{self.kind}; charset=utf-8")
            self.set_header("Content-Disposition", f'attachment; filename="placer{self.ending}"')
            self.finish(text)

    def _text(self) -> str:
        with running(progress=Progress(self.stop)):
            return self.text(self.live.answers.whole(self.asked()))


class _Report(_File):
    kind, ending = "text/html", ".html"

    def text(self, answer: LiveAnswer) -> str:
        return report(answer, f"placer explore {plain(self.live.answers.source.name)}")


class _Script(_File):
    kind, ending = "text/x-python", ".py"

    def text(self, answer: LiveAnswer) -> str:
        return script(answer.asked, self.live.answers.source, with_ceiling=answer.subject.ceiling is not None)


def application(live: Live) -> web.Application:
    """Return the application of a live page."""
    paths = {"": _Page, "alive": _Alive, "panel": _Panel, "answer": _Answer, "report": _Report, "script": _Script}
    return web.Application(
        [(rf"/([^/]+)/{path}", handler) for path, handler in paths.items()],
        default_handler_class=_Nowhere,
        live=live,
        log_function=lambda _: None,  # addresses hold the token
    )


async def serve(source: Source, port: int, told: Callable[[str], None], ancestors: str = "'none'") -> None:
    """Serve the live page of a source until the task is cancelled.

    Parameters
    ----------
    port : int
        0 for one that is free.
    told : callable
        Called with the address once it can be asked.
    ancestors : str
        Who may show the page in a frame, as a policy names them.

    Raises
    ------
    OSError
        If the port is not free.
    """
    live = Live(Answers(source), new_token(), ancestors, ThreadPoolExecutor(WORKERS, "placer-explore"))
    server = httpserver.HTTPServer(
        application(live), max_body_size=MOST_BODY, max_header_size=MOST_HEAD, body_timeout=BODY_SECONDS
    )
    bound = socket.create_server((HOST, port), backlog=_BACKLOG)
    bound.settimeout(0)
    server.add_socket(bound)
    try:
        told(f"http://{HOST}:{bound.getsockname()[1]}/{live.token}/")
        await asyncio.Event().wait()
    finally:
        for stop in live.stops:
            stop.set()
        live.pool.shutdown(wait=False, cancel_futures=True)
        server.stop()
        await server.close_all_connections()
