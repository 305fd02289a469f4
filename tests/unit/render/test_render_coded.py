"""Notes call groups by the names that the manifest gives their codes, and leave everything else as it is."""

from __future__ import annotations

import pytest

from conformity.model.subject import TableSubject
from conformity.render.views.coded import with_value_names

TABLE = TableSubject.model_validate(
    {
        "kind": "table",
        "id": "people",
        "title": "People",
        "purpose": "testing",
        "path": "people.csv",
        "columns": [
            {
                "name": "sex",
                "roles": ["protected"],
                "names": [
                    {"value": 1.0, "name": "male"},
                    {"value": 2, "name": "female"},
                    {"value": 3, "name": "o'er"},
                ],
            },
            {"name": "age", "roles": ["protected"], "edges": [2.0]},
        ],
    }
)


@pytest.mark.parametrize(
    ("note", "printed"),
    [
        ("By sex, the other groups: '2', the largest.", "By sex, the other groups: 'female', the largest."),
        (
            "By 'sex', it is widest between '2' and '1'.",
            "By 'sex', it is widest between 'female' and 'male'.",
        ),
        (
            "By sex × age, few: '2' and '< 2', '1' and '2'.",
            "By sex × age, few: 'female' and '< 2', 'male' and '2'.",
        ),
        ("By sex × age, few: '2'.", "By sex × age, few: '2'."),
        ("By age, the other groups: '2'.", "By age, the other groups: '2'."),
        ("By height, the other groups: '2'.", "By height, the other groups: '2'."),
        ("Compared with table '2'.", "Compared with table '2'."),
        ("By sex, the other groups: '9', '3'.", "By sex, the other groups: '9', '3'."),
    ],
)
def test_a_note_names_groups_of_a_column_with_names(note: str, printed: str) -> None:
    """Values are named in notes about groups of their own column only."""
    assert with_value_names(note, TABLE) == printed
