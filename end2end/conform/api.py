"""One server as a scenario sees it: requests in, answers out, each written down in a transcript."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from harness import ADMIN_PASSWORD
from lists import Lists


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
    # The answer is cut down to the ids of a list's items.
    only_ids: bool


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
            text = str(self.json)[:300]
            raise Broken(f"{self.exchange.method} {self.exchange.path} has no {key!r}: {self.status} {text}") from None

    @property
    def id(self) -> str:
        return self["id"]


class Api:
    """Sends requests as one user of one server. All users of a server write into the same transcript."""

    def __init__(self, url: str, lists: Lists, user: str = "admin", password: str = ADMIN_PASSWORD) -> None:
        self.url = url
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
        other.url, other.lists, other._admin, other.session = self.url, self.lists, self._admin, requests.Session()
        if token:
            other.session.headers["Authorization"] = f"Bearer {token}"
        return other

    def as_user(self, user: str, password: str) -> Api:
        return self.with_token(self._login(user, password))

    def send(self, method: str, path: str, only_ids: bool = False, **options: Any) -> Answer:
        """Any request; `only_ids` writes down the ids of a list's items, not the items."""
        where = path if path.startswith(("/health", "/ready", "/openapi")) else f"/api/v1{path}"
        answer = self.session.request(method, f"{self.url}{where}", timeout=60, allow_redirects=False, **options)
        try:
            full = answer.json()
        except ValueError:
            full = answer.text
        written = full
        if only_ids and answer.ok:
            written = {key: value for key, value in full.items() if key != "items"} | {"ids": [item["id"] for item in full["items"]]}
        sent = ", ".join(f"{name}={value!r}" for name, value in options.items() if name != "headers")
        exchange = Exchange(self._admin.scenario, method, path, sent, answer.status_code, written, only_ids)
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

    def attempt(self, path: str, body: Any) -> None:
        """Tries to make something that no other scenario wants to meet: it is removed again, unseen."""
        made = self.post(path, body)
        if made.status == 200:
            answer = self.session.delete(f"{self.url}/api/v1{path}/{made['id']}", timeout=60)
            assert answer.ok, f"{path}/{made['id']} stays: {answer.text}"

    def ids(self, path: str, **params: Any) -> Answer:
        """A list, of which only the ids are compared."""
        return self.send("GET", path, only_ids=True, params=params)
