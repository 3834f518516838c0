"""Where a simulated project stands in its script, and when it passed each place.

A script is written in positions: seconds since the project began, had nobody touched it. Pausing, slowing,
failing and jumping bend the relation between positions and simulated time, and the bends stay on record, so a
step that began before a jump keeps the start time it had.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of even pace: from `since` (simulated epoch seconds) the script runs on from `position`."""

    since: float
    position: float
    pace: float = 1.0

    def position_at(self, moment: float) -> float:
        return self.position + (moment - self.since) * self.pace

    def moment_of(self, position: float) -> float:
        return self.since + (position - self.position) / self.pace if self.pace else self.since


@dataclass(frozen=True, slots=True)
class Timeline:
    """The legs of one project, oldest first; never empty."""

    legs: tuple[Leg, ...]

    @property
    def pace(self) -> float:
        """How many script seconds pass in a simulated second now; 0 while the project stands still."""
        return self.legs[-1].pace

    def position_at(self, moment: float) -> float:
        """The place in the script at a moment; a moment before the first leg counts as the beginning."""
        leg = next((leg for leg in reversed(self.legs) if leg.since <= moment), None)
        return leg.position_at(moment) if leg else self.legs[0].position

    def moment_of(self, position: float) -> float:
        """When the script last came to a position; a position that was jumped over was met at the jump."""
        for leg, before in zip(reversed(self.legs), reversed(self.legs[:-1]), strict=False):
            reached = before.position_at(leg.since)
            if position > leg.position and leg.pace:
                return leg.moment_of(position)
            if reached < position <= leg.position or reached > position == leg.position:
                return leg.since
        return self.legs[0].moment_of(position)

    def bent(self, now: float, *, position: float | None = None, pace: float | None = None) -> "Timeline":
        """The timeline from `now` on at another position, another pace, or both."""
        if position is None and pace in {None, self.pace}:
            return self
        leg = Leg(
            since=now,
            position=self.position_at(now) if position is None else position,
            pace=self.pace if pace is None else pace,
        )
        return Timeline((*self.legs, leg))
