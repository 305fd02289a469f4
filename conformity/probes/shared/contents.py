"""What label and prediction must hold for a question to make sense."""

from __future__ import annotations

from conformity.model.subject import Column, Content, TableSubject
from conformity.probes.interface import NotMeasurableError

_WORDS = {"outcome": "two outcomes", "classes": "classes", "numbers": "numbers"}


def require_pair(table: TableSubject, content: Content) -> tuple[Column, Column]:
    """Return the columns of label and prediction, which must be two and hold ``content``.

    Raises:
        NotMeasurableError: one is not bound or holds something else, or both are the same column.
    """
    for role in ("label", "prediction"):
        columns = table.with_role(role)
        if not columns:
            raise NotMeasurableError(
                f"no column of {table.id!r} has the role `{role}`; name one in the manifest"
            )
        if columns[0].content != content:
            raise NotMeasurableError(
                f"the {role} of {table.id!r} holds {_WORDS[columns[0].content]}, not {_WORDS[content]}"
            )
    label, prediction = table.with_role("label")[0], table.with_role("prediction")[0]
    if label.name == prediction.name:
        raise NotMeasurableError(
            f"column {label.name!r} is bound as label and as prediction, so that errors cannot show; "
            "bind the column with the system's own output as prediction"
        )
    return label, prediction
