"""The live page of an instance from Python: a server in a thread beside the program, shown in a frame by notebooks."""

from __future__ import annotations

import asyncio
import html
import importlib
import threading
from types import TracebackType
from typing import Self

from placer.instance.arguments import need_instance
from placer.instance.problem import Instance
from placer.live.source import Source, instance_source

#: The server, which takes the extra ``explore``.
_SERVER = "placer.live.server"
#: Height of the frame in a notebook, px, and the most seconds that the server takes to begin and to end.
_HEIGHT, _SECONDS = 800, 10.0


class LivePage:
    """A live page that is served until ``stop``, or until the program ends.

    Attributes
    ----------
    address : str
        Of the page, to open in a browser on this machine.
    """

    def __init__(self, source: Source, port: int = 0) -> None:
        self.address = ""
        self._error: BaseException | None = None
        self._ready = threading.Event()
        server = importlib.import_module(_SERVER)
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(server.serve(source, port, self._told, "*"))
        self._thread = threading.Thread(target=self._run, name="placer-explore", daemon=True)
        self._thread.start()
        self._ready.wait(_SECONDS)
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """End the server; answers that are worked on are given up."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join(_SECONDS)

    def __enter__(self) -> Self:
        """Return the page, whose server ends with the context."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the server."""
        self.stop()

    def __repr__(self) -> str:
        """Return the address."""
        return f"<LivePage: {self.address}>"

    def _repr_html_(self) -> str:
        address = html.escape(self.address)
        return (
            f'<iframe src="{address}" title="placer explore" width="100%" height="{_HEIGHT}" style="border:0"></iframe>'
            f'<p><a href="{address}" target="_blank" rel="noopener">{address}</a></p>'
        )

    def _told(self, address: str) -> None:
        self.address = address
        self._ready.set()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except OSError as error:
            self._error = error
        finally:
            self._ready.set()
            self._loop.close()


def explore(instance: Instance, name: str = "instance", *, port: int = 0) -> LivePage:
    """Serve the live page of an instance on this machine; a notebook shows it in a frame.

    Parameters
    ----------
    instance : Instance
    name : str
        What titles and saved files call it.
    port : int
        Of the loopback; 0 for one that is free.

    Returns
    -------
    LivePage
        With its ``address``; ``stop`` ends it.

    Raises
    ------
    ArgumentError
        If it is no instance.
    OSError
        If the port is not free.
    PlacerError
        If ``token-placer[explore]`` is not installed.
    """
    need_instance(instance)
    return LivePage(instance_source(instance, name), port)
