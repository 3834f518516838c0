"""What every test may use."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.integration.databases"]

# no test depends on speed: a busy machine may take its time to draw an example or to try one
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
