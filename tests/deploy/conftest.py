"""The chart, rendered by helm."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab.build import binary, build_programs
from tests.lab.fixtures import lab, skip_without_lab
from tests.lab.layout import REPOSITORY

__all__ = ["lab"]
Objects = dict[tuple[str, str], dict[str, Any]]
Render = Callable[..., Objects]
WITH_SLACK = {"bot": {"botToken": "xoxb-1", "appToken": "xapp-1"}}
VCENTER = {"host": "vcenter.example.com", "user": "netcheck@vsphere.local", "password": "right", "ca": "-----BEGIN"}
WITH_OPERATOR = {"operator": {"enabled": True, "vcenter": VCENTER}}


@pytest.fixture
def render(tmp_path: Path) -> Render:
    """Render the chart with some values: (kind, name) -> object; `CalledProcessError` has the words of a refusal."""
    skip_without_lab()
    build_programs("helm")

    def rendered(*options: str, **values: object) -> Objects:
        path = tmp_path / "values.json"
        path.write_text(json.dumps(values))
        chart = str(REPOSITORY / "deploy" / "chart")
        command = [str(binary("helm")), "template", "netcheck", chart, "--namespace=nc", f"--values={path}", *options]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = [each for each in yaml.safe_load_all(output) if each]
        return {(each["kind"], each["metadata"]["name"]): each for each in found}

    return rendered


def pods(objects: Objects) -> dict[str, dict[str, Any]]:
    """The pod specification of every workload."""
    return {
        name: each["spec"]["template"]["spec"]
        for (_, name), each in objects.items()
        if "template" in each.get("spec", {})
    }
