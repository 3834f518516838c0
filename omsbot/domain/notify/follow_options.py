"""What a subscription wants to hear, and how."""

from dataclasses import dataclass

from omsbot.domain.events import Level


@dataclass(frozen=True, slots=True)
class FollowOptions:
    """`mention` is who failures mention, as Slack writes it: `<@U123>`, `<!subteam^S123>`; None is no one."""

    level: Level = Level.ALL
    mention: str | None = None


@dataclass(frozen=True, slots=True)
class FollowChange:
    """Options as a person names them: None was not named and stays; mention "" is no one any more."""

    level: Level | None = None
    mention: str | None = None

    def applied_to(self, options: FollowOptions) -> FollowOptions:
        return FollowOptions(
            level=self.level or options.level,
            mention=options.mention if self.mention is None else self.mention or None,
        )


NO_CHANGE = FollowChange()
