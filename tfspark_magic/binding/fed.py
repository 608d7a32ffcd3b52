"""What columns feed, in the words of errors: a graph's placeholders, or a model's inputs and labels."""

from __future__ import annotations

from dataclasses import dataclass

from tfspark_magic.errors import Subject
from tfspark_magic.schema.spec import Shape, TensorSpec, format_shape


@dataclass(frozen=True)
class Fed:
    """The kind of thing that columns feed.

    >>> PLACEHOLDERS.subject("x")
    "Placeholder 'x'"

    Parameters
    ----------
    kind, rest
        The words before and after a name.
    option
        The argument that names columns.
    thing
        The word for one of them inside a sentence.
    dtype
        The way to another dtype; the name of the dtype follows.
    in_verbs
        Whether it takes cells in some verbs, and blocks of them in others.
    """

    kind: str
    rest: str
    option: str
    thing: str
    dtype: str
    in_verbs: bool = False

    def subject(self, name: str, more: str = "") -> Subject:
        """Return the beginning of an error."""
        return Subject(self.kind, name, self.rest + more)

    def another_column(self, name: str) -> str:
        """Return what to do if a column does not exist."""
        if self.in_verbs:
            return (
                f"Bind another one with {self.option}={{{name!r}: column}} or --bind {name}=column"
            )
        return f"Name another one in {self.option}="

    def another_shape(self, way: str = "") -> str:
        """Return what to do about cells of another shape, after another way."""
        change = f"change the {self.thing}'s shape"
        return f"{way}, or {change}" if way else change

    def several_columns(self, count: int) -> str:
        """Return what to do to make a vector of columns."""
        return (
            f"bind a list of {count} columns"
            if self.in_verbs
            else f"name a list of {count} columns"
        )

    def declared(self, spec: TensorSpec, shape: Shape) -> str:
        """Return what to do to get a block axis of any size."""
        if not self.in_verbs:
            return "make the model with keras.Input(shape), without a batch_size"
        sizes = format_shape(shape).replace("?", "None")
        return (
            f"declare it with shape {sizes}, or export or load a model's function with signature "
            f"tf.TensorSpec({sizes}, tf.{spec.dtype})"
        )


PLACEHOLDERS = Fed(
    "Placeholder", "", "feed_dict", "placeholder", "make the placeholder tf.", in_verbs=True
)
INPUTS = Fed("Input", " of the model", "features", "input", "make the model's input of dtype ")


def of_option(option: str) -> Fed:
    """Return how errors name what an option of training gives, such as labels."""
    return Fed("Option", "", option, option, f"make {option} of dtype ")
