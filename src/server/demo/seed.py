"""Runs the sample pipeline through the SDK and names the snapshot of that run; the server starts this on its first start."""

import sys

from training import training_pipeline
from zenml.client import Client

run = training_pipeline()
snapshot = Client().update_snapshot(run.snapshot.id, name=sys.argv[1], description=sys.argv[2])
print(f"snapshot {snapshot.name}: {snapshot.id}")
