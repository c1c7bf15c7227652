#!/usr/bin/python3
"""Statements of firms as records, from the ratios of a public file.

    firms.py FILE DIRECTORY

Writes DIRECTORY/firms.jsonl, one cix.v1.Record a line, and DIRECTORY/outcomes.csv. The file has ratios; total assets stand in
it as a logarithm (Attr29, base 10, thousand zloty: with it Attr3, working capital over total assets, gives Attr55, the working
capital itself, to one part in five thousand for nineteen rows of twenty). So each figure is a ratio times total assets, rounded to grosze. A firm is
one row; rows without the sales of the year before are left out (RATING.md says why); its code is made, and so is its account, which only carries the number that the outcome is found by.
"""
import csv
import gzip
import json
import os
import sys

STATED_ON, BEFORE = 20121231, 20111231
CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def social_credit_code(row):
    """A unified social credit code of a region that was never assigned, with its check characters (GB 11714, GB 32100)."""
    organisation = f"{row:08d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    check = 11 - sum(int(c) * w for c, w in zip(organisation, weights)) % 11
    code = "91990000" + organisation + ("X" if check == 10 else "0" if check == 11 else str(check))
    total = sum(CODE_CHARACTERS.index(c) * 3 ** i % 31 for i, c in enumerate(code))
    return code + CODE_CHARACTERS[(31 - total % 31) % 31]


def figures_of(row):
    """Figures in thousand zloty; those that the row does not tell are left out."""
    def ratio(number):
        return float(row[f"Attr{number}"]) if row[f"Attr{number}"] else None

    def product(*factors):
        result = 1.0
        for factor in factors:
            if factor is None:
                return None
            result *= factor
        return result

    assets = None if ratio(29) is None else 10 ** ratio(29)
    revenue = product(ratio(9), assets)
    current_liabilities = product(ratio(51), assets)
    working = product(ratio(3), assets)
    current_assets = None if working is None or current_liabilities is None else working + current_liabilities
    before = revenue / ratio(21) if revenue is not None and ratio(21) and ratio(21) > 0 else None
    latest = {
        "totalAssets": assets,
        "totalLiabilities": product(ratio(2), assets),
        "currentLiabilities": current_liabilities,
        "currentAssets": current_assets,
        "inventory": product(ratio(20), revenue, 1 / 365),
        "receivables": product(ratio(44), revenue, 1 / 365),
        "equity": product(ratio(10), assets),
        "revenue": revenue,
        "operatingProfit": product(ratio(22), assets),
        "netProfit": product(ratio(1), assets),
    }
    return latest, {"revenue": before}


def statement(identifier, day, figures):
    content = {"identifier": identifier, "statedOn": day, "type": 1, "source": 2, "currency": "PLN"}
    for name, value in figures.items():
        if value is not None:
            content[name] = str(round(value * 100000))
    return {"statement": content}


def main():
    source, directory = sys.argv[1:]
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file, \
            open(os.path.join(directory, "firms.jsonl"), "w", encoding="utf-8") as records, \
            open(os.path.join(directory, "outcomes.csv"), "w", encoding="utf-8") as outcomes:
        outcomes.write("account_no,outcome\n")
        for row in csv.DictReader(file):
            if not row["Attr21"]:
                continue
            number = int(row["row_id"])
            identifier = {"type": "USCC", "value": social_credit_code(number)}
            latest, before = figures_of(row)
            made = [
                {"subject": {"kind": "ENTERPRISE", "name": f"Firm {number}", "identifiers": [identifier]}},
                {"account": {"accountNo": f"FIRM{number:05d}", "identifier": identifier, "type": "D1", "businessType": "41",
                             "currency": "PLN", "originalAmount": "1", "openedOn": 20100101}},
                statement(identifier, STATED_ON, latest),
            ]
            if before["revenue"] is not None:
                made.append(statement(identifier, BEFORE, before))
            for record in made:
                records.write(json.dumps(record, separators=(",", ":")) + "\n")
            outcomes.write(f"FIRM{number:05d},{row['class']}\n")


main()
