"""What a failed item of a precheck is about: phrases that say so only there."""

from omsbot.domain.advice.words import sign

PRECHECK = (
    sign(
        r"(?:binlog_format|binlog_row_image|log_bin)\b",
        r"binlog (?:is )?(?:off|disabled|not enabled)\b",
        r"binlog[^\n。]{0,20}(?:未开启|没有开启|未打开)",
        cause="The source's binlog is off or does not hold whole rows.",
        look="`log_bin=ON`, `binlog_format=ROW`, `binlog_row_image=FULL` on the source; some need a restart.",
    ),
    sign(
        r"(?:expire_logs_days|binlog_expire_logs_seconds)\b",
        r"log retention\b",
        r"日志保留",
        cause="The source keeps its log for too short a time.",
        look="Retention on the source: longer than the full migration will take, with room to spare.",
    ),
    sign(
        r"日志归档",
        r"log archiv(?:e|ing)\b",
        cause="Log archiving of the OceanBase source is off.",
        look="Log archiving of the tenant: with it the task can go on after its log was recycled.",
    ),
    sign(
        r"(?:no|without(?: a| any)?|lacks?(?: a)?|missing(?: a)?) (?:primary|unique) keys?\b",
        r"(?:无|没有|缺少)(?:主键|唯一键)",
        cause="A table has no primary or unique key.",
        look="The tables that the item names: give them a key, or leave them out of the migration.",
    ),
    sign(
        r"lower_case_table_names\b",
        r"大小写(?:敏感|不敏感|不一致|策略|参数|设置)",
        cause="Source and target treat upper and lower case in names differently.",
        look="`lower_case_table_names` on both sides; on an OceanBase tenant it is set when it is made.",
    ),
    sign(
        r"character[ _]sets?\b",
        r"collations?\b",
        r"字符集",
        cause="The character sets of source and target differ.",
        look="Character set and collation of the databases and tables that the item names, on both sides.",
    ),
    sign(
        r"time[ _]?zones?\b",
        r"时区",
        cause="The time zones of source and target differ.",
        look="`time_zone` on both sides: TIMESTAMP values would be read differently.",
    ),
    sign(
        r"foreign keys?\b",
        r"外键",
        cause="Tables are bound by foreign keys.",
        look="Whether all tables of each key are migrated together, and off on the target until the end.",
    ),
    sign(
        r"(?:enabled|active|has|have|found|contains?) triggers?\b",
        r"triggers? (?:is|are|exists?|found|enabled)\b",
        r"触发器",
        cause="Tables have triggers that would change or repeat migrated rows.",
        look="Triggers on the target tables: off until the switchover.",
    ),
    sign(
        r"versions?\b[^\n;]{0,40}\b(?:not supported|unsupported|too (?:low|old)|lower than|mismatch)",
        r"版本[^\n。]{0,20}(?:不支持|不一致|过低|低于)",
        cause="A database's version does not suit this kind of migration.",
        look="The versions that this OMS supports for the pair of source and target.",
    ),
    sign(
        r"unsupported (?:data |column |field )?types?\b",
        r"(?:data|column|field) types?\b[^\n.]{0,40}\b(?:not supported|unsupported)\b",
        r"(?:不支持[^\n。]{0,20}类型|类型[^\n。]{0,10}不支持)",
        cause="A column has a type that OMS does not migrate.",
        look="The columns that the item names: change the type, or leave the column or table out.",
    ),
)
