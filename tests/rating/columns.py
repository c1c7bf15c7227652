#!/usr/bin/python3
"""Attributes computed anew, straight from the columns of the public card file, and compared with the engine's.

    columns.py DRAFT ROWS ATTRIBUTES

DRAFT names the attributes, ROWS is the card file of tests/data, ATTRIBUTES what `cix standard attributes` wrote for the
records that were made of it. What records lose, or the engine computes otherwise than RATING.md says, shows here.
Exit code 77: numpy (Debian: python3-sklearn brings it) is not installed.
"""
import csv
import gzip
import sys

try:
    import numpy
except ImportError:
    print("columns: numpy is not installed")
    sys.exit(77)

NONE = numpy.nan


def ratio(a, b, most):
    """a of b in basis points, cut toward zero, within bounds; missing unless b > 0."""
    with numpy.errstate(divide="ignore", invalid="ignore"):
        share = numpy.where(b > 0, numpy.trunc(a * 10000 / b), NONE)
    return numpy.clip(share, -most, most)


class Book:
    """Six months of every client: column 0 is September. A seventh, unknown month makes the statement before April missing."""

    def __init__(self, rows):
        def columns(names):
            return numpy.array([[float(row[name]) for name in names] for row in rows])

        unknown = numpy.full((len(rows), 1), NONE)
        status = columns(["PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"])
        self.limit = columns(["LIMIT_BAL"])
        self.late = numpy.clip(status, 0, 7)
        self.idle = (status == -2).astype(float)
        balance = numpy.hstack([columns([f"BILL_AMT{i}" for i in range(1, 7)]), unknown])
        self.balance = balance[:, :6]
        self.before = balance[:, 1:]
        self.paid = columns([f"PAY_AMT{i}" for i in range(1, 7)])
        self.previous = numpy.where(numpy.isnan(self.before), NONE, numpy.maximum(self.before, 0))

    def series(self, word):
        change, owed, paid = self.balance - self.before, self.previous, self.paid
        known = numpy.where(numpy.isnan(owed), NONE, 0)
        return {
            "late": lambda: self.late,
            "balance": lambda: self.balance,
            "paid": lambda: paid,
            "previous": lambda: owed,
            "spend": lambda: change + paid,
            "available": lambda: self.limit - self.balance,
            "payrate": lambda: ratio(paid, owed, 20000),
            "used": lambda: self.balance > 0,
            "idle": lambda: self.idle,
            "nopay": lambda: paid == 0,
            "unpaid": lambda: ((owed > 0) & (paid == 0)) + known,
            "full": lambda: ((owed > 0) & (paid >= owed)) + known,
            "low": lambda: ((owed > 0) & (paid * 20 < owed)) + known,
            "rise": lambda: (change > 0) + known,
            "jump": lambda: (change * 10 > self.limit) + known,
            "over": lambda: self.balance > self.limit,
            "high": lambda: self.balance * 10 > self.limit * 9,
            "late2": lambda: self.late >= 2,
        }[word]().astype(float)

    def fold(self, measure, window):
        told = ~numpy.isnan(window)
        filled = numpy.where(told, window, {"max": -numpy.inf, "min": numpy.inf, "sum": 0}[measure])
        value = {"max": numpy.max, "min": numpy.min, "sum": numpy.sum}[measure](filled, axis=1)
        return numpy.where(told.any(axis=1), value, NONE)

    def condition(self, measure, window, negated):
        told = ~numpy.isnan(window)
        holds = told & ((window != 0) != negated)
        value = {"count": holds.sum(axis=1),
                 "since": numpy.where(holds.any(axis=1), holds.argmax(axis=1), window.shape[1]),
                 "run": numpy.cumprod(holds, axis=1).sum(axis=1)}[measure].astype(float)
        return numpy.where(told.any(axis=1), value, NONE)

    def attribute(self, words):
        measure = words[0]
        if measure == "limit":
            return self.limit[:, 0]
        first, last = int(words[2]), int(words[3])
        negated = words[1].startswith("no-")
        values = self.series(words[1].removeprefix("no-"))
        if measure in ("count", "since", "run"):
            return self.condition(measure, values[:, first:last + 1], negated)
        if measure == "change":
            value = values[:, first] - values[:, last]
        else:
            value = self.fold(measure, values[:, first:last + 1])
        if words[4:] == ["per", "limit"]:
            return ratio(value, self.limit[:, 0], 1000000)
        if words[4:] == ["per", "previous"]:
            return ratio(value, self.fold("sum", self.previous[:, first:last + 1]), 1000000)
        return value


def main(draft, rows, attributes):
    with gzip.open(rows, "rt", encoding="utf-8", newline="") as file:
        clients = {f"CARD-{int(row['ID']):06d}": row for row in csv.DictReader(file)}
    with open(attributes, encoding="utf-8", newline="") as file:
        computed = list(csv.DictReader(file))
    book = Book([clients[row["key"]] for row in computed])
    wrong = compared = 0
    for line in open(draft, encoding="utf-8"):
        words = line.split()
        if words[:1] != ["attribute"]:
            continue
        ours = numpy.array([float(row[words[1]] or "nan") for row in computed])
        different = ~numpy.isclose(ours, book.attribute(words[3:]), rtol=0, atol=0, equal_nan=True)
        compared += 1
        if different.any():
            wrong += 1
            at = numpy.flatnonzero(different)[0]
            print(f"{words[1]}: {different.sum()} clients differ, first {computed[at]['key']}: "
                  f"{ours[at]} is not {book.attribute(words[3:])[at]}")
    print(f"columns: {compared} attributes of {len(computed)} clients compared; {wrong} differ")
    return 1 if wrong or len(computed) != len(clients) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
