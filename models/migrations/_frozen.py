"""Rules that keep what is signed or logged as it is, for both databases; on PostgreSQL they need `STAYS_FUNCTION`.

Released migrations are made of this as well: add to it, but do not change what it writes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Frozen:
    """A row that is neither changed nor deleted, from the moment that the condition on it, as it was, is true."""

    table: str
    condition: str = "true"

    @property
    def name(self) -> str:
        return f"frozen_{self.table}"

    def sqlite(self) -> Iterable[str]:
        old = re.sub(r"\{(\w+)\}", r"OLD.\1", self.condition)
        for event in ("update", "delete"):
            yield (
                f"CREATE TRIGGER {self.name}_{event} BEFORE {event.upper()} ON {self.table}"
                f" WHEN {old} BEGIN SELECT RAISE(ABORT, '{self.name}'); END"
            )

    def postgres(self) -> Iterable[str]:
        old = re.sub(r"\{(\w+)\}", r"OLD.\1", self.condition)
        yield (
            f"CREATE TRIGGER {self.name} BEFORE UPDATE OR DELETE ON {self.table} FOR EACH ROW"
            f" WHEN ({old}) EXECUTE FUNCTION refuse_other_practice()"
        )


@dataclass(frozen=True)
class Grows:
    """A row that is never deleted, and whose number never becomes smaller."""

    table: str
    column: str

    def _events(self) -> Iterable[tuple[str, str, str]]:
        yield f"frozen_{self.table}_update", f"UPDATE OF {self.column}", f"NEW.{self.column} < OLD.{self.column}"
        yield f"frozen_{self.table}_delete", "DELETE", "true"

    def sqlite(self) -> Iterable[str]:
        for name, event, when in self._events():
            yield (
                f"CREATE TRIGGER {name} BEFORE {event} ON {self.table}"
                f" WHEN {when} BEGIN SELECT RAISE(ABORT, 'frozen_{self.table}'); END"
            )

    def postgres(self) -> Iterable[str]:
        for name, event, when in self._events():
            yield (
                f"CREATE TRIGGER {name} BEFORE {event} ON {self.table} FOR EACH ROW"
                f" WHEN ({when}) EXECUTE FUNCTION refuse_other_practice()"
            )


@dataclass(frozen=True)
class Unreplaced:
    """What is frozen is not replaced or emptied either: ways to delete of which `Frozen` hears nothing.

    On SQLite that is a new row, or a row with other values, that takes the place of one with the same key; `keys` are
    all that is unique. On PostgreSQL it is TRUNCATE.
    """

    table: str
    keys: tuple[str, ...] = ("id",)
    condition: str = "true"

    def sqlite(self) -> Iterable[str]:
        frozen = re.sub(r"\{(\w+)\}", r"o.\1", self.condition)
        same = " OR ".join(
            "(" + " AND ".join(f"o.{column}=NEW.{column}" for column in key.split(", ")) + ")" for key in self.keys
        )
        own = " AND ".join(f"o.{column}=OLD.{column}" for column in self.keys[0].split(", "))
        for event, others in (("insert", "true"), ("update", f"NOT ({own})")):
            stands = f"SELECT 1 FROM {self.table} o WHERE ({same}) AND {others} AND {frozen}"  # noqa: S608 - names that a migration spells out
            yield (
                f"CREATE TRIGGER frozen_{self.table}_by_{event} BEFORE {event.upper()} ON {self.table}"
                f" WHEN EXISTS ({stands}) BEGIN SELECT RAISE(ABORT, 'frozen_{self.table}'); END"
            )

    def postgres(self) -> Iterable[str]:
        yield (
            f"CREATE TRIGGER frozen_{self.table}_whole BEFORE TRUNCATE ON {self.table}"
            " EXECUTE FUNCTION refuse_other_practice()"
        )


@dataclass(frozen=True)
class Unmoved:
    """Nor is it replaced by a row with keys of its own in the same place, by the number that SQLite gives each row."""

    table: str
    condition: str = "true"

    def sqlite(self) -> Iterable[str]:
        frozen = re.sub(r"\{(\w+)\}", r"o.\1", self.condition)
        # Before an insert which names no number it is -1, and no row has that.
        for event, others in (("insert", "true"), ("update", "o.rowid<>OLD.rowid")):
            stands = f"SELECT 1 FROM {self.table} o WHERE o.rowid=NEW.rowid AND {others} AND {frozen}"  # noqa: S608 - names that a migration spells out
            yield (
                f"CREATE TRIGGER frozen_{self.table}_by_{event}_in_place BEFORE {event.upper()} ON {self.table}"
                f" WHEN EXISTS ({stands}) BEGIN SELECT RAISE(ABORT, 'frozen_{self.table}'); END"
            )

    def postgres(self) -> Iterable[str]:
        return ()
