"""Reads an answer's body as it arrives, never more of it than wanted."""

import zlib
from collections.abc import AsyncIterable

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind

_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS
_COMPRESSED = ("gzip", "x-gzip", "deflate")


async def read_body(chunks: AsyncIterable[bytes], encoding: str, limit: int) -> bytes:
    """Return the decompressed body; `encoding` is the `Content-Encoding` header, empty where there is none.

    A body is cut off while it is inflated, so that a small one that grows without end costs no memory.
    Raises OmsError: TOO_LARGE past `limit` bytes, MALFORMED where it cannot be decompressed.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return await _read_plain(chunks, limit)
    if name not in _COMPRESSED:
        raise OmsError(
            OmsErrorKind.MALFORMED, "the answer is compressed in a way that the bot did not ask for"
        )
    try:
        return await _read_compressed(chunks, limit)
    except zlib.error:
        raise OmsError(OmsErrorKind.MALFORMED, "the answer is damaged: it cannot be decompressed") from None


async def _read_plain(chunks: AsyncIterable[bytes], limit: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


async def _read_compressed(chunks: AsyncIterable[bytes], limit: int) -> bytes:
    body = bytearray()
    inflater = zlib.decompressobj(_ZLIB_OR_GZIP)
    async for chunk in chunks:
        body += inflater.decompress(chunk, limit + 1 - len(body))
        if len(body) > limit:
            raise _too_large(limit)
    if not inflater.eof:
        raise OmsError(OmsErrorKind.MALFORMED, "the answer breaks off: its compressed body has no end")
    return bytes(body)


def _too_large(limit: int) -> OmsError:
    return OmsError(OmsErrorKind.TOO_LARGE, f"the answer has more than {limit:,} bytes")
