"""Signs that something waited too long in a database."""

from omsbot.domain.advice.words import sign

WAITS = (
    sign(
        r"lock wait timeout\b",
        r"deadlock (?:found|detected)\b",
        cause="Another session holds a lock on the rows that are written.",
        look="Long transactions and other writers on the target; resume when they are gone.",
        mysql=(1205, 1213),
        oracle=(54, 60),
    ),
    sign(
        r"snapshot too old\b",
        r"request to read too old versioned data\b",
        cause="A long read outlived the undo that its database keeps.",
        look="`undo_retention` of the database that is read; raise it for the time of the copy.",
        oracle=(1555,),
        oceanbase=(4138,),
    ),
    sign(
        r"maximum query timeout\b",
        r"maximum statement execution time exceeded\b",
        r"transaction is timeout\b",
        cause="A statement or transaction ran longer than its database allows.",
        look="Load of that database, then its limits (OceanBase: `ob_query_timeout`, `ob_trx_timeout`).",
        mysql=(3024,),
        oceanbase=(4012, 6210),
    ),
    sign(
        r"precheckaction\s{1,4}dorunningaction\s{1,4}timeout\b",
        cause="The precheck timed out; clocks that differ are a known reason.",
        look="Time and time zone of OMS's meta database and of all OMS hosts: they must agree.",
    ),
)
