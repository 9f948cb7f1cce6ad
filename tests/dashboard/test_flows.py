"""The sankey keeps every lead, and nothing runs out of its box; two series share one scale."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dashboard.flows import HEIGHT, LEAST, pairs, sankey

CELLS = [f"{grade}{level}" for grade in "ABCD" for level in range(1, 5)]
DEPTH = {cell: "ABCD".index(cell[0]) + int(cell[1]) - 1 for cell in CELLS}
FLOWS = st.dictionaries(
    st.tuples(st.sampled_from(CELLS), st.sampled_from(CELLS)), st.integers(1, 10**6), min_size=1, max_size=40
)


@given(FLOWS)
def test_each_side_has_every_lead_and_a_bar_is_as_tall_as_its_ribbons(found):
    flows = [(before, after, number) for (before, after), number in found.items()]
    chart = sankey(flows, depth=DEPTH)
    total = sum(found.values())
    left = [node for node in chart.nodes if node.anchor == "end"]
    right = [node for node in chart.nodes if node.anchor == "start"]
    assert sum(node.value for node in left) == sum(node.value for node in right) == total
    assert len(chart.ribbons) == len(flows)
    for side, place in ((left, 0), (right, 1)):
        for node in side:
            ribbons = [max(LEAST, flow[2] * HEIGHT / total) for flow in flows if flow[place] == node.label]
            assert abs(node.height - sum(ribbons)) < 1e-6
        for one, following in pairwise(side):
            assert one.y + one.height < following.y
    assert all(node.y + node.height <= chart.height for node in chart.nodes)


def test_the_best_cells_are_on_top_and_rising_is_told():
    chart = sankey([("D4", "A1", 3), ("B2", "C3", 5)], depth=DEPTH)
    assert [node.label for node in chart.nodes] == ["B2", "D4", "A1", "C3"]
    assert {ribbon.title: ribbon.rises for ribbon in chart.ribbons} == {"B2 → C3": False, "D4 → A1": True}


def test_nobody_moves_and_nothing_is_drawn():
    chart = sankey([], depth=DEPTH)
    assert (chart.nodes, chart.ribbons, chart.height) == ([], [], 0.0)


def test_pairs_share_a_scale_with_their_line():
    chart = pairs([("a", 5, 10), ("b", 0, 20)], line=10)
    assert [(one.before_height, one.after_height) for one in chart.pairs] == [(25, 50), (0, 100)]
    assert (chart.line, chart.width) == (50.0, 40.0)
    assert pairs([("a", 0, 0)]).pairs[0].after_height == 0
