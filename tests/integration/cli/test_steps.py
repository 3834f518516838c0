"""`omsbot steps` against the OMS simulator."""

import json
from pathlib import Path

import pytest

from omsbot.sandbox.oms import OmsSimulator
from tests.integration.cli.program import omsbot

ORDERS = "np_4w3r7k1m9x2c"


async def test_prints_a_line_a_step_and_the_projects_name(oms_env: dict[str, str], tmp_path: Path) -> None:
    ended = await omsbot("steps", ORDERS, env=oms_env, cwd=tmp_path)
    assert (ended.status, ended.err) == (0, "")
    assert "orders-to-ob" in ended.out
    assert ORDERS in ended.out
    for label in ("Precheck", "Schema migration", "Full migration", "Forward switchover"):
        assert label in ended.out


async def test_takes_the_address_of_the_console_page(oms_env: dict[str, str], tmp_path: Path) -> None:
    ended = await omsbot("steps", f"https://oms/oms-v2/migration/{ORDERS}", env=oms_env, cwd=tmp_path)
    assert ended.status == 0
    assert ORDERS in ended.out


async def test_prints_json_with_stable_names(
    oms_env: dict[str, str], tmp_path: Path, oms: OmsSimulator
) -> None:
    oms.fail(ORDERS)
    ended = await omsbot("steps", ORDERS, "--json", env=oms_env, cwd=tmp_path)
    document = json.loads(ended.out)
    assert (document["server"], document["id"], document["name"]) == ("default", ORDERS, "orders-to-ob")
    failed = next(step for step in document["steps"] if step["status"] == "FAILED")
    assert (failed["key"], failed["label"], failed["kind"]) == (
        "FULL_TRANSFER",
        "Full migration",
        "full_copy",
    )
    assert failed["error"]["failed_at"] > 0
    assert failed["info"]["capacity"] > 0


@pytest.mark.parametrize(
    ("ref", "changes", "expected"),
    [
        pytest.param("np_000000000000", {}, "OMS does not know this project", id="unknown project"),
        pytest.param("hello", {}, "is not a project id", id="no project id"),
        pytest.param(f"prod:{ORDERS}", {}, "no OMS server is named 'prod'", id="unknown server"),
        pytest.param(ORDERS, {"OMSBOT_OMS_PASSWORD": "old"}, "OMS rejects the bot's credential", id="login"),
        pytest.param(ORDERS, {"OMSBOT_OMS_URL": "http://127.0.0.1:1"}, "OMS cannot be reached", id="away"),
        pytest.param(ORDERS, {"OMSBOT_OMS_URL": ""}, "OMSBOT_OMS_URL is missing", id="no address"),
    ],
)
async def test_a_problem_is_one_line_and_ends_with_1(
    oms_env: dict[str, str], tmp_path: Path, ref: str, changes: dict[str, str], expected: str
) -> None:
    ended = await omsbot("steps", ref, env={**oms_env, **changes}, cwd=tmp_path)
    (line,) = ended.err.splitlines()
    assert (ended.status, ended.out) == (1, "")
    assert line.startswith("omsbot: ")
    assert expected in line
