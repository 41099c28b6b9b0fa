from __future__ import annotations

from tests.docs import diagram


def test_the_picture_is_what_is_imported() -> None:
    """`python -m tests.docs.diagram` draws it again."""
    (drawn,) = diagram.MERMAID.findall(diagram.PAGE.read_text("utf-8"))
    assert drawn == diagram.draw()


def test_imports_go_one_direction() -> None:
    arrows = diagram.edges()
    circular = [room for room in diagram.ROOMS if room in diagram.below(room, arrows)]
    assert not circular


def test_every_room_leads_somewhere_or_is_led_to() -> None:
    assert {room for arrow in diagram.edges() for room in arrow} == set(diagram.ROOMS)
