"""The unmodified client with either server: calls of its SDK, and `zenml` commands."""

import json
import re
import shutil
import tempfile
import threading
from pathlib import Path

from api import Api, Broken
from harness import Client, copy_project
from peer import peer_python

# What each client draws by lot: the addresses of what it deploys, the last parts of folders, and keys made from them.
CHANCE = (
    (re.compile(r"http://(localhost|127\.0\.0\.1):\d+"), "(address)"),
    (re.compile(r"/[0-9a-f]{8}(?=[/\"])"), "/(folder)"),
    (re.compile(r'("cache_key": )"[0-9a-f]{32}"'), r'\1"(key)"'),
)
DEPLOYING = threading.Lock()
CALLS = Path(__file__).resolve().parents[1] / "client_calls.py"


def accounts(api: Api) -> None:
    _play(api, "accounts")


def settings_of_work(api: Api) -> None:
    _play(api, "settings_of_work")


def runs(api: Api) -> None:
    _play(api, "runs")


def commands(api: Api) -> None:
    _play(api, "commands")


def deployment(api: Api) -> None:
    # One after the other: both would find the same port free.
    with DEPLOYING:
        _play(api, "deployment")


def _play(api: Api, name: str) -> None:
    """Lets a client of its own make the calls of this name, as an admin's service account in the project `default`."""
    account = api.post("/service_accounts", {"name": f"client-{name}", "active": True}).id
    key = api.post(f"/service_accounts/{account}/api_keys", {"name": "key"})["body"]["key"]
    variables = {"ZENML_STORE_URL": api.url, "ZENML_STORE_API_KEY": key, "ZENML_ACTIVE_PROJECT_ID": api.get("/projects/default").id}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        project = copy_project(folder / "project")
        shutil.copy(CALLS, project)
        answers = folder / "answers.json"
        # What deploys snapshots needs more packages than the plain client has; the client in them is the same.
        client = Client(api.server, folder / "client", project, variables, peer_python())
        try:
            client.run([client.python, CALLS.name, name, str(answers)], seconds=300)
            failed = ""
        except AssertionError as error:
            failed = str(error)
        text = answers.read_text() if answers.exists() else "[]"
        for place, word in ((str(folder), "(folder)"), (str(api.server.local_stores), "(stores)"), (api.url, "(server)")):
            text = text.replace(place, word)
    for chance, word in CHANCE:
        text = chance.sub(word, text)
    for call in json.loads(text):
        method, path = ("zenml", " ".join(call["sent"].split()[:3])) if call["name"] == "zenml" else ("Client", call["name"])
        if "raised" in call:
            api.note(method, path, call["sent"], 0, call["raised"])
        else:
            api.note(method, path, call["sent"], 200, call["returned"])
    if failed:
        raise Broken(failed)
