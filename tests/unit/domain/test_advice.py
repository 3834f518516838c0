"""Advice: what finds it, what must not, and that it can be read at a glance."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omsbot.domain.advice import Advice, Clue, Component, advise
from omsbot.domain.advice.codes import BY_CODE, BY_FAMILY
from omsbot.domain.advice.find import SIGNS
from omsbot.domain.advice.numbers import numbers
from omsbot.domain.advice.precheck import PRECHECK
from omsbot.domain.advice.steps import BY_STEP
from omsbot.domain.advice.words import Number, Sign
from omsbot.domain.masking import mask
from omsbot.domain.project.project import ErrorDetail, StepError, StepKind

ALL_SIGNS = (*SIGNS, *PRECHECK)
ALL = [
    *(one.advice for one in ALL_SIGNS),
    *BY_CODE.values(),
    *(advice for _, advice in BY_FAMILY),
    *BY_STEP.values(),
]


def cause(text: str, kind: StepKind = StepKind.OTHER, code: str | None = None) -> str:
    """The cause that is found for a text as it is stored; "" where nothing special is."""
    found = advise(StepError(code, mask(text)), kind)
    return found.advice.cause if found and found.special else ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # access
        ("Access denied for user 'oms'@'10.0.0.7' (using password: YES)", "rejects the login"),
        ("ERROR 1045 (42000): Access denied for user 'oms'@'%' (using password: YES)", "rejects the login"),
        ("java.sql.SQLException: ORA-01017: invalid username/password; logon denied", "rejects the login"),
        ("ORA-28000: the account is locked", "locked the user"),
        ("Access denied for user 'oms'@'h'. Account is locked.", "locked the user"),
        ("Your password has expired. To log in you must change it", "password of the migration's user has"),
        ("ORA-28001: the password has expired", "password of the migration's user has"),
        ("SELECT command denied to user 'oms'@'10.0.0.7' for table 'orders'", "lacks a privilege"),
        ("Access denied for user 'oms'@'%' to database 'shop'", "lacks a privilege"),
        (
            "Access denied; you need (at least one of) the REPLICATION SLAVE privilege(s) for this operation",
            "lacks a privilege",
        ),
        ("OBE-01031: insufficient privileges", "lacks a privilege"),
        ("用户缺少 sysdba 权限", "lacks a privilege"),
        (
            "The MySQL server is running with the --read-only option so it cannot execute this statement",
            "takes no writes",
        ),
        # the source's log
        (
            "Got fatal error 1236 from master: 'Could not find first log file name in binary log index file'",
            "no longer holds the log",
        ),
        ("errno = 1236, sqlstate = HY000", "no longer holds the log"),
        ("binlog mysql-bin.000021 was purged", "no longer holds the log"),
        ("ORA-01291: missing logfile", "no longer holds the log"),
        ("源端 binlog mysql-bin.000021 已被清理", "no longer holds the log"),
        ("see the master's error log or the manual for GTID_SUBTRACT", "by GTID"),
        ("增量日志参数检查未通过,错误参数 supplemental_log_data_pk=no", "supplemental logging"),
        ("增量日志参数检查未通过,错误参数 LOG_PARALLELISM_MAX !=1", "logs in parallel"),
        ("ORA-01325: archive log mode must be enabled to build into the logstream", "does not archive"),
        ("Not found ocp name from connectInfo: jdbc:oceanbase://10.0.0.8:2883", "ConfigUrl"),
        # rows and objects
        ("Duplicate entry '10042' for key 'PRIMARY'", "already holds a row"),
        ("ORA-00001: unique constraint (SHOP.PK_ORDERS) violated", "already holds a row"),
        ("目标表 orders 主键冲突", "already holds a row"),
        ("The target table shop.orders is not empty", "target table is not empty"),
        ("目标端表 shop.orders 不为空", "target table is not empty"),
        ("Unknown column 'EXPRESSION' in 'field list'", "missing on one side"),
        ("Table 'shop.orders' doesn't exist", "missing on one side"),
        ("ORA-00942: table or view does not exist", "missing on one side"),
        ("目标表 `shop.orders` 不存在", "missing on one side"),
        ("Data too long for column 'note' at row 1", "too long or too large"),
        ('ORA-12899: value too large for column "SHOP"."T"."C"', "too long or too large"),
        ("Incorrect string value: '\\xF0\\x9F' for column 'note' at row 1", "does not take a value"),
        ("Error code: 1366", "does not take a value"),
        ("Column 'id' cannot be null", "wants a value"),
        ("Cannot add or update a child row: a foreign key constraint fails (`shop`.`t`)", "foreign key"),
        ("ORA-02291: integrity constraint (SHOP.FK) violated - parent key not found", "foreign key"),
        ("Table 'orders' already exists", "exists on the target already"),
        ("event source process failed: [ not support create table select as option", "AS SELECT"),
        ("The table charset: 'latin1' is unsupported in OBMYSQL_2.2.50", "character set or collation"),
        ("You have an error in your SQL syntax; check the manual", "does not take a statement"),
        # waits
        ("Lock wait timeout exceeded; try restarting transaction", "holds a lock"),
        ("(conn=12) Deadlock found when trying to get lock", "holds a lock"),
        ("ORA-01555: snapshot too old: rollback segment number 9", "outlived the undo"),
        ("OB-4138: Request to read too old versioned data", "outlived the undo"),
        ("Timeout, query has reached the maximum query timeout: 10000000(us)", "ran longer"),
        ("ERROR 4012 (HY000): Timeout", "ran longer"),
        ("PreCheckAction doRunningAction timeout.projectId np_1", "clocks that differ"),
        # network
        ("java.net.UnknownHostException: db.example.com", "cannot resolve"),
        ("ORA-12154: TNS:could not resolve the connect identifier specified", "cannot resolve"),
        ("javax.net.ssl.SSLHandshakeException: PKIX path building failed", "TLS with a database failed"),
        ("ORA-12541: TNS:no listener", "its listener does not serve"),
        ("Data source rejected establishment of connection: Too many connections", "no connection left"),
        ("Packet for query is too large (5,123,456 > 4,194,304)", "in one packet"),
        ("java.net.ConnectException: Connection refused (Connection refused)", "refused or not answered"),
        ("connect timed out", "refused or not answered"),
        ("连接被拒绝", "refused or not answered"),
        ("Communications link failure", "broke off"),
        ("ERROR 2013 (HY000): Lost connection to MySQL server during query", "broke off"),
        ("replace into shop.orders: Broken pipe (Write failed)", "broke off"),
        ("java.net.SocketTimeoutException: Read timed out", "answers too slowly"),
        # memory and disk
        ("ERROR 4030 (HY000): OB-4030:Over tenant memory limits", "tenant is out of memory"),
        ("No memory or reach tenant memory limit", "tenant is out of memory"),
        ("write failed, ret=-4013", "tenant is out of memory"),
        ("Server out of disk space", "OceanBase cluster is out of disk"),
        ("ORA-01653: unable to extend table SHOP.ORDERS by 8192 in tablespace USERS", "tablespace"),
        ("The table 'orders' is full", "no room left for a table"),
        ("write /home/ds/store/data: No space left on device", "A disk is full"),
        ("java.lang.OutOfMemoryError: GC overhead limit exceeded", "Java process"),
        (
            "INNER_ERROR[CM-RESONF000003]: no enough host resource for a CHECKER, reason [host: 10.0.0.9]",
            "No OMS host has enough",
        ),
    ],
)
def test_a_text_finds_its_cause(text: str, expected: str) -> None:
    assert expected in cause(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("binlog_format of the source is STATEMENT", "binlog is off"),
        ("源端binlog未开启", "binlog is off"),
        ("源端未开启: binlog 未开启", "binlog is off"),
        ("expire_logs_days is 1", "too short a time"),
        ("源端-OceanBase 数据库 4.x 版本日志归档开关检查", "Log archiving"),
        ("12 tables without primary key", "no primary or unique key"),
        ("以下表无主键: t1", "no primary or unique key"),
        ("lower_case_table_names differ: 1, 0", "upper and lower case"),
        ("character set of source latin1, of target utf8mb4", "character sets of source"),
        ("源端与目标端字符集不一致", "character sets of source"),
        ("源端与目标端大小写敏感参数不一致", "upper and lower case"),
        ("time_zone differs: +08:00, SYSTEM", "time zones"),
        ("源端与目标端时区不一致", "time zones"),
        ("table orders has foreign keys", "bound by foreign keys"),
        ("target table orders has triggers", "triggers"),
        ("目标端存在触发器", "triggers"),
        ("MySQL version 5.1 is not supported", "version does not suit"),
        ("unsupported data type GEOMETRY in column shape", "type that OMS does not migrate"),
        ("存在不支持的数据类型", "type that OMS does not migrate"),
    ],
)
def test_what_a_precheck_says_is_understood_in_a_precheck_alone(text: str, expected: str) -> None:
    assert expected in cause(text, StepKind.PRECHECK)
    assert cause(text, StepKind.FULL_COPY) == ""


@pytest.mark.parametrize("kind", [StepKind.PRECHECK, StepKind.FULL_COPY, StepKind.LOG_PULL])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "Write of table orders failed",
        "1 of 8 writers stopped",
        "The target refused a row.",
        "Task failed, please retry",
        "error 1062 rows differ between source and target",
        "error: 1205 of 3000 batches written",
        "finished 1146 tables",
        "error at 2013-11-14 22:13:20",
        "error: 2003/11/14",
        "错误：2026年11月14日",
        "port 3306, session 1045",
        "np_1062 ORA-1 XORA-00942",
        "record 10621062 is broken",
        "duplicate message dropped, entry 7",
        "timeout is set to 30 s",
        "the certificate is valid",
        "table check passed, directory /data is not empty",
        "the list of hosts is not empty",
        "the disk is 40 % full",
        "Full migration is slow",
        "log purged? no: all logs are there",
        "errors will trigger a retry",
        "conversion of types done",
        "表示该用户不存在异常",
        "当前任务执行失败，请联系技术支持",
        "迁移任务运行中断，原因未知",
        "com.oceanbase.oms.Worker.run(Worker.java:1236)",
        "Caused by: java.lang.IllegalStateException at line 4013",
        "ret=-4",
        "casino listener, xconnection refused",
        "Query execution was interrupted",
        "running with the --secure-file-priv option",
        "密码需包含大小写字母",
        "deadlock-free mode, locked in",
        "uniqueness constraints are checked later",
        "privileges were granted",
        "memory limit of the tenant is 8 GB",
        "versions of rows are kept",
    ],
)
def test_an_unrelated_text_finds_nothing(text: str, kind: StepKind) -> None:
    assert cause(text, kind) == ""


@pytest.mark.parametrize(
    ("code", "text", "clue", "said"),
    [
        ("GHANA-OPERAT000001", "connection refused", Clue.CODE, "does not answer"),
        ("ghana-operat000001\n", None, Clue.CODE, "does not answer"),
        ("GHANA-OPERAT000077", None, Clue.FAMILY, "A service of OMS failed"),
        ("GHANA-OPERIE000000", None, Clue.FAMILY, "internal error"),
        ("GHANA-MIGRAT000201", "Failed to migrate the tables", Clue.FAMILY, "Some tables or views"),
        ("GHANA-MIGRAT000201", "Unknown column 'X' in 'field list'", Clue.TEXT, "missing on one side"),
        ("GHANA-XYZ", None, Clue.FAMILY, "The OMS console"),
        ("CM-RESONF000003", None, Clue.CODE, "No OMS host"),
        ("CM-SCHEOR000021", None, Clue.FAMILY, "found a component"),
        ("CM-SCHEOR000021", "Broken pipe", Clue.TEXT, "broke off"),
        ("CM-OTHER", None, Clue.FAMILY, "Cluster management"),
        ("CONNECTOR-FULL0001", "stopped", Clue.FAMILY, "component that reads"),
        ("CONNECTOR-FULL0001", "Duplicate entry '***'", Clue.TEXT, "already holds"),
        ("SUPERVISOR-00000001", None, Clue.FAMILY, "agent on an OMS host"),
        ("ORA-01555", None, Clue.TEXT, "outlived"),
        ("PARAM_ERROR", None, Clue.FAMILY, "refuses a parameter"),
        ("FOO-1", "bar", Clue.STEP, "Reading the source"),
        (None, None, Clue.STEP, "Reading the source"),
    ],
)
def test_the_most_special_advice_is_given(code: str | None, text: str | None, clue: Clue, said: str) -> None:
    found = advise(StepError(code, text), StepKind.FULL_COPY)
    assert found is not None
    assert found.clue is clue
    assert said in found.advice.cause


def test_what_caused_an_error_counts_as_well_as_the_error() -> None:
    inner = ErrorDetail(reason="java.net.UnknownHostException: db7")
    outer = ErrorDetail(code="CONNECTOR-1", message="reader stopped", upstream=ErrorDetail(upstream=inner))
    found = advise(StepError(details=(outer,)), StepKind.FULL_COPY)
    assert found
    assert "cannot resolve" in found.advice.cause


def test_the_short_form_of_an_error_counts_where_its_details_say_nothing() -> None:
    vague = ErrorDetail(code="CONNECTOR-1", message="write failed")
    found = advise(StepError(message="Table 'a.b' doesn't exist", details=(vague,)), StepKind.FULL_COPY)
    assert found
    assert found.clue is Clue.TEXT


def test_an_error_number_counts_more_than_a_phrase() -> None:
    assert "tablespace" in cause("connection reset after ORA-00604 and ORA-01653 in the trigger")


@pytest.mark.parametrize(
    ("kind", "text", "component"),
    [
        (StepKind.FULL_COPY, "Duplicate entry '1' for key 'PRIMARY'", Component.FULL_IMPORT),
        (StepKind.INCREMENTAL, "Duplicate entry '1' for key 'PRIMARY'", Component.INCR_SYNC),
        (StepKind.REVERSE, "Duplicate entry '1' for key 'PRIMARY'", Component.INCR_SYNC),
        (StepKind.VERIFICATION, "connection refused", Component.FULL_VERIFICATION),
        (StepKind.SCHEMA, "Table 'orders' already exists", Component.DBCAT),
        (StepKind.INCREMENTAL, "errno 1236", Component.STORE),
        (StepKind.PRECHECK, "Access denied for user 'a'@'b'", None),
        (StepKind.OTHER, "Access denied for user 'a'@'b'", None),
    ],
)
def test_the_component_is_the_one_concerned_else_that_of_the_step(
    kind: StepKind, text: str, component: Component | None
) -> None:
    found = advise(StepError(message=text), kind)
    assert found
    assert found.component is component


def test_no_advice_is_better_than_an_empty_one() -> None:
    assert advise(StepError(code="FOO-1", message="bar")) is None
    assert advise(None) is None


@pytest.mark.parametrize("advice", ALL, ids=lambda advice: advice.cause[:30])
def test_advice_is_two_short_lines(advice: Advice) -> None:
    assert len(advice.cause) <= 78
    assert len(advice.look) <= 95
    for said in (advice.cause, advice.look):
        assert said.endswith(".")
        assert said[0].isupper() or said[0] == "`"
        assert said.count("`") % 2 == 0


def test_no_number_stands_for_two_troubles() -> None:
    every: list[Number] = [number for one in ALL_SIGNS for number in one.numbers]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("one", ALL_SIGNS, ids=lambda one: one.advice.cause[:30])
def test_no_pattern_repeats_without_a_bound(one: Sign) -> None:
    """A search of bounded repetitions costs at most a constant for each character."""
    if one.phrases:
        assert not re.search(r"(?<!\\)[*+]|\{\d*,\}", one.phrases.pattern)
        assert one.phrases.pattern == one.phrases.pattern.lower()


def _long_texts() -> Iterator[str]:
    for piece in (
        "lacks a ",
        "table ",
        "unique constraint ",
        "access denied for users ",
        "error ",
        "ORA-",
        "目标",
    ):
        yield piece * (200_000 // len(piece))


def test_a_text_of_any_length_is_read_up_to_a_limit() -> None:
    for text in _long_texts():
        assert cause(text, StepKind.PRECHECK) == ""
    assert cause("x" * 100_000 + " Duplicate entry '1'") == ""


@given(st.text(max_size=400), st.sampled_from(StepKind))
@settings(max_examples=100)
def test_any_text_is_taken(text: str, kind: StepKind) -> None:
    error = StepError(text, text, details=(ErrorDetail(text, message=text, reason=text),))
    found = advise(error, kind)
    assert found is None or found.advice in ALL
    assert list(numbers(text)) == list(numbers(text.swapcase())) or not text.isascii()


@given(st.sampled_from(ALL_SIGNS), st.text("abcdefgh \n", max_size=80), st.text("abcdefgh \n", max_size=80))
def test_what_stands_around_a_number_does_not_hide_it(one: Sign, before: str, after: str) -> None:
    for number in one.numbers:
        shown = {1: f"ERROR {number.number} (HY000)", 2: f"ORA-{number.number:05}", 3: f"OB-{number.number}"}
        found = advise(StepError(message=f"{before} {shown[number.vendor.value]} {after}"))
        assert found
        assert found.advice == one.advice


def test_a_chain_of_errors_without_an_end_is_followed_for_a_while() -> None:
    deep = ErrorDetail(message="Duplicate entry '1'")
    for _ in range(50):
        deep = ErrorDetail(message="outer", upstream=deep)
    assert advise(StepError(details=(deep,))) is None
    assert advise(replace(StepError(details=(deep,)), message="Duplicate entry '1'"))
