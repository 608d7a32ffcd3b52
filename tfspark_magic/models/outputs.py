"""Check that columns can hold a model's outputs, and apply the specs in `outputs=`."""

from __future__ import annotations

from collections.abc import Mapping

from tfspark_magic.errors import FetchError, OptionError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.models.endpoints import Endpoint
from tfspark_magic.schema.tensorflow import WIDER, is_supported


def check_fetches(
    fetched: Mapping[str, Endpoint], dtypes: Mapping[str, int], among: Mapping[str, Endpoint]
) -> None:
    """Raise FetchError if no column can hold a fetch.

    Parameters
    ----------
    fetched
        The requested outputs, by the names of columns.
    dtypes
        TensorFlow's number of each dtype; 0 if it is not known.
    among
        All outputs of the model, by the model's names.
    """
    for name, endpoint in fetched.items():
        dtype = tf.dtypes.as_dtype(dtypes[name]).base_dtype if dtypes[name] else None
        if dtype is None or is_supported(dtype) or _is_wider(endpoint, dtype):
            continue
        others = [
            other
            for other, end in among.items()
            if end.dtype and is_supported(tf.dtypes.as_dtype(end.dtype).base_dtype)
        ]
        if dtype.name in WIDER:
            advice = f"pass outputs={_widened(fetched, dtypes, among)}"
        elif others:
            advice = f"fetch others with outputs={others!r}"
        elif dtype.is_complex:
            advice = "save a model that gives its tf.math.real and tf.math.imag"
        else:
            advice = "save a model that gives numbers or strings"
        raise FetchError(f"Fetch {name!r} is {dtype.name}, which no column can hold: {advice}.")


def as_stated(tensor: tf.Tensor, endpoint: Endpoint, name: str) -> tf.Tensor:
    """Return a fetch with the shape and dtype in `outputs=`, which are checked when it runs.

    Raises
    ------
    OptionError
        If the fetch's dtype is another one, whose values this dtype cannot all hold.
    """
    if endpoint.stated is None:
        return tensor
    check_stated(endpoint, tensor.dtype, name)
    cast = tf.cast(tensor, endpoint.stated.dtype)
    shape = endpoint.stated.shape
    # TensorFlow does not allow an unknown rank here.
    return cast if shape.rank is None else tf.ensure_shape(cast, shape)


def check_stated(endpoint: Endpoint, dtype: tf.DType, name: str) -> None:
    """Raise OptionError if the dtype in `outputs=` is another one, and cannot hold all values."""
    stated = endpoint.stated
    if stated is not None and stated.dtype != dtype and not _is_wider(endpoint, dtype):
        raise OptionError(
            f"Fetch {name!r} is {dtype.name}, and outputs= says {stated.dtype.name}: say "
            f"tf.{WIDER.get(dtype.name, dtype.name)}."
        )


def _is_wider(endpoint: Endpoint, dtype: tf.DType) -> bool:
    stated = endpoint.stated
    return stated is not None and stated.dtype.name == WIDER.get(dtype.name)


def _widened(
    fetched: Mapping[str, Endpoint], dtypes: Mapping[str, int], among: Mapping[str, Endpoint]
) -> str:
    """Return the code of an `outputs=` with all requested outputs, cast so that columns can hold them."""
    key_of = {endpoint.tensor: key for key, endpoint in among.items()}
    items = []
    for name, endpoint in fetched.items():
        dtype = tf.dtypes.as_dtype(dtypes[name]).name if dtypes[name] else ""
        key = key_of[endpoint.tensor]
        renamed = "" if key == name else f", {name!r}"
        if dtype in WIDER:
            items.append(f"{key!r}: tf.TensorSpec(None, tf.{WIDER[dtype]}{renamed})")
        elif not dtype or is_supported(tf.dtypes.as_dtype(dtype)):
            items.append(f"{key!r}: {name!r}")
    return "{" + ", ".join(items) + "}"
