"""The three-step pipeline that most acceptance tests run: a file is read, a model is fitted, the model is judged."""

import csv
import math
from typing import Annotated, Literal

from zenml import Model, log_metadata, pipeline, step


@step
def data_loader(data_path: str = "points.csv", limit: int = 100) -> Annotated[list, "dataset"]:
    """Reads at most `limit` rows; the path is relative to the project."""
    with open(data_path, newline="") as file:
        rows = [[float(row["x"]), int(row["label"])] for row in csv.DictReader(file)]
    print(f"loaded {len(rows[:limit])} rows")
    log_metadata({"rows": len(rows[:limit])})
    return rows[:limit]


@step
def model_trainer(
    dataset: list,
    learning_rate: float = 0.5,
    model_type: Literal["linear", "quadratic"] = "linear",
    epochs: int = 200,
) -> Annotated[dict, "trained_model"]:
    """Logistic regression by gradient descent."""
    weight = bias = 0.0
    for _ in range(epochs):
        for x, label in dataset:
            x = x if model_type == "linear" else x * x
            error = 1 / (1 + math.exp(-(weight * x + bias))) - label
            weight -= learning_rate * error * x
            bias -= learning_rate * error
    print(f"trained {model_type} with learning rate {learning_rate}")
    return {"weight": weight, "bias": bias, "learning_rate": learning_rate, "model_type": model_type, "epochs": epochs}


@step
def evaluator(dataset: list, trained_model: dict) -> tuple[Annotated[float, "accuracy"], Annotated[str, "report"]]:
    """Share of points on the right side."""
    square = trained_model["model_type"] == "quadratic"
    right = sum(
        (trained_model["weight"] * (x * x if square else x) + trained_model["bias"] > 0) == bool(label)
        for x, label in dataset
    )
    accuracy = right / len(dataset)
    log_metadata({"accuracy": accuracy}, infer_model=True)
    log_metadata({"accuracy": accuracy})
    return accuracy, f"{right} of {len(dataset)} right"


@pipeline(enable_cache=False, tags=["acceptance"], model=Model(name="acceptance_model"))
def training_pipeline():
    dataset = data_loader()
    trained_model = model_trainer(dataset)
    evaluator(dataset, trained_model)
