"""OMS under load: `python -m benchmarks.standins.oms`. Prints its port, then serves until its input ends.

`POST /api/v2` answers for any project. `POST /control` changes the mix; its answer is what was served so far.
"""

import asyncio
import json
import random
import sys
import time
from typing import Any

from benchmarks.standins.answers import CHANGED, COUNTERS, FAILED, MOVED, STAGES, body, prepare
from benchmarks.standins.http import Connection, Head

WORDS = 65_536  # random numbers drawn in advance


class Oms:
    """Every project by its id, at a stage and with a set of counters."""

    def __init__(self, *, seed: int = 7) -> None:
        self._prepared = prepare()
        draw = random.Random(seed)
        self._chance = [draw.random() for _ in range(WORDS)]
        self._at: dict[bytes, list[int]] = {}
        self._number = self._moves = self._failures = 0
        self._head = Head(b"application/json;charset=UTF-8")
        self.changed, self.moved = CHANGED, MOVED
        self.failing: set[bytes] = set()  # these fail at their next answer
        self.served: dict[str, float] = {}  # when each of them was first seen to fail

    def answer(self, head: bytes, question: bytes) -> bytes:
        """One request, whatever it asks for."""
        if head.startswith(b"POST /control"):
            return self._head.before(self._control(json.loads(question)))
        project = question.split(b'"id"', 1)[1].split(b'"', 2)[1]
        stage, counters = self._step(project)
        return self._head.before(body(self._prepared[stage][counters], self._number))

    def _step(self, project: bytes) -> list[int]:
        """Where the project is now: it moved on, its counters did, or neither."""
        self._number += 1
        state = self._at.get(project)
        if state is None:
            state = self._at[project] = [0, 0]
        if self.failing and project in self.failing:
            self.failing.discard(project)
            state[0] = FAILED
            self.served[project.decode()] = time.time()
        chance = self._chance[self._number % WORDS]
        if chance < self.moved:
            state[0] = (state[0] + 1) % len(STAGES)
            self._moves += 1
            self._failures += state[0] == FAILED
        elif chance < self.moved + self.changed:
            state[1] = (state[1] + 1) % COUNTERS
        return state

    def _control(self, asked: dict[str, Any]) -> bytes:
        self.changed, self.moved = asked.get("changed", self.changed), asked.get("moved", self.moved)
        self.failing |= {one.encode() for one in asked.get("fail", ())}
        counts = {"requests": self._number, "moves": self._moves, "failures": self._failures}
        return json.dumps({"served": self.served, **counts}).encode()


async def main() -> None:
    """Serve until the standard input ends."""
    oms, loop = Oms(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(oms.answer), "127.0.0.1", 0, backlog=1024)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
