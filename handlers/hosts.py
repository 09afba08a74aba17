"""Which addresses are Slack's: what is secret goes there, whatever a payload or Redis says."""

from urllib.parse import urlsplit

_SLACK = (".slack.com", ".slack-gov.com")
_HTTPS = 443


def of_slack(url: str, api: str) -> bool:
    """Whether an address is one of Slack's hosts by HTTPS, or of just the origin that the Web API is given as."""
    try:
        at, own = urlsplit(url), urlsplit(api)
        same = (at.scheme, at.hostname, at.port) == (own.scheme, own.hostname, own.port)
    except ValueError:
        return False
    return same or (at.scheme == "https" and at.port in (None, _HTTPS) and (at.hostname or "").endswith(_SLACK))
