"""What is drawn of an incident is what its timeline says."""

import msgspec

from bot.pictures.model import Moment
from bot.pictures.timeline import LEAST, MOST, timeline_of
from tests.bot.pictures.shown import BEGAN, closed


def test_every_entry_is_a_moment() -> None:
    """With its time, its sort, its words and who did it."""
    picture = timeline_of(closed())

    assert picture is not None
    expected = (
        Moment(BEGAN, "opened", "Opened", "Ada"),
        Moment(BEGAN + 600, "approval", "Approved: Switch the offload of w1 off", "Ada"),
        Moment(BEGAN + 610, "action", "The operator begins: Switch the offload of w1 off"),
        Moment(BEGAN + 1200, "check", "Verified"),
        Moment(BEGAN + 3600, "closed", "Closed", "Ada"),
    )
    assert expected == picture.moments


def test_the_alt_text_tells_it_in_order() -> None:
    """Who did what after how long."""
    picture = timeline_of(closed())

    assert picture is not None
    assert picture.alt.startswith(
        "Incident 01234567: VMXNET3 tunnel offload breaks traffic. Began 29 Nov 2025 07:06 UTC"
    )
    assert "netcheck: The operator begins: Switch the offload of w1 off and Verified." in picture.alt


def test_of_many_entries_the_lesser_are_left_out() -> None:
    """Reminders go before what people decided, and the picture says how many."""
    picture = timeline_of(closed(reminders=MOST))

    assert picture is not None
    assert MOST == len(picture.moments)
    assert {"opened", "approval", "action", "check", "closed", "reminder"} == {m.sort for m in picture.moments}
    assert "5 lesser entries are left out." in picture.notes


def test_an_incident_in_which_hardly_anything_happened_has_none() -> None:
    """Two lines are read sooner than drawn."""
    incident = closed()

    assert timeline_of(msgspec.structs.replace(incident, timeline=incident.timeline[: LEAST - 1])) is None
