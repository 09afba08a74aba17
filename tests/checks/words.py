"""Texts as plain English sentences, for what tests say about them."""

from checks.text import Quantity, Text, Unit, Value


def words(text: Text) -> str:
    """The sentence."""
    template = text.plural if text.plural and text.count != 1 else text.template
    return template.format_map({name: _shown(value) for name, value in text.values.items()})


def _shown(value: Value) -> str:
    if isinstance(value, Text):
        return words(value)
    if isinstance(value, Quantity):
        return _quantity(value)
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    return str(value)


def _quantity(quantity: Quantity) -> str:
    value = quantity.value
    if quantity.unit is Unit.SECONDS:
        return f"{value:.1f} s" if value >= 1 else f"{value * 1000:.1f} ms"
    if quantity.unit is Unit.SHARE:
        return f"{value:.1%}".replace("%", " %")
    return f"{value:.0f} bytes" if quantity.unit is Unit.BYTES else f"{value:g}"
