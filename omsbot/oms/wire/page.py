"""Says in a few words what came instead of an answer of OMS, without repeating it."""

import re

from omsbot.domain.masking import clean, mask, shorten

_LOOKED_AT = 65_536  # bytes: a page says what it is at its top
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)
_LOGIN = re.compile(r"""type=["']?password|log[\s-]?in\b|sign[\s-]?in\b|登录|登錄""", re.IGNORECASE)


def describe_page(body: bytes, content_type: str | None) -> str | None:
    """Return what a body is that is no JSON, such as "an HTML page titled 'Sign in'"; None where unclear."""
    top = body[:_LOOKED_AT].decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    if not top:
        return "an empty answer"
    if top.startswith("<?xml"):
        return "an XML document"
    labelled = "html" in (content_type or "").lower() and not top.startswith(("{", "["))
    if not (labelled or top.startswith("<")):
        return None
    kind = "a login page" if _LOGIN.search(top) else "an HTML page"
    title = _TITLE.search(top)
    named = shorten(mask(clean(" ".join(title[1].split()))), 80) if title else ""
    return f"{kind} titled '{named}'" if named else kind
