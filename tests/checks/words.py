"""Sentences in plain English, for tests that state them."""

from checks.text import Quantity, Text, Unit, Value


def words(text: Text) -> str:
    """The template with its values: quantities with units, lists with commas, places by name."""
    template = text.plural if text.plural and text.count != 1 else text.template
    return template.format(**{name: _shown(value) for name, value in text.values.items()})


def _shown(value: Value) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, Text):
        return words(value)
    if not isinstance(value, Quantity):
        return str(value)
    if value.unit is Unit.SHARE:
        return f"{100 * value.value:.1f} %"
    if value.unit is Unit.SECONDS:
        return f"{value.value:.1f} s" if value.value >= 1 else f"{1000 * value.value:.1f} ms"
    return f"{value.value:g} bytes" if value.unit is Unit.BYTES else f"{value.value:g}"
