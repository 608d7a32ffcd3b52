"""Which columns are guessed for placeholders, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfspark_magic.notebook.form.guesses import guesses


@pytest.mark.parametrize(
    ("placeholder", "column"),
    [
        ("worst_radius", "worst radius"),
        ("x1", "X_1"),
        ("depDelay", "dep_delay"),
        ("sepal_length", "sepal length (cm)"),
        ("distance_km", "distance"),
        ("air_time_min", "air_time_h"),
        ("größe", "Größe (cm)"),
    ],
)
def test_names_that_differ_in_case_separators_and_units(placeholder, column):
    assert guesses({placeholder: ["a", column, "b"]}, []) == {placeholder: column}


@pytest.mark.parametrize(
    ("fitting", "found"),
    [
        # Neither is nearer than the other.
        ({"x": ["a", "b"]}, {}),
        ({"ab": ["a b", "a_b"]}, {}),
        ({"p": ["a"], "q": ["a"]}, {}),
        # The nearer name comes first, and leaves one column for the other.
        ({"t_km": ["T", "t km"]}, {"t_km": "t km"}),
        ({"x_1": ["X 1", "b"], "y": ["X 1", "b"]}, {"x_1": "X 1", "y": "b"}),
        # A unit alone is a name.
        ({"min": ["max", "m"]}, {}),
        ({"x": []}, {}),
    ],
)
def test_what_is_not_clear_is_not_guessed(fitting, found):
    assert guesses(fitting, []) == found


def test_a_column_of_another_placeholder_is_not_guessed():
    assert guesses({"x": ["X"], "y": ["X", "b"]}, ["X"]) == {"y": "b"}


names = st.sampled_from(["a", "A", "a_b", "A B", "a b km", "c", "c (m)", "d"])


@given(st.dictionaries(names, st.lists(names, unique=True)), st.lists(names))
def test_no_column_is_guessed_twice_or_does_not_fit(fitting, taken):
    found = guesses(fitting, taken)
    assert len(set(found.values())) == len(found)
    for name, column in found.items():
        assert column in fitting[name]
        assert column not in taken
