"""Which project a person means."""

import pytest

from omsbot.bot.grammar.refs import parse_ref
from omsbot.domain.project.project import ProjectRef

SERVERS = {
    "default": "oms.example:8089",
    "prod": "prod.example:8089",
    "prod-eu": "prod.example:9089",
    "lab": "10.0.0.7",
}

FOUND = {
    "the host and port of a server": ("https://prod.example:9089/x/np_a1", ProjectRef("prod-eu", "np_a1")),
    "a host that only one server has": ("https://oms.example/x/np_a1", ProjectRef("default", "np_a1")),
    "another port of a known host": ("http://10.0.0.7:8089/np_a1", ProjectRef("lab", "np_a1")),
    "a host in capitals": ("https://PROD.example:8089/np_a1", ProjectRef("prod", "np_a1")),
    "a user in the link": ("https://ana@prod.example:8089/np_a1", ProjectRef("prod", "np_a1")),
    "an id as it is": ("np_a1", ProjectRef("default", "np_a1")),
    "an id with capitals inside": ("np_aB_1", ProjectRef("default", "np_aB_1")),
    "a server with a dash that a phone made long": ("prod–eu:np_a1", ProjectRef("prod-eu", "np_a1")),
}  # fmt: skip


@pytest.mark.parametrize(("text", "ref"), FOUND.values(), ids=FOUND.keys())
def test_a_project_is_found_on_its_server(text: str, ref: ProjectRef) -> None:
    assert parse_ref(text, servers=SERVERS) == ref


REFUSED = {
    "a host that no server has": ("https://other.example/np_a1", "`other.example`"),
    "a host that two servers share": ("https://prod.example/np_a1", "`prod.example`"),
    "a broken link": ("https://[::1/np_a1", "None of the bot's OMS servers"),
    "nothing": ("", "That is not a project id."),
    "a person": ("<@U1|ana>", "`ana` is not a project."),
    "two ids with a colon": ("np_a1:np_b2", "A server's name"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_project_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"[.?]$") as refused:
        parse_ref(text, servers=SERVERS)

    assert said in str(refused.value)


def test_a_link_is_on_the_only_server_whatever_its_host() -> None:
    assert parse_ref("https://vip.example/np_a1", servers={"prod": "oms.example"}) == ProjectRef(
        "prod", "np_a1"
    )


def test_without_a_default_server_a_bare_id_asks_for_the_server() -> None:
    with pytest.raises(ValueError, match=r"Say which OMS server the project is on, as in `prod:np_a1`\."):
        parse_ref("np_a1", default_server=None)


def test_a_bare_id_is_looked_for_on_the_given_default_server() -> None:
    assert parse_ref("np_a1", default_server="prod") == ProjectRef("prod", "np_a1")


def test_a_ref_reads_back_as_it_is_written() -> None:
    for ref in (ProjectRef("default", "np_a1"), ProjectRef("prod", "np_a1")):
        assert parse_ref(str(ref)) == ref
