from __future__ import annotations

from classifier import charts
from ml.card.facts import Bin


def test_a_bin_lies_where_its_confidence_and_its_accuracy_meet() -> None:
    often, seldom = charts.reliability([Bin(40, 0.5, 0.25), Bin(10, 1.0, 1.0)])
    assert (often.x, often.y) == (50, 75)
    assert often.words == "40 clips: 50% sure, 25% right"
    assert seldom.radius == often.radius / 2


def test_curves_share_their_axes() -> None:
    long, short = charts.curves([(2.0, 1.0, 0.0), (1.0, 0.5)])
    assert long == "0.00,0.00 50.00,50.00 100.00,100.00"
    assert short == "0.00,50.00 50.00,75.00"
    assert charts.curves([(1.0,), ()]) == []
