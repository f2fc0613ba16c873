"""What both synchronisations share: batches of rows for kpigraph, watermarks, requests that are tried again."""

import os
import sys
import time
import uuid
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import requests
from gql import Client, gql
from gql.transport.requests import RequestsHTTPTransport
from requests.adapters import HTTPAdapter, Retry

OPERATIONS = Path(__file__).resolve().parent.parent / "crm.graphql"
BATCH_ROWS = int(os.environ.get("KPIGRAPH_BATCH_ROWS", "5000"))
STATE = Path(os.environ.get("SYNC_STATE", "."))
# Customers before what tells of them.
ORDER = ("Customers", "StageEvents", "Touchpoints", "Opportunities", "Orders")
TRIES = 5
TRIED_AGAIN = (429, 500, 502, 503, 504)
# Rows may appear in a CRM's lists after rows that were changed later: look back a little.
OVERLAP = timedelta(minutes=5)


class Kpigraph:
    """The service, and what became of the rows sent to it."""

    def __init__(self, source=None):
        transport = RequestsHTTPTransport(
            url=os.environ.get("KPIGRAPH_URL", "http://127.0.0.1:8080/graphql"),
            headers={"Authorization": f"Bearer {os.environ['KPIGRAPH_KEY']}"},
            timeout=300,
            # Network errors and TRIED_AGAIN, after as long as Retry-After says.
            retries=TRIES,
            retry_backoff_factor=1,
            retry_status_forcelist=TRIED_AGAIN,
        )
        self.client = Client(transport=transport)
        self.source = source
        self.waiting = {}
        self.counts = {}

    def ask(self, operation, variables):
        document = gql(OPERATIONS.read_text(encoding="utf-8"))
        document.operation_name = operation
        document.variable_values = variables
        return self.client.execute(document)

    def add(self, operation, row):
        """Takes a row; sends what waits as soon as there are as many of a kind as a call may have."""
        rows = self.waiting.setdefault(operation, [])
        rows.append(row)
        if len(rows) == BATCH_ROWS:
            self.flush()

    def flush(self):
        for operation in ORDER:
            if rows := self.waiting.pop(operation, []):
                self.send(operation, rows)

    def send(self, operation, rows):
        # One key for however many tries: the service does the work once.
        batch = {"source": self.source, "idempotencyKey": str(uuid.uuid4()), "items": rows}
        for _ in range(TRIES):
            done = self.ask(operation, {"input": batch})["done"]
            if [error["code"] for error in done["errors"]] != ["RUNNING"]:
                break
            time.sleep(done["errors"][0]["retryAfterMs"] / 1000)
        if done["errors"]:
            sys.exit(f"{operation}: {done['errors']}")
        self.counts.setdefault(operation, Counter()).update(done["counts"])
        for result in done["results"]:
            if result["outcome"] == "FAILED":
                row = rows[result["index"]]
                name = row.get("id") or (row.get("ref") or row.get("customer"))["external"]["id"]
                for error in result["errors"]:
                    path = ".".join(error["path"])
                    print(f"FAILED {operation} {name}: {path}: {error['code']}: {error['message']}")

    @contextmanager
    def changes(self, name):
        """The watermark of a list. It is kept when all rows are answered: what a stopped run did is done again."""
        watermark = Watermark(name)
        yield watermark
        self.flush()
        watermark.keep()

    def end(self):
        """Tells what happened; the exit code is 1 when rows failed."""
        for operation, counts in self.counts.items():
            print(f"{operation}: " + ", ".join(f"{number} {outcome}" for outcome, number in counts.items()))
        sys.exit(1 if any(counts["failed"] for counts in self.counts.values()) else 0)


class Watermark:
    """Up to when the changes of one of the CRM's lists are known, by the CRM's clock, kept in a file."""

    def __init__(self, name):
        self.file = STATE / f"{name}.since"
        self.since = self.latest = None
        if self.file.exists():
            self.latest = self.file.read_text(encoding="utf-8").strip()
            self.since = datetime.fromisoformat(self.latest) - OVERLAP

    def saw(self, changed_at):
        instant = datetime.fromisoformat(changed_at).astimezone(timezone.utc)
        text = instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.latest = max(text, self.latest or text)

    def keep(self):
        if self.latest:
            new = self.file.with_suffix(".new")
            new.write_text(self.latest + "\n", encoding="utf-8")
            new.replace(self.file)


def crm_session(token=None):
    """Requests to the CRM, tried again like those to the service."""
    retry = Retry(total=TRIES, backoff_factor=1, status_forcelist=TRIED_AGAIN, allowed_methods=None)
    session = requests.Session()
    for scheme in "http://", "https://":
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    if token:
        session.headers["Authorization"] = f"Bearer {token}"
    return session
