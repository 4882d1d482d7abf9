"""Headers of every answer of the server: who may frame a page, and how cookies travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tornado.httputil import HTTPHeaders
from tornado.web import OutputTransform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tornado.httputil import HTTPServerRequest

__all__ = ["safe_headers"]

_CONTENT = (
    "default-src 'none'",
    # Bokeh's page starts by a script in it, with numbers of its own each time and no place for a
    # nonce; Panel's es-module-shims adds scripts to try what the browser can, and components are
    # loaded as blobs. Nothing is compiled from text: that would be CustomJS of Bokeh, and
    # ReactiveHTML and jslink of Panel
    "script-src 'self' 'unsafe-inline' blob:",
    "style-src 'self' 'unsafe-inline'",
    # a catalogue may name the address of a row's picture on another server
    "img-src 'self' data: blob: https: http:",
    "font-src 'self' data:",
    # components are fetched from their blobs; 'self' is the websocket too
    "connect-src 'self' blob:",
    "form-action 'self'",
    "base-uri 'self'",
    "object-src 'none'",
)


def safe_headers(framed_by: Sequence[str]) -> type[OutputTransform]:
    """Return a transform for `tornado.web.Application.add_transform`.

    Parameters
    ----------
    framed_by : sequence of str
        Hosts whose pages may show this one in a frame, beside its own.
    """
    ancestors = " ".join(["'self'", *framed_by])
    policy = "; ".join([*_CONTENT, f"frame-ancestors {ancestors}"])

    class SafeHeaders(OutputTransform):
        def __init__(self, request: HTTPServerRequest) -> None:
            # TLS may end at a proxy, which tells so
            forwarded = request.headers.get("X-Forwarded-Proto", "")
            self._secure = "https" in (request.protocol, forwarded.split(",")[-1].strip().lower())

        def transform_first_chunk(
            self, status_code: int, headers: HTTPHeaders, chunk: bytes, _finishing: bool
        ) -> tuple[int, HTTPHeaders, bytes]:
            safe = _CookieHeaders()
            safe.secure = self._secure
            for name, value in headers.get_all():
                safe.add(name, value)
            safe["Content-Security-Policy"] = policy
            safe["X-Content-Type-Options"] = "nosniff"
            safe["Referrer-Policy"] = "same-origin"
            return status_code, safe, chunk

    return SafeHeaders


class _CookieHeaders(HTTPHeaders):
    """Headers that keep cookies from scripts and from other sites.

    Tornado adds cookies after all transforms.
    """

    secure = False

    def add(self, name: str, value: str, **more: Any) -> None:
        if name.lower() == "set-cookie":
            attributes = ["HttpOnly", "SameSite=Lax", *(["Secure"] if self.secure else [])]
            present = {
                attribute.strip().split("=")[0].lower() for attribute in value.split(";")[1:]
            }
            value = "; ".join(
                [
                    value,
                    *(
                        directive
                        for directive in attributes
                        if directive.split("=")[0].lower() not in present
                    ),
                ]
            )
        super().add(name, value, **more)
