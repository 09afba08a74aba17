"""What a pasted error text says. Pure."""

from checks.code import Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.place import Cluster
from checks.text import Text, say
from checks.webhook import errors

ERROR_TEXT = Code(
    name="webhook.error-text",
    meaning="What the pasted error text says",
    place=Cluster,
    outcomes=(Outcome("denied", Severity.ADVICE, "the webhook answered, and refused the object"), *errors.FAILURES),
)
EXCERPT = 200
"""Characters of a text that is not known: enough to see which text is meant."""


def judge_error_text(text: str) -> Finding:
    """The one thing that it says; a text that says nothing known is never guessed at."""
    reading = errors.read(text)
    if reading.kind is None:
        clean = errors.plain(text)
        excerpt = clean if len(clean) <= EXCERPT else clean[:EXCERPT] + "…"
        return ERROR_TEXT.unseen(say("This text is not known to netcheck: {text}", text=excerpt), _named(reading))
    return ERROR_TEXT.found(reading.kind.meaning, [Seen(Cluster(), reading.outcome)], evidence=_named(reading))


def _named(reading: errors.Reading) -> list[Text]:
    """What the text names, one line each."""
    return [
        *([say("webhook: {webhook}", webhook=reading.webhook)] if reading.webhook else []),
        *([say("called: {url}", url=reading.url)] if reading.url else []),
        *([say("dialled: {address}", address=reading.address)] if reading.address else []),
    ]
