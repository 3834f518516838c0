"""Which channel may ask which OMS server, and what a refusal by OMS means for the person who asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import ProjectRef
from omsbot.services.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Access:
    """The configured servers, each with the channels that may use it (None: all)."""

    channels: Mapping[str, frozenset[str] | None]

    def check(self, channel_id: str, server: str) -> None:
        """Raise Refusal where there is no such server, or this channel may not use it."""
        if server not in self.channels:
            names = ", ".join(f"`{name}`" for name in self.visible(channel_id)) or "none"
            raise Refusal(f"There is no OMS server `{server}` here.", f"Servers of this channel: {names}.")
        if server not in self.visible(channel_id):
            raise Refusal(
                f"This channel may not use the OMS server `{server}`.",
                f"Add the channel's id `{channel_id}` to `channels` of `[oms.{server}]` in omsbot.toml.",
            )

    def visible(self, channel_id: str) -> list[str]:
        """The servers that a channel may use."""
        return [name for name, allowed in self.channels.items() if allowed is None or channel_id in allowed]


def refused_by_oms(ref: ProjectRef, error: OmsError) -> Refusal:
    """Put an OMS error as an answer to the person who named the project."""
    if error.kind is OmsErrorKind.GONE:
        return Refusal(
            f"OMS does not know a project `{ref}`.",
            "`/oms projects` lists what is there; the id begins with `np_`.",
        )
    return Refusal(f"`{ref}`: {error}.", error.facts.what_to_do(ref.server))
