"""Run templates: what named snapshots were called before, in the client to this day."""

from harness import Client, Rest


def test_make_list_and_run(client: Client, rest: Rest) -> None:
    snapshot = client.call("create_snapshot", module="training", pipeline="training_pipeline", name="to-be-a-template")
    made = client.call("make_template", name="acceptance-template", snapshot=snapshot["id"])
    assert made["runnable"]
    assert "acceptance-template" in client.call("list_templates", pipeline="training_pipeline")
    faster = {"steps": {"model_trainer": {"parameters": {"learning_rate": 0.25}}}}
    run = client.call("trigger", template_id=made["id"], run_configuration=faster)
    assert run["status"] == "completed", run["status_reason"]
    assert run["steps"]["model_trainer"]["parameters"]["learning_rate"] == 0.25
    assert rest.get(f"/runs/{run['id']}")["metadata"]["template_id"] == made["id"]
    client.call("delete_template", template=made["id"])
    assert "acceptance-template" not in client.call("list_templates")
