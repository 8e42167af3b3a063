"""What an edit does to the rows of a transcript, so that it can be replayed and taken back.

A row is a JSON object of fields. A change names one row by its number and says what it was before and is after: only
the fields that differ, or all of them for a row that is made or taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
Rows = dict[int, Row]


class Stale(Exception):  # noqa: N818  (not an error: somebody else was quicker)
    """A row is not as a change says that it was before. ``number`` tells which."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass(frozen=True, slots=True)
class Change:
    number: int
    before: Row | None
    """None: there was no such row."""
    after: Row | None
    """None: there is no such row any more."""

    def inverse(self) -> Change:
        return Change(self.number, self.after, self.before)

    def as_json(self) -> list[Any]:
        return [self.number, self.before, self.after]

    @classmethod
    def from_json(cls, value: list[Any]) -> Change:
        return cls(*value)


def changed(number: int, row: Row, **fields: Any) -> Change:
    """The change that gives a row other values in ``fields``; what is equal is left out."""
    differing = {name: value for name, value in fields.items() if row[name] != value}
    return Change(number, {name: row[name] for name in differing}, differing)


def made(number: int, row: Row) -> Change:
    return Change(number, None, row)


def taken(number: int, row: Row) -> Change:
    return Change(number, row, None)


def inverted(changes: Iterable[Change]) -> list[Change]:
    """What takes them back, in the order in which that must be done."""
    return [change.inverse() for change in reversed(list(changes))]


def apply(rows: Rows, changes: Iterable[Change]) -> None:
    """Carry changes out on ``rows``, in place. Raises Stale where a row is not as it was."""
    for change in changes:
        row = rows.get(change.number)
        if not fits(row, change):
            raise Stale(change.number)
        if change.after is None:
            del rows[change.number]
        else:
            rows[change.number] = (row or {}) | change.after


def net(rows: Rows, changes: Iterable[Change]) -> list[Change]:
    """What changes come to, one a row; ``rows`` stay as they are. Raises Stale."""
    return difference(rows, applied(rows, changes))


def applied(rows: Rows, changes: Iterable[Change]) -> Rows:
    """The rows after changes; ``rows`` stay as they are. Raises Stale."""
    new = dict(rows)
    apply(new, changes)
    return new


def fits(row: Row | None, change: Change) -> bool:
    """Whether the row is as the change says that it was before."""
    if row is None or change.before is None:
        return row is None and change.before is None
    return all(row.get(name) == value for name, value in change.before.items())


def difference(old: Mapping[int, Row], new: Mapping[int, Row]) -> list[Change]:
    """What leads from one state to another."""
    result = [taken(number, row) for number, row in old.items() if number not in new]
    for number, row in new.items():
        if number not in old:
            result.append(made(number, row))
        elif old[number] != row:
            result.append(changed(number, old[number], **row))
    return result
