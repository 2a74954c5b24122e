"""Prints what was sold, most sold first."""

import csv
import sys
from collections import Counter


def read_sales(path):
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            yield row["name"], int(row["quantity"])


def count_sales(sales):
    counts = Counter()
    for name, quantity in sales:
        counts[name] += quantity
    return counts


def main():
    counts = count_sales(read_sales(sys.argv[1]))
    for name, quantity in counts.most_common():
        print(f"{name:20} {quantity:5}")


if __name__ == "__main__":
    main()
