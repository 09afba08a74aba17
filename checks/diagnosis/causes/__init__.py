"""The causes that netcheck knows: one file each, found by itself. A new file is a new cause."""

import importlib
import pkgutil

from checks.diagnosis.declaration import Declaration

CAUSES: dict[str, Declaration] = {
    declared.slug: declared
    for declared in (
        importlib.import_module(f"{__name__}.{module.name}").CAUSE for module in pkgutil.iter_modules(__path__)
    )
}
"""Every cause by its slug."""
