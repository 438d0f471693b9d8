"""Prints the parameter schemas that the zenml client makes of Python types, each with values of the type as the client sends them.

    $(end2end/scripts/python.sh client) end2end/scripts/parameter_schemas.py > src/tests/fixtures/parameter_schemas.json

Each case is a step with one parameter `x`, configured as a pipeline does when it calls the step. `schema` is the step's
`parameter_spec`; the first of `values` is what the snapshot holds.
"""

import json
import os
import re
import tempfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Annotated, Any, Dict, List, Literal, Mapping, Optional, Sequence, Set, Tuple, Union
from uuid import UUID

# Nothing of the user's own configuration is read or written.
os.environ.update(ZENML_CONFIG_PATH=tempfile.mkdtemp(), ZENML_ANALYTICS_OPT_IN="false", ZENML_LOGGING_VERBOSITY="ERROR")

from pydantic import BaseModel, ConfigDict, Field  # noqa: E402
from zenml import step  # noqa: E402
from zenml.config.step_configurations import StepConfiguration  # noqa: E402
from zenml.utils.json_utils import pydantic_encoder  # noqa: E402


class Colour(str, Enum):
    """A colour."""

    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(Enum):
    ONE = 1
    ONE_AS_TEXT = "1"
    NOTHING = None


class Optimizer(BaseModel):
    """How weights are changed."""

    name: Literal["adam", "sgd"] = Field("adam", description="Which one")
    momentum: float = Field(0.9, ge=0, le=1)
    nesterov: bool = False


class Schedule(BaseModel):
    warmup: int = Field(0, ge=0, title="Warm-up steps")
    decay: Optional[float] = None


class Training(BaseModel):
    epochs: int
    optimizer: Optimizer = Optimizer()
    schedule: Optional[Schedule] = None
    tags: List[str] = []


class Deep(BaseModel):
    training: Training
    note: str = ""


class Deeper(BaseModel):
    deep: Deep


class Deepest(BaseModel):
    deeper: Deeper


class Tree(BaseModel):
    name: str
    children: List["Tree"] = []


class Chain(BaseModel):
    value: int = 0
    next: Optional["Chain"] = None


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    learning_rate: float = 0.1


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int = 1


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    class_name: str = Field("a", alias="class")


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    good: bool = True


class Required(BaseModel):
    path: Path
    at: datetime
    size: Annotated[int, Field(gt=0)]


class OddNames(BaseModel):
    a_b: int = Field(1, alias="a.b")
    empty: int = Field(2, alias="with space")


CASES: list[tuple[Any, list[Any]]] = [
    (str, ["a", "", " x ", "null", "012", "yes", "a: b # c", "a\nb\n", "ü\t😀", "-", "{}", "1e3", "~"]),
    (int, [3, 0, -7, 9007199254740993, 2**63 - 1, -(2**63), 2**64 - 1]),
    (float, [0.1, 1e-7, 5e-324, 1e300, -0.5, 0.30000000000000004, 3.0]),
    (bool, [True, False]),
    (Any, [None, 1, "1", "x", [1, "a"], {"a": {"b": None}}, True, 1.5, "", [], {}]),
    ("unannotated", [5, "text", [1, 2], None, {"k": 1}]),
    (Optional[str], ["a", None, "", "null", "~"]),
    (Optional[int], [None, 0, 3]),
    (Optional[float], [None, 0.0, 1e-4]),
    (Optional[bool], [None, True, False]),
    (Optional[Any], [None, "x", [None]]),
    (Union[int, str], [1, "1", "x", ""]),
    (Union[int, float], [1, 1.5]),
    (Union[str, int, None], ["a", 1, None, "null"]),
    (Union[bool, str], [True, "true", "auto"]),
    (Union[int, List[int]], [1, [1, 2], []]),
    (Union[str, List[str]], ["a", ["a", "b"], []]),
    (Union[Literal["auto"], float], ["auto", 0.5]),
    (Union[Cat, Dog], [Cat(), Dog(good=False)]),
    (Annotated[Union[Cat, Dog], Field(discriminator="kind")], [Dog(), Cat(lives=3)]),
    (Optional[Union[Cat, Dog]], [None, Cat(), Dog()]),
    (Literal["linear"], ["linear"]),
    (Literal["linear", "tree", "forest"], ["linear", "tree", "forest"]),
    (Literal["a", "b", "c", "d", "e", "f", "g"], ["g", "a"]),
    (Literal[1, 2, 3], [1, 3]),
    (Literal["x", 1, True], ["x", 1, True]),
    (Optional[Literal["low", "high"]], [None, "low"]),
    (Colour, [Colour.RED, Colour.BLUE]),
    (Level, [Level.LOW, Level.HIGH]),
    (Mixed, [Mixed.ONE, Mixed.ONE_AS_TEXT, Mixed.NOTHING]),
    (Optional[Colour], [None, Colour.GREEN]),
    (List[str], [["a", "b"], [], ["a b", "c, d"], ["", " "], ["x\ny"], ["null", "1"]]),
    (List[int], [[1, 2], [], [2**63 - 1]]),
    (List[float], [[0.1, 1e-7], [], [1.0, 2.0]]),
    (List[bool], [[True, False], []]),
    (List[Colour], [[Colour.RED], [], [Colour.RED, Colour.BLUE], [Colour.BLUE, Colour.RED], [Colour.RED, Colour.RED]]),
    (List[Literal["a", "b"]], [["a"], ["b", "a"], []]),
    (Set[int], [{1, 2}, set()]),
    (Set[Literal["x", "y", "z"]], [{"x"}, set()]),
    (Sequence[str], [["a"], []]),
    (Tuple[int, str], [(1, "a"), (2, "")]),
    (Tuple[int, ...], [(1, 2), ()]),
    (list, [[1, "a", None], []]),
    (List[List[int]], [[[1, 2], [3]], [[]], []]),
    (List[Optional[int]], [[1, None], []]),
    (List[Any], [[1, "1", [None], {"a": 1}], []]),
    (Optional[List[str]], [None, [], ["a"]]),
    (dict, [{"a": 1, "b": "1"}, {}]),
    (Dict[str, str], [{"a": "x", "b": ""}, {}, {"a.b": "null", "": "1", "c\\d": "y\nz"}]),
    (Dict[str, int], [{"a": 1}, {}, {"b": 2, "a": 1}]),
    (Dict[str, float], [{"a": 0.1}, {"b": 1e-9}]),
    (Dict[str, bool], [{"a": True}, {}]),
    (Dict[str, Any], [{"a": {"b": [1]}, "c": None}, {}]),
    (Dict[str, Optional[int]], [{"a": None, "b": 1}, {}]),
    (Dict[str, List[int]], [{"a": [1, 2]}, {"b": []}]),
    (Dict[int, str], [{1: "a"}, {2: "b", 3: "c"}]),
    (Dict[Colour, float], [{Colour.RED: 0.5}, {}]),
    (Mapping[str, Dict[str, int]], [{"a": {"b": 1}}, {}]),
    (Optional[Dict[str, str]], [None, {}, {"a": "b"}]),
    (Optimizer, [Optimizer(), Optimizer(name="sgd", momentum=0.0, nesterov=True)]),
    (Optional[Optimizer], [None, Optimizer(), Optimizer(momentum=0.5)]),
    (Schedule, [Schedule(), Schedule(warmup=5, decay=0.1)]),
    (Training, [Training(epochs=3), Training(epochs=1, schedule=Schedule(decay=0.5), tags=["a"]), Training(epochs=2, tags=["x", "y"])]),
    (Deep, [Deep(training=Training(epochs=3)), Deep(training=Training(epochs=4, tags=["t"]), note="n")]),
    (Deepest, [Deepest(deeper=Deeper(deep=Deep(training=Training(epochs=1))))]),
    (Tree, [Tree(name="a"), Tree(name="a", children=[Tree(name="b", children=[Tree(name="c")])])]),
    (Chain, [Chain(), Chain(value=1, next=Chain(value=2))]),
    (Strict, [Strict(), Strict(learning_rate=1e-3)]),
    (Open, [Open(), Open(a=2, b="more")]),
    (Aliased, [Aliased(), Aliased(class_name="b")]),
    (OddNames, [OddNames(), OddNames(**{"a.b": 5})]),
    (Required, [Required(path="/data/x.csv", at=datetime(2026, 1, 31, 12), size=1)]),
    (List[Optimizer], [[Optimizer()], [], [Optimizer(name="sgd"), Optimizer(momentum=0.1)]]),
    (Dict[str, Optimizer], [{"a": Optimizer()}, {}, {"b": Optimizer(nesterov=True)}]),
    (Dict[str, List[Schedule]], [{"a": [Schedule()]}, {}]),
    (datetime, [datetime(2026, 1, 31, 12, 0), datetime(2026, 1, 31, 12, 0, 30, 250000)]),
    (Optional[datetime], [None, datetime(2026, 1, 31)]),
    (date, [date(2026, 1, 31), date(1999, 12, 31)]),
    (time, [time(12, 30), time(0, 0, 1)]),
    (timedelta, [timedelta(hours=1), timedelta(days=2, seconds=3)]),
    (UUID, [UUID(int=1), UUID(int=2**100)]),
    (Path, [Path("data/x.csv"), Path("/"), Path("a b")]),
    (Optional[Path], [None, Path("x")]),
    (Decimal, [Decimal("0.10"), Decimal("1e-30")]),
    (bytes, [b"abc", b""]),
    (Annotated[int, Field(ge=1, le=10, description="How many")], [1, 10]),
    (Annotated[float, Field(gt=0, lt=1)], [0.5, 1e-3]),
    (Annotated[int, Field(multiple_of=8)], [8, 64]),
    (Annotated[str, Field(min_length=1, max_length=20)], ["a", "b" * 20]),
    (Annotated[str, Field(max_length=5000)], ["short", "a\n\n  b\n"]),
    (Annotated[str, Field(pattern="^s3://")], ["s3://x/y"]),
    (Annotated[List[int], Field(min_length=1, max_length=3)], [[1], [1, 2, 3]]),
    (Annotated[Dict[str, int], Field(min_length=1)], [{"a": 1}, {"a": 1, "b": 2}]),
    (int | None, [None, 4]),
    (list[str] | None, [["a"], None]),
]


def made_step(annotation: Any) -> Any:
    def function(x: Any) -> None:
        """A step."""

    function.__annotations__ = {} if annotation == "unannotated" else {"x": annotation, "return": None}
    if annotation == "unannotated":
        function.__annotations__["return"] = None
    return step(function, name="s")


def sent(annotation: Any, value: Any) -> tuple[Any, Any]:
    """The schema and the value as they stand in the snapshot that the client sends."""
    instance = made_step(annotation)
    *_, given, defaults = instance._parse_call_args(value)
    instance.configure(parameters={**defaults, **given})
    configuration = StepConfiguration(name="s", parameters=instance._finalize_parameters())
    body = json.loads(json.dumps(configuration.model_dump(mode="json"), default=pydantic_encoder))
    return instance._compute_parameter_schema(), body["parameters"].get("x")


def main() -> None:
    cases = []
    for annotation, values in CASES:
        name = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", None)
        if name is None or "[" in str(annotation) or "|" in str(annotation):
            name = re.sub(r"typing\.|__main__\.|datetime\.(?=datetime)|pathlib\.|FieldInfo\(annotation=NoneType, required=True, ", "", str(annotation))
        schemas, stored = [], []
        for value in values:
            schema, body = sent(annotation, value)
            schemas.append(schema)
            stored.append(body)
        cases.append({"type": name, "schema": schemas[0], "values": stored})
    lines = ",\n".join(" " + json.dumps(case, ensure_ascii=False) for case in cases)
    print(f"[\n{lines}\n]")


if __name__ == "__main__":
    main()
