"""Views of what the database knows."""

import pytest

from omsbot.db.engine.engine import Database
from omsbot.db.stores import subscriptions
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.project.subject import Server
from omsbot.services.views import Views
from tests.builders import NOW
from tests.integration.db.stored import ALPHA, stream, subscribed

LINKS = [
    pytest.param("https://oms.example:8089/{id}/view", "https://oms.example:8089/np_alpha/view", id="to it"),
    pytest.param("https://oms.example:8089/", "https://oms.example:8089/", id="to the console alone"),
    pytest.param("", None, id="no address"),
]


@pytest.mark.parametrize(("template", "link"), LINKS)
def test_a_project_is_linked_to_its_console(template: str, link: str | None) -> None:
    assert Views({"default": template}).unseen(ALPHA).console_link == link


def test_a_server_without_a_console_has_no_link() -> None:
    assert Views({"default": "https://oms.example"}).unseen(ProjectRef("other", "np_1")).console_link is None


async def test_a_project_that_was_never_read_has_a_view_all_the_same(sqlite_database: Database) -> None:
    async with sqlite_database.write() as conn:
        known = await subscriptions.get(conn, await stream(conn))
        assert known is not None

        view = await Views({}).subscription(conn, known, now=NOW)

    assert (view.project.ref, view.project.snapshot, view.card_link_ts) == (ALPHA, None, None)


async def test_the_health_of_a_server_has_no_card(sqlite_database: Database) -> None:
    async with sqlite_database.write() as conn:
        known = await subscriptions.get(conn, await subscribed(conn, Server("default")))
        assert known is not None
        with pytest.raises(ValueError, match="is not a project"):
            await Views({}).subscription(conn, known, now=NOW)
