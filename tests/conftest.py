"""What every test may use."""

from hypothesis import HealthCheck, settings

from omsbot.runtime.garbage import collect_seldom

pytest_plugins = ["tests.integration.databases"]

# no test depends on speed: a busy machine may take its time to draw an example or to try one
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay: to look through them for garbage again and again takes its time."""
    collect_seldom()
