"""What is sent to OMS: a question reads, an action changes something, and the type says which.

A server may take a request and drop the connection before it answers. A question is then asked again. An
action may have been done: it is sent once, and who sent it has to look what became of it.
"""

from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class Question:
    """Changes nothing, so it may be sent again."""

    url: httpx.URL
    body: bytes


@dataclass(frozen=True, slots=True)
class Action:
    """Changes something, so it is never sent twice."""

    url: httpx.URL
    body: bytes
