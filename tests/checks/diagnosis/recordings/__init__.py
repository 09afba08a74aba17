"""What netcheck saw in the lab of each fault that is a cause: bundles, recorded by `tests.incident.record`."""

from pathlib import Path

FOLDER = Path(__file__).parent


def path_of(name: str) -> Path:
    """The recording of a cause by its slug, or of the healthy lab."""
    return FOLDER / f"{name}.json.gz"


def names() -> list[str]:
    """What was recorded."""
    return sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))
