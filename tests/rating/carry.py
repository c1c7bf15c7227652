#!/usr/bin/python3
"""Another book for the shipped standard: its rows as records, and what the grades say of it. tests/rating/carry calls it.

    carry.py records ROWS RECORDS OUTCOMES
    carry.py judge UNCHANGED SHIFTED
"""
import csv
import gzip
import json
import sys

HEADING = ["ID", "MONTHS_BALANCE", "STATUS"]
# Status of the source: repay status and days overdue. C paid off, X no loan, 0 up to 29 days late, 5 more than 150 or written off.
STATUS = {"C": ("N", 0), "X": ("*", 0), "0": ("1", 15), "1": ("2", 45), "2": ("3", 75), "3": ("4", 105), "4": ("5", 135), "5": ("7", 200)}
BAD = set("12345")
MONTHS = 6
LATEST = 2025 * 12 + 6  # any month: the source counts back from one that it does not name
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def number(serial):
    """A resident number whose region was never assigned."""
    digits = f"99{serial % 10000:04d}1980{1 + serial // 10000 % 12:02d}01{serial // 120000:03d}"
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, WEIGHTS)) % 11]


def accounts(path):
    """Account by account: the latest seven months, newest first, where all are there and one had a loan."""
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
    with opened as rows:
        reader = csv.DictReader(rows)
        if reader.fieldnames != HEADING:
            sys.exit(f"carry: the columns are not {','.join(HEADING)}")
        months = {}
        for row in reader:
            months.setdefault(row["ID"], {})[int(row["MONTHS_BALANCE"])] = row["STATUS"]
    for name, known in months.items():
        window = [known.get(max(known) - back) for back in range(MONTHS + 1)]
        if None not in window and any(status != "X" for status in window[1:]):
            yield name, window


def records(path, to, outcomes):
    with open(to, "w") as out, open(outcomes, "w") as came:
        came.write("account_no,outcome\n")
        for serial, (name, window) in enumerate(accounts(path)):
            identifier = {"type": "IDENTIFIER_TYPE_RESIDENT_ID", "value": number(serial)}
            lines = [
                {"subject": {"kind": "SUBJECT_KIND_PERSON", "identifiers": [identifier], "name": "甲乙"}},
                {"account": {"accountNo": name, "identifier": identifier, "type": "ACCOUNT_TYPE_R2", "businessType": "81",
                             "currency": "CNY", "openedOn": 20240101}},
            ]
            for back, status in enumerate(window[1:]):
                repay, days = STATUS[status]
                month = LATEST - back
                lines.append({"performance": {"accountNo": name, "period": month // 12 * 100 + month % 12 + 1,
                                              "accountStatus": 1, "repayStatus": repay, "daysOverdue": days}})
            out.writelines(json.dumps(line) + "\n" for line in lines)
            came.write(f"{name},{int(window[0] in BAD)}\n")


def judge(unchanged, shifted):
    with open(unchanged) as one, open(shifted) as two:
        before, after = json.load(one)["results"][0], json.load(two)["results"][0]
    print(f"carry: AUC {before['auc']:.3f} ({before['auc_low']:.3f} to {before['auc_high']:.3f}) KS {before['ks']:.3f}",
          f"N {before['count']}, {before['bad']} bad; shift {before['shift']}")
    large = []
    for grade in before["grades"]:
        rate = "empty" if not grade["count"] else f"{grade['rate']:.2%} ({grade['rate_low']:.2%} to {grade['rate_high']:.2%})"
        print(f"  {grade['name']:4} {grade['count']:7} {rate}")
        if grade["count"] * 100 >= before["count"]:
            large.append(grade)
    print("carry: with the shift, by grade, expected and seen; slope", round(after["slope"], 2))
    for grade in after["grades"]:
        if grade["count"]:
            print(f"  {grade['name']:4} {grade['count']:7} {grade['expected']:.2%} {grade['rate']:.2%}")
    seen = before["bad"] / before["count"]
    expected = sum(grade["expected"] * grade["count"] for grade in after["grades"]) / after["count"]
    print(f"carry: seen {seen:.3%}; expected with the shift {expected:.3%}")
    wrong = [b["name"] for a, b in zip(large, large[1:]) if not a["rate"] < b["rate"]]
    if len(large) < 2 or wrong:
        sys.exit(f"carry: the order of the grades is not kept: {wrong or 'fewer than two grades hold 1 %'}")
    if not seen / 1.25 < expected < seen * 1.25:
        sys.exit("carry: the shift does not give the level of the book")


if len(sys.argv) == 5 and sys.argv[1] == "records":
    records(*sys.argv[2:])
elif len(sys.argv) == 4 and sys.argv[1] == "judge":
    judge(*sys.argv[2:])
else:
    sys.exit(__doc__)
