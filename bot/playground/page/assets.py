"""The files of the page, served with a policy that lets it load and run nothing else."""

from importlib.resources import files
from pathlib import PurePosixPath

from aiohttp import web

POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
"""Whatever a cluster's text contains, the page loads and runs nothing but its own files."""
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
ASSETS = {
    entry.name: entry.read_text(encoding="utf-8") for entry in files("bot.playground.page").joinpath("assets").iterdir()
}
"""By name."""


def routes() -> list[web.RouteDef]:
    """The routes of the files; the page itself is at the root."""
    return [web.get("/{name:(?:[a-z]+\\.[a-z]+)?}", _asset)]


async def _asset(request: web.Request) -> web.Response:
    name = request.match_info["name"] or "index.html"
    if name not in ASSETS:
        raise web.HTTPNotFound
    return web.Response(
        text=ASSETS[name],
        content_type=KINDS[PurePosixPath(name).suffix],
        headers={
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        },
    )
