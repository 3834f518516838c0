"""What the settings of an OMS server are called, as an operator writes them."""

from omsbot.domain.project.project import DEFAULT_SERVER


def setting_name(server: str, key: str) -> str:
    """Return the name of a server's setting: only the default server has environment variables."""
    return f"OMSBOT_OMS_{key.upper()}" if server == DEFAULT_SERVER else f"[oms.{server}] {key}"
