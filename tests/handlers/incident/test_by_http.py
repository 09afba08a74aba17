"""An incident in HTTP mode: the same clicks and forms, each a signed request."""

from pathlib import Path

import pytest

from tests.handlers.clusters import OPERATIONS_KEY, Answering
from tests.handlers.conftest import serving_http
from tests.handlers.incident.channel import action, labels, shown
from tests.handlers.incident.test_pool_form import fill, form
from tests.handlers.test_views import words


@pytest.mark.usefixtures("cluster")
def test_a_form_and_a_click_lead_to_the_end(redis_url: str, file: Path, cluster: Answering) -> None:
    """The pool is asked for in a form, approved by a button of its message, and made."""
    settings = {"NETCHECK_ACCESS": str(file), "NETCHECK_OPERATIONS_KEY": OPERATIONS_KEY}
    with serving_http(redis_url, **settings) as (slack, _):
        assert slack.command("on-call", "incidents", "/netcheck fix create-pool").ok
        form(slack)
        assert fill(slack, "public", "10.250.0.100 - 10.250.0.120").ok
        slack.wait_for(lambda: [m for m in slack.messages("incidents") if "Approve" in labels(m)])
        assert slack.press("on-call", shown(slack), action(shown(slack), "Approve")).ok
        slack.wait_for(lambda: "Every step is done and verified" in words(shown(slack)))
        assert (["apply-pool"], []) == (
            [str(order.operation.__struct_config__.tag) for order in cluster.orders],
            slack.refusals,
        )
