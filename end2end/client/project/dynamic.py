"""A dynamic pipeline: how many steps it has is decided by its parameter, while it runs."""

from typing import Annotated

from zenml import pipeline, step


@step
def square(number: int) -> Annotated[int, "squared"]:
    """The number times itself."""
    return number * number


@step
def total(numbers: list[int]) -> Annotated[int, "total"]:
    """The sum of all."""
    print(f"sum of {numbers}")
    return sum(numbers)


@pipeline(dynamic=True, enable_cache=False)
def sum_of_squares(count: int = 2, offset: int = 0):
    squares = [square(number + offset).load() for number in range(1, count + 1)]
    total(squares)
