"""Fixtures of the tests of the live page: its server, beside the test, and a client that asks as a browser does."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest

import placer
from placer.live.background import LivePage
from placer.live.changes import read_changes
from placer.live.source import dataset_source, instance_source
from tests.effort import PATIENCE_SECONDS


class Client:
    """Asks a server; ``headers`` replace those of a browser on the page, and None leaves one out."""

    def __init__(self, address):
        self.address = address
        found = urlsplit(address)
        self.host, self.port, self.netloc, self.path = found.hostname, found.port, found.netloc, found.path

    def __call__(self, method, path, body=None, **headers):
        """Return the status, the headers and the body of the answer; ``path`` is below the token."""
        return self.whole(method, self.path + path, body, **headers)

    def whole(self, method, path, body=None, **headers):
        """Return the same of a whole path."""
        said = {"Host": self.netloc, "Origin": f"http://{self.netloc}", "Content-Type": "application/json"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in said.items():
                if value is not None:
                    connection.putheader(name, value)
            data = body.encode() if isinstance(body, str) else body
            connection.putheader("Content-Length", str(len(data or b"")))
            connection.endheaders(data)
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read()
        finally:
            connection.close()

    def answer(self, changes):
        """Return the messages of an answer."""
        status, _, body = self("POST", "answer", json.dumps(changes))
        assert status == 200
        return [json.loads(line) for line in body.decode().splitlines()]


@pytest.fixture(scope="module")
def live():
    """Return a client of a server of the dataset ``tiny``."""
    with LivePage(dataset_source("tiny")) as page:
        yield Client(page.address)


@pytest.fixture(scope="session")
def source():
    """Return the source that is the dataset ``tiny``."""
    return dataset_source("tiny")


@pytest.fixture(scope="session")
def rich():
    """Return the source of an instance with policies, surcharges, law and several types of accelerators."""
    policies = [
        {
            "policy": "tariff",
            "kind": "tariff_usd_per_mtok",
            "amount": 0.1,
            "from_region": "west",
            "paid_to": "importer",
        },
        {"policy": "no voice", "kind": "ban", "from_region": "west", "to_region": "east", "workload": "voice"},
    ]
    tiny = placer.load("tiny")
    pools = [
        {"data_centre": "Port", "accelerator_type": kind, "accelerators": 50.0, "accelerator_usd_per_hour": 1.0}
        for kind in ("new", "old")
    ]
    sites = tiny.data_centres
    own = sites["accelerators"].astype(object).where(sites["data_centre"] != "Port", None)
    changed = tiny.replace(
        policies=policies,
        surcharges=[{"hub_region": "east", "region": "west", "usd_per_mtok": 0.01}],
        workloads=tiny.workloads.assign(jurisdictions=[("east",), None, None]),
        data_centres=sites.assign(accelerators=own),
        accelerator_pools=pools,
    )
    return instance_source(changed, "rich")


@pytest.fixture(scope="session")
def asked(source):
    """Return a function from changes to what is asked of a source, ``tiny`` by default."""
    return lambda changes, of=source: read_changes(json.dumps(changes).encode(), of)
