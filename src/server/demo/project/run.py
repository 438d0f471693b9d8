"""Runs the sample pipeline once: `python run.py`, with a client that is logged in (`zenml login URL`)."""

from training import training_pipeline

if __name__ == "__main__":
    training_pipeline()
