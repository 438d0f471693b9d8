"""One server as a scenario sees it: requests in, answers out, each written down in a transcript."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import requests

from harness import ADMIN_PASSWORD, Process
from lists import Lists


# Stands for the method where a scenario cannot go on.
BROKEN = "(broken)"


class Order(Enum):
    """What a list is sorted by."""

    # By a value, then by id: both servers, so that items of equal value stand by chance.
    VALUE_AND_ID = "value and id"
    # By a value alone: items of equal value stand in any order.
    VALUE = "value"
    # By ids, or by what is made by chance: any order.
    CHANCE = "chance"


class Broken(Exception):
    """A scenario cannot go on: an answer lacks what the next request needs."""


@dataclass(frozen=True)
class Exchange:
    """One request and what was answered."""

    scenario: str
    method: str
    path: str
    sent: str
    status: int
    answer: Any
    # How much of a list's items is compared: all of them, or their ids in an order.
    order: Order | None = None


class Answer:
    """What was answered; indexing goes into the JSON."""

    def __init__(self, exchange: Exchange, answer: Any) -> None:
        self.exchange = exchange
        self.status = exchange.status
        self.json = answer

    def __getitem__(self, key: Any) -> Any:
        try:
            return self.json[key]
        except (KeyError, IndexError, TypeError):
            # What a request before this one made is missing.
            text = str(self.json)[:300]
            raise Broken(f"{self.exchange.method} {self.exchange.path} has no {key!r}: {self.status} {text}") from None

    @property
    def id(self) -> str:
        return self["id"]


class Api:
    """Sends requests as one user of one server. All users of a server write into the same transcript."""

    def __init__(self, server: Process, lists: Lists, user: str = "admin", password: str = ADMIN_PASSWORD) -> None:
        self.server = server
        self.url = server.url
        self.lists = lists
        self.session = requests.Session()
        self.transcript: list[Exchange] = []
        self.scenario = ""
        self._admin: Api = self
        self.session.headers["Authorization"] = f"Bearer {self._login(user, password)}"

    def _login(self, user: str, password: str) -> str:
        answer = requests.post(f"{self.url}/api/v1/login", data={"username": user, "password": password}, timeout=30)
        assert answer.status_code == 200, f"login of {user}: {answer.status_code} {answer.text}"
        return answer.json()["access_token"]

    def with_token(self, token: str | None) -> Api:
        """The same server and transcript, asked with another token, or with none."""
        other = Api.__new__(Api)
        other.server, other.url, other.lists, other._admin = self.server, self.url, self.lists, self._admin
        other.session = requests.Session()
        if token:
            other.session.headers["Authorization"] = f"Bearer {token}"
        return other

    def as_user(self, user: str, password: str) -> Api:
        return self.with_token(self._login(user, password))

    def send(self, method: str, path: str, order: Order | None = None, **options: Any) -> Answer:
        """Any request; with an `order` the ids of a list's items are written down, not the items."""
        where = path if path.startswith(("/health", "/ready", "/openapi")) else f"/api/v1{path}"
        answer = self.session.request(method, f"{self.url}{where}", timeout=60, allow_redirects=False, **options)
        try:
            full = answer.json()
        except ValueError:
            full = answer.text
        written = full
        if order and answer.ok:
            written = {key: value for key, value in full.items() if key != "items"} | {"ids": [item["id"] for item in full["items"]]}
        sent = ", ".join(f"{name}={value!r}" for name, value in options.items() if name != "headers")
        exchange = Exchange(self._admin.scenario, method, path, sent, answer.status_code, written, order)
        self._admin.transcript.append(exchange)
        return Answer(exchange, full)

    def get(self, path: str, **params: Any) -> Answer:
        return self.send("GET", path, params=params)

    def post(self, path: str, body: Any = None, **params: Any) -> Answer:
        return self.send("POST", path, json=body, params=params)

    def put(self, path: str, body: Any = None, **params: Any) -> Answer:
        return self.send("PUT", path, json=body, params=params)

    def delete(self, path: str, body: Any = None, **params: Any) -> Answer:
        return self.send("DELETE", path, json=body, params=params)

    def note(self, method: str, path: str, sent: str, status: int, answer: Any) -> None:
        """Writes down what was asked of the server by other means."""
        self._admin.transcript.append(Exchange(self._admin.scenario, method, path, sent, status, answer))

    def secret(self, method: str, path: str, **options: Any) -> Answer:
        """A request whose answer is a secret: if there is one, only that is compared."""
        answer = self.send(method, path, **options)
        if answer.status == 200:
            self._admin.transcript[-1] = replace(answer.exchange, answer="(secret)" if isinstance(answer.json, str) else answer.json)
        return answer

    def attempt(self, path: str, body: Any, **removing: Any) -> None:
        """Tries to make something that no other scenario wants to meet: it is removed again, unseen."""
        made = self.post(path, body)
        if made.status == 200:
            answer = self.session.delete(f"{self.url}/api/v1{path}/{made['id']}", params=removing, timeout=60)
            assert answer.ok, f"{path}/{made['id']} stays: {answer.text}"

    def ids(self, path: str, order: Order = Order.VALUE_AND_ID, **params: Any) -> Answer:
        """A list, of which only the ids are compared."""
        return self.send("GET", path, order, params=params)
