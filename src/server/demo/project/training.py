"""The sample pipeline: load prints, train a classifier by gradient descent, judge it on prints it has not seen."""

import csv
import math
import random
from typing import Annotated, Literal

from pydantic import Field
from zenml import log_metadata, pipeline, step

FEATURES = ("exposure_seconds", "developer_celsius")
LABEL = "good_print"


@step
def data_loader(
    data_path: Annotated[str, Field(description="CSV file, relative to the project")] = "prints.csv",
    test_share: Annotated[float, Field(ge=0.1, le=0.5, description="Share of the rows kept for the evaluation")] = 0.25,
    seed: Annotated[int, Field(ge=0, description="Makes the split repeatable")] = 7,
) -> tuple[Annotated[list, "training_rows"], Annotated[list, "test_rows"]]:
    """Reads the file, shuffles its rows and splits them in two.

    Args:
        data_path: CSV file, relative to the project.
        test_share: Share of the rows kept for the evaluation.
        seed: Makes the split repeatable.

    Returns:
        Rows of scaled features and label, to train on and to test on.
    """
    with open(data_path, newline="") as file:
        rows = [[*(float(row[name]) for name in FEATURES), int(row[LABEL])] for row in csv.DictReader(file)]
    for column in range(len(FEATURES)):
        values = [row[column] for row in rows]
        mean = sum(values) / len(values)
        spread = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values)) or 1.0
        for row in rows:
            row[column] = (row[column] - mean) / spread
    random.Random(seed).shuffle(rows)
    tests = max(1, round(len(rows) * test_share))
    good = sum(row[-1] for row in rows) / len(rows)
    print(f"{data_path}: {len(rows)} rows, {good:.0%} good prints; {len(rows) - tests} to train on, {tests} to test on")
    log_metadata({"rows": len(rows), "good_share": round(good, 4)})
    return rows[tests:], rows[:tests]


@step
def model_trainer(
    training_rows: list,
    model_type: Annotated[
        Literal["linear", "quadratic"], Field(description="Shape of the boundary between good and bad prints")
    ] = "linear",
    learning_rate: Annotated[float, Field(gt=0, le=10, description="Size of a step of the descent")] = 0.5,
    epochs: Annotated[int, Field(ge=1, le=5000, description="Passes over the training rows")] = 300,
) -> Annotated[dict, "model"]:
    """Logistic regression by batch gradient descent.

    Args:
        training_rows: Rows of scaled features and label.
        model_type: Shape of the boundary between good and bad prints.
        learning_rate: Size of a step of the descent.
        epochs: Passes over the training rows.

    Returns:
        The weights, and how they were found.
    """
    inputs = [expand(row[:-1], model_type) for row in training_rows]
    labels = [row[-1] for row in training_rows]
    weights = [0.0] * len(inputs[0])
    for epoch in range(1, epochs + 1):
        errors = [probability(weights, values) - label for values, label in zip(inputs, labels)]
        for index in range(len(weights)):
            slope = sum(error * values[index] for error, values in zip(errors, inputs)) / len(inputs)
            weights[index] -= learning_rate * slope
        if epoch == 1 or epoch == epochs or epoch % max(1, epochs // 5) == 0:
            print(f"epoch {epoch:4}: loss {loss(weights, inputs, labels):.4f}")
    final = loss(weights, inputs, labels)
    log_metadata({"loss": round(final, 4), "weights": len(weights)})
    return {"model_type": model_type, "weights": weights, "learning_rate": learning_rate, "epochs": epochs, "loss": final}


@step
def evaluator(
    model: dict,
    test_rows: list,
    threshold: Annotated[float, Field(gt=0, lt=1, description="Probability from which a print counts as good")] = 0.5,
) -> tuple[Annotated[float, "accuracy"], Annotated[str, "report"]]:
    """Measures how often the model is right about prints it has not seen.

    Args:
        model: The trained model.
        test_rows: Rows of scaled features and label.
        threshold: Probability from which a print counts as good.

    Returns:
        The share of right answers, and a confusion table in words.
    """
    counts = {(said, true): 0 for said in (0, 1) for true in (0, 1)}
    for row in test_rows:
        said = int(probability(model["weights"], expand(row[:-1], model["model_type"])) >= threshold)
        counts[said, row[-1]] += 1
    accuracy = (counts[0, 0] + counts[1, 1]) / len(test_rows)
    report = (
        f"{model['model_type']} model: {accuracy:.1%} right on {len(test_rows)} prints "
        f"(good taken for good {counts[1, 1]}, bad for bad {counts[0, 0]}, bad for good {counts[1, 0]}, good for bad {counts[0, 1]})"
    )
    print(report)
    log_metadata({"accuracy": round(accuracy, 4), "model_type": model["model_type"]})
    return accuracy, report


def expand(features: list[float], model_type: str) -> list[float]:
    """The inputs of the model: a constant, the features and, if it is quadratic, their products."""
    products = [a * b for i, a in enumerate(features) for b in features[i:]] if model_type == "quadratic" else []
    return [1.0, *features, *products]


def probability(weights: list[float], inputs: list[float]) -> float:
    """The model's belief that a print is good."""
    score = sum(weight * value for weight, value in zip(weights, inputs))
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))


def loss(weights: list[float], inputs: list[list[float]], labels: list[int]) -> float:
    """Mean logarithmic loss."""
    tiny = 1e-12
    beliefs = [probability(weights, values) for values in inputs]
    return -sum(math.log((belief if label else 1 - belief) + tiny) for belief, label in zip(beliefs, labels)) / len(labels)


@pipeline(enable_cache=False, tags=["sample"])
def training_pipeline():
    """Learns from past prints which exposures come out well."""
    training_rows, test_rows = data_loader()
    model = model_trainer(training_rows)
    evaluator(model, test_rows)
