"""Secrets and customers' values by family: what each driver, tool and database puts into its errors."""

import pytest

from omsbot.domain.masking import mask

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"

SECRETS = [
    ("key_pass", "db.pass=hunter2 x", "db.pass=*** x"),
    ("key_pass_json", '{"pass": "hunter2", "code": "X"}', '{"pass": "***", "code": "X"}'),
    ("key_user_pass", "user_pass: hunter2", "user_pass: ***"),
    ("key_signature", "https://h/o?Expires=1&Signature=aB%2F9 x", "https://h/o?Expires=1&Signature=*** x"),
    ("key_ak_sk", "ak=LTAIx sk=hunter2 end", "ak=*** sk=*** end"),
    ("key_session", "JSESSIONID=A0B1 x", "JSESSIONID=*** x"),
    ("key_account", "AccountKey=aGk=; EndpointSuffix=x", "AccountKey=***; EndpointSuffix=x"),
    ("option", "obloader --password hunter2 -t x", "obloader --password *** -t x"),
    ("option_quoted", "tool --db-pass 'a b' -t x", "tool --db-pass '***' -t x"),
    ("option_equals", "tool --source.password=hunter2 x", "tool --source.password=*** x"),
    ("sql_password", "ALTER USER a PASSWORD 'hunter2' x", "ALTER USER a PASSWORD '***' x"),
    ("sql_encrypted", "WITH ENCRYPTED PASSWORD 'hunter2' x", "WITH ENCRYPTED PASSWORD '***' x"),
    ("sql_set_password", "SET PASSWORD FOR 'u'@'%' = 'hunter2' x", "SET PASSWORD FOR 'u'@'%' = '***' x"),
    ("sql_by_values", "IDENTIFIED BY VALUES 'S:1F' x", "IDENTIFIED BY VALUES '***' x"),
    ("sql_replace", "IDENTIFIED BY new1 REPLACE old1 x", "IDENTIFIED BY *** REPLACE *** x"),
    ("sql_db2", "CONNECT TO db USER u USING hunter2 x", "CONNECT TO db USER u USING *** x"),
    ("sentence", "the password is hunter2 now", "the password is *** now"),
    ("xml", "<db.password>hunter2</db.password>", "<db.password>***</db.password>"),
    ("xml_attribute", '<p name="password" value="hunter2"/>', '<p name="password" value="***"/>'),
    ("xml_named", '<p name="jdbc.password">hunter2</p>', '<p name="jdbc.password">***</p>'),
    ("json_named", '{"name": "pwd", "value": "hunter2"}', '{"name": "pwd", "value": "***"}'),
    ("go_dsn", "root:hun@ter2@tcp(h:3306)/db", "root:***@tcp(h:3306)/db"),
    ("go_dsn_tenant", "root@sys#c:hunter2@tcp(h:2883)/db", "root@sys#c:***@tcp(h:2883)/db"),
    ("no_scheme", "bot:hunter2@db.example.com:1521 x", "bot:***@db.example.com:1521 x"),
    ("oracle", "sqlplus scott/hunter2@orcl x", "sqlplus scott/***@orcl x"),
    ("curl", "curl -u bot:hunter2 http://h/", "curl -u bot:*** http://h/"),
    ("sshpass", "sshpass -p hunter2 ssh h", "sshpass -p *** ssh h"),
    ("jwt", f"sent {JWT} to", "sent *** to"),
    ("jwt_cut", f"sent {JWT[:40]}", "sent ***"),
    ("pem", f"key {PEM} end", "key -----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY----- end"),
    ("pem_cut", f"key {PEM[:40]}", "key -----BEGIN RSA PRIVATE KEY-----***"),
    ("cloud_key", "by AKIAIOSFODNN7EXAMPLE now", "by *** now"),
    ("slack_token", "by xoxb-1234-abcdefgh now", "by *** now"),
]  # fmt: skip

VALUES = [
    ("hex", "column C1, value = 786b0b0f011e01", "column C1, value = *** (7 bytes of hex)"),
    ("hex_cut", "value = 786b0b0f011e0102...", "value = *** (8 bytes of hex)"),
    ("date_out_of_range", "BIRTH value:2007-03-05 254:00:00", "BIRTH value:*** (a date out of range)"),
    ("date_that_is_none", "value=2007-02-30", "value=*** (a date out of range)"),
    ("date", "value=2007-03-05 23:00:00, row 1", "value=*** (a date), row 1"),
    ("number", "bad value: 4111111111111111", "bad value: *** (a number)"),
    ("text", "bad value: Jane Roe, column: name", "bad value: ***, column: name"),
    ("text_for", "bad value: Jane Roe for column name", "bad value: *** for column name"),
    ("row_data", "rowdata=1,Jane Roe", "rowdata=***"),
    ("key_braces", "conflict on Key: {id=7, mail=a@b.c} in t", "conflict on Key: {***} in t"),
    ("failing_row", "Failing row contains (7, Jane, null).", "Failing row contains (***)."),
    ("before_after", "before: {id=1}, after: {id=2} end", "before: {***}, after: {***} end"),
    ("debezium_json", '{"before":null,"after":{"id":1,"n":{"x":2}},"op":"c"}',
     '{"before":null,"after":{***},"op":"c"}'),
    ("parameters", "[SQL: x] [parameters: ('Jane', 7)] (E)", "[SQL: x] [parameters: (***)] (E)"),
    ("mybatis", "==> Parameters: 1(Long), Jane(String)\nnext", "==> Parameters: ***\nnext"),
    ("update", "UPDATE t SET a='x', b = 5 WHERE id=7; ok", "UPDATE t SET a='***', b = *** WHERE id=***; ok"),
    ("where", "SELECT * FROM t WHERE email='x' AND n LIKE 'J%'",
     "SELECT * FROM t WHERE email='***' AND n LIKE '***'"),
    ("where_in", "delete from t where id in (1, 2, 'x') x", "delete from t where id in (***) x"),
    ("where_between", "select a from t where d between '1' and '2'",
     "select a from t where d between '***' and '***'"),
    ("postgresql_input", 'invalid input syntax for type integer: "Jane"',
     'invalid input syntax for type integer: "***"'),
    ("postgresql_range", 'date/time field value out of range: "1-1-1"',
     'date/time field value out of range: "***"'),
    ("postgresql_copy", 'COPY t, line 3, column a: "Jane"', 'COPY t, line 3, column a: "***"'),
    ("sqlserver_key", "The duplicate key value is (7, Jane).", "The duplicate key value is (***)."),
]  # fmt: skip

KEPT = [
    ("placeholders", "SELECT a FROM t WHERE id = ? AND b = :b AND c = t.d"),
    ("columns", "ORA-12899: value too large for column \"S\".\"T\".\"C\" (actual: 30, maximum: 20)"),
    ("truncation", "Data truncation: Out of range value for column 'c' at row 1"),
    ("component", "10.0.0.9-9000:connector_v2:np_4w3r7k1m9x2c-incr_trans-1-0:0000000103"),
    ("null", "value: null"),
    ("reference", "source key = t.id"),
    ("comparison", "progress >= 99"),
    ("certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"),
    ("path", "cp /home/ds/run/x@1.log failed"),
    ("foreign_key", "Cannot add or update a child row: a foreign key constraint fails (`s`.`t`)"),
    ("full_disk", "write /home/ds/store/data: No space left on device"),
    ("content_type", "Content: application/json"),
    ("masked_key", "pass *** x"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"), [row[1:] for row in SECRETS + VALUES], ids=[row[0] for row in SECRETS + VALUES]
)
def test_what_each_family_gives_away_is_hidden_and_its_clue_stays(before: str, after: str) -> None:
    assert mask(before) == after
    assert mask(after) == after


@pytest.mark.parametrize("text", [row[1] for row in KEPT], ids=[row[0] for row in KEPT])
def test_a_diagnosis_without_a_value_stays_readable(text: str) -> None:
    assert mask(text) == text
