"""No cell that we write begins as a formula does, and reading gives back what was written."""

import csv
import io

import pytest

from fernet.csv_text import csv_rows, csv_text

FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''-x", "-"]
PLAIN = ["", "a", "'a", "a=1", "-0.5", "+12", "-1e-05", "–", 'with "quotes", commas', "two\r\nlines"]


@pytest.mark.parametrize("cell", [*FORMULAS, *PLAIN])
def test_reading_gives_back_the_cell(cell):
    assert csv_rows(csv_text([["first", cell], [cell, "last"]])) == [["first", cell], [cell, "last"]]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_spreadsheet_sees_text(cell):
    (seen,) = next(csv.reader(io.StringIO(csv_text([[cell]]), newline="")))
    assert seen == f"'{cell}"


@pytest.mark.parametrize("cell", PLAIN)
def test_numbers_and_words_stay_as_they_are(cell):
    assert next(csv.reader(io.StringIO(csv_text([["x", cell]]), newline="")))[1] == cell
