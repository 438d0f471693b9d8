"""Snapshots as the SDK and the CLI make, list, change and delete them."""

import pytest
from harness import Client, CommandFailed, Rest


def create(client: Client, name: str, **naming: object) -> dict:
    return client.call("create_snapshot", module="training", pipeline="training_pipeline", name=name, **naming)


def test_create_by_sdk(snapshot: dict) -> None:
    assert snapshot["name"] == "training"
    assert snapshot["description"] == "For the acceptance tests"
    assert "seed" in snapshot["tags"]
    assert snapshot["pipeline"] == "training_pipeline"
    assert snapshot["stack"] == "default"
    assert snapshot["steps"] == ["data_loader", "model_trainer", "evaluator"]
    assert "def training_pipeline" in snapshot["source_code"]


def test_runnable_on_its_local_stack(snapshot: dict) -> None:
    """Unlike the peer, which cannot run snapshots of local stacks."""
    assert snapshot["runnable"] is True


def test_create_by_cli(client: Client, rest: Rest, unique) -> None:
    name = unique("by-cli")
    client.zenml("pipeline", "snapshot", "create", "training.training_pipeline", "--name", name, "--tags", "from-cli", "-d", "By CLI")
    made = client.call("describe_snapshot", snapshot=name, pipeline="training_pipeline")
    assert (made["name"], made["description"]) == (name, "By CLI")
    assert "from-cli" in made["tags"]
    assert name in client.zenml("pipeline", "snapshot", "list")


def test_name_taken_and_replaced(client: Client, unique) -> None:
    name = unique("taken")
    first = create(client, name)
    with pytest.raises(CommandFailed, match="(?s)EntityExistsError.*already"):
        create(client, name)
    second = create(client, name, replace=True)
    assert second["id"] != first["id"]
    assert client.call("describe_snapshot", snapshot=name)["id"] == second["id"]


def test_name_a_runs_snapshot(client: Client, rest: Rest, first_run: dict, unique) -> None:
    """What the dashboard's New Snapshot does."""
    name = unique("from-run")
    named = rest.put(f"/pipeline_snapshots/{first_run['snapshot']}", {"name": name})
    assert named["id"] == first_run["snapshot"]
    assert client.call("describe_snapshot", snapshot=name)["id"] == first_run["snapshot"]
    rest.put(f"/pipeline_snapshots/{first_run['snapshot']}", {"name": False})


def test_list_filters(client: Client, unique) -> None:
    one, two = unique("listed"), unique("listed")
    create(client, one, tags=[f"tag-{one}"])
    create(client, two)
    newest_first = client.call("list_snapshots", name="startswith:listed-", sort_by="desc:created")
    assert newest_first == [two, one]
    assert client.call("list_snapshots", tags=[f"tag-{one}"]) == [one]
    assert client.call("list_snapshots", name=f'oneof:["{one}","nothing"]') == [one]
    assert set(client.call("list_snapshots", runnable=True, pipeline="training_pipeline", size=100)) >= {one, two}
    assert None in client.call("list_snapshots", named_only=False, size=100)


def test_update_and_delete(client: Client, unique) -> None:
    name, renamed = unique("changing"), unique("changed")
    made = create(client, name, tags=["before"])
    changed = client.call(
        "update_snapshot", snapshot=made["id"],
        name=renamed, description="Other", add_tags=["after"], remove_tags=["before"],
    )
    assert (changed["name"], changed["description"]) == (renamed, "Other")
    assert "after" in changed["tags"] and "before" not in changed["tags"]
    client.call("delete_snapshot", snapshot=made["id"])
    with pytest.raises(CommandFailed, match="KeyError"):
        client.call("describe_snapshot", snapshot=renamed)


def test_delete_by_cli(client: Client, unique) -> None:
    name = unique("deleted")
    create(client, name)
    client.zenml("pipeline", "snapshot", "delete", name, typed="y\n")
    assert name not in client.call("list_snapshots", size=100)
