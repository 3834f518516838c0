"""What the bot exports for Prometheus."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from omsbot.metrics import Metrics


def samples(metrics: Metrics) -> dict[tuple[str, str], float]:
    return {
        (sample.name, ",".join(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(metrics.render().decode())
        for sample in family.samples
    }


def test_everything_that_is_noted_is_exported() -> None:
    metrics = Metrics(version="1.2.3")
    metrics.polled("default", "ok", duration_s=0.02, lag_s=0.3)
    metrics.polled("default", "timeout", duration_s=15, lag_s=-1)
    metrics.server_reachable("default", reachable=False)
    metrics.event("step_failed")
    metrics.delivery("pending", 3)
    metrics.post("sent")
    metrics.slack_call("chat.postMessage", "ok")
    metrics.slack_connected(connected=True)
    metrics.backlog(4, oldest_age_s=12.5)
    metrics.pass_ended("poll", at_ms=1_700_000_000_000, duration_s=0.1)
    metrics.pass_ended("poll", at_ms=1_700_000_001_000, duration_s=0.1, failed=True)
    found = samples(metrics)
    assert found["omsbot_polls_total", "ok,default"] == 1
    assert found["omsbot_polls_total", "timeout,default"] == 1
    assert found["omsbot_poll_duration_seconds_count", "default"] == 2
    assert found["omsbot_poll_lag_seconds_sum", ""] == pytest.approx(0.3)
    assert found["omsbot_server_up", "default"] == 0
    assert found["omsbot_events_total", "step_failed"] == 1
    assert found["omsbot_deliveries_total", "pending"] == 3
    assert found["omsbot_posts_total", "sent"] == 1
    assert found["omsbot_slack_calls_total", "chat.postMessage,ok"] == 1
    assert found["omsbot_slack_connected", ""] == 1
    assert found["omsbot_deliveries_pending", ""] == 4
    assert found["omsbot_delivery_oldest_pending_seconds", ""] == 12.5
    assert found["omsbot_pass_last_run_timestamp_seconds", "poll"] == 1_700_000_001
    assert found["omsbot_pass_errors_total", "poll"] == 1
    assert found["omsbot_build_info", "1.2.3"] == 1


def test_a_pass_that_never_failed_shows_zero_errors() -> None:
    metrics = Metrics()
    metrics.pass_ended("poll", at_ms=0, duration_s=0)
    assert samples(metrics)["omsbot_pass_errors_total", "poll"] == 0


def test_two_of_them_do_not_meet() -> None:
    one, other = Metrics(), Metrics()
    one.event("step_failed")
    assert ("omsbot_events_total", "step_failed") not in samples(other)


def test_every_name_of_ours_starts_with_omsbot_and_has_a_description() -> None:
    families = list(text_string_to_metric_families(Metrics().render().decode()))
    assert families
    for family in families:
        assert family.name.startswith(("omsbot_", "process_"))
        assert family.documentation
