"""Two real nodes, for whichever check is tried on them."""

import shutil
from collections.abc import Iterator

import pytest

from tests.checks.paths.nodes import TwoNodes
from tests.checks.requirements import need, need_network_namespaces


@pytest.fixture(scope="module")
def nodes() -> Iterator[TwoNodes]:
    """Two nodes, healthy; what a test breaks it mends."""
    need_network_namespaces()
    need(shutil.which("nft") is not None, "needs nft (Debian: apt-get install nftables)")
    made = TwoNodes()
    try:
        made.open()
        yield made
    finally:
        made.close()
