"""What the bot counts and measures, for Prometheus; every name starts with `omsbot_`.

The labels are servers, kinds, states, outcomes, methods and passes: short, closed lists. A project's id is
never one. Times are seconds in what is exported, as Prometheus wants them, and milliseconds in arguments
that say `_ms`.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

_POLL_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15)
_LAG_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """One registry and everything in it; two of them in one process do not meet."""

    def __init__(self, *, version: str = "") -> None:
        self.registry = CollectorRegistry()
        self._children: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
        self._describe_polls()
        self._describe_messages()
        self._describe_passes()
        ProcessCollector(registry=self.registry)
        Info("omsbot_build", "The version that runs.", registry=self.registry).info({"version": version})

    def polled(self, server: str, outcome: str, *, duration_s: float, lag_s: float) -> None:
        """Count one poll: `outcome` is `ok` or the OMS error's kind, `lag_s` the time from due to claimed."""
        polls, durations = self._of_polls(server, outcome)
        polls.inc()
        durations.observe(duration_s)
        self._poll_lag.observe(max(0.0, lag_s))

    def _of_polls(self, server: str, outcome: str) -> tuple[Counter, Histogram]:
        """What counts the polls of these labels; to look it up by them costs more than to count."""
        found = self._children.get((server, outcome))
        if found is None:
            found = self._polls.labels(server, outcome), self._poll_duration.labels(server)
            self._children[server, outcome] = found
        return found

    def server_reachable(self, server: str, reachable: bool) -> None:
        self._server_up.labels(server).set(reachable)

    def event(self, kind: str, count: int = 1) -> None:
        self._events.labels(kind).inc(count)

    def delivery(self, state: str, count: int = 1) -> None:
        """Count deliveries that reached a state."""
        self._deliveries.labels(state).inc(count)

    def post(self, outcome: str) -> None:
        """Count one attempt to post a message by its outcome."""
        self._posts.labels(outcome).inc()

    def slack_call(self, method: str, outcome: str) -> None:
        self._slack_calls.labels(method, outcome).inc()

    def slack_connected(self, connected: bool) -> None:
        self._slack_up.set(connected)

    def backlog(self, pending: int, *, oldest_age_s: float) -> None:
        """Set what waits to be told: how many deliveries, and how old the oldest is (0 where none waits)."""
        self._pending.set(pending)
        self._oldest_pending.set(max(0.0, oldest_age_s))

    def pass_ended(self, name: str, *, at_ms: int, duration_s: float, failed: bool = False) -> None:
        """Note that a pass ran to its end at a time, or failed."""
        self._pass_last.labels(name).set(at_ms / 1000)
        self._pass_duration.labels(name).observe(duration_s)
        self._pass_errors.labels(name).inc(1 if failed else 0)

    def render(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)

    def _describe_polls(self) -> None:
        registry = self.registry
        self._polls = Counter(
            "omsbot_polls",
            "Polls of a project by server and outcome.",
            ["server", "outcome"],
            registry=registry,
        )
        self._poll_duration = Histogram(
            "omsbot_poll_duration_seconds",
            "Seconds from the question to the stored answer.",
            ["server"],
            buckets=_POLL_SECONDS,
            registry=registry,
        )
        self._poll_lag = Histogram(
            "omsbot_poll_lag_seconds",
            "Seconds from when a poll was due to when it was claimed.",
            buckets=_LAG_SECONDS,
            registry=registry,
        )
        self._server_up = Gauge(
            "omsbot_server_up",
            "1 while an OMS server answers, 0 while it does not.",
            ["server"],
            registry=registry,
        )

    def _describe_messages(self) -> None:
        registry = self.registry
        self._events = Counter(
            "omsbot_events", "Events that were found, by kind.", ["kind"], registry=registry
        )
        self._deliveries = Counter(
            "omsbot_deliveries", "Deliveries that reached a state.", ["state"], registry=registry
        )
        self._posts = Counter("omsbot_posts", "Posts by outcome.", ["outcome"], registry=registry)
        self._slack_calls = Counter(
            "omsbot_slack_calls",
            "Calls of Slack's Web API by method and outcome.",
            ["method", "outcome"],
            registry=registry,
        )
        self._slack_up = Gauge(
            "omsbot_slack_connected",
            "1 while Socket Mode is connected, 0 while it is not.",
            registry=registry,
        )
        self._pending = Gauge(
            "omsbot_deliveries_pending", "Deliveries that wait to be told.", registry=registry
        )
        self._oldest_pending = Gauge(
            "omsbot_delivery_oldest_pending_seconds",
            "Age of the oldest delivery that waits.",
            registry=registry,
        )

    def _describe_passes(self) -> None:
        registry = self.registry
        self._pass_last = Gauge(
            "omsbot_pass_last_run_timestamp_seconds", "When a pass last ended.", ["name"], registry=registry
        )
        self._pass_duration = Histogram(
            "omsbot_pass_duration_seconds", "How long a pass took.", ["name"], registry=registry
        )
        self._pass_errors = Counter(
            "omsbot_pass_errors", "Passes that ended with an error.", ["name"], registry=registry
        )
