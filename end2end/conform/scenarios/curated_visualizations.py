"""Visualizations that are shown on the pages of other resources."""

import build
from api import Api
from sweep import ABSENT_ID


def life(api: Api) -> None:
    project = build.project(api, "curated")
    pipeline = build.pipeline(api, project)
    version = build.artifact_version(api, project, "report", visualizations=[{"type": "html", "uri": "/nowhere/1"}, {"type": "csv", "uri": "/nowhere/2"}])
    shown = [item["id"] for item in api.get(f"/artifact_versions/{version}")["metadata"]["visualizations"]]
    full = {
        "project": project, "artifact_visualization_id": shown[0], "display_name": "Report", "display_order": 1, "layout_size": "half_width",
        "resource_id": pipeline, "resource_type": "pipeline",
    }
    made = api.post("/curated_visualizations", full).id
    api.post("/curated_visualizations", full)
    api.post("/curated_visualizations", full | {"artifact_visualization_id": shown[1]})
    for hydrate in (True, False):
        api.get(f"/curated_visualizations/{made}", hydrate=hydrate)
    api.get(f"/pipelines/{pipeline}")
    api.put(f"/curated_visualizations/{made}", {"display_name": "Other", "display_order": 2, "layout_size": "full_width"})
    api.put(f"/curated_visualizations/{made}", {"layout_size": "planet"})
    api.put(f"/curated_visualizations/{made}", {})
    for wrong in (
        {"artifact_visualization_id": ABSENT_ID}, {"resource_id": ABSENT_ID}, {"resource_type": "planet"}, {"layout_size": "planet"}, {"project": ABSENT_ID},
    ):
        api.attempt("/curated_visualizations", full | wrong)
    api.post("/curated_visualizations", {})
    model = build.model(api, project, "churn")
    api.post("/curated_visualizations", full | {"resource_id": model, "resource_type": "model", "display_order": None, "display_name": None})
    api.get(f"/models/{model}")
    api.delete(f"/curated_visualizations/{made}")
    api.delete(f"/curated_visualizations/{made}")
    api.get(f"/curated_visualizations/{made}")
    api.delete(f"/artifact_versions/{version}")
    api.get(f"/models/{model}")
