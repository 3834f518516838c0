"""A failure text as bad as they come: Chinese, SQL, markup, credentials, customer rows, a stack trace.

Nothing in it is real; whoever shows it must mask and escape it.
"""

from types import MappingProxyType

from omsbot.sandbox.scenarios.failures import OmsFailure

_FRAMES = (
    "com.oceanbase.connector.sink.jdbc.writer.BatchWriter.flush(BatchWriter.java:{line})",
    "com.oceanbase.connector.sink.jdbc.writer.RetryingWriter.lambda$write$3(RetryingWriter.java:{line})",
    "com.oceanbase.connector.core.pipeline.SlotWorker.drain(SlotWorker.java:{line})",
    "com.alipay.oceanbase.jdbc.internal.protocol.AbstractQueryProtocol.readErrorPacket(Protocol.java:{line})",
    "java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:{line})",
)

_TRACE = "\n".join(f"\tat {_FRAMES[n % len(_FRAMES)].format(line=118 + 17 * n)}" for n in range(24))

_SQL = (
    "INSERT INTO `member`.`会员_账户` (`id`,`昵称`,`手机`) VALUES (?,?,?)"
    " ON DUPLICATE KEY UPDATE `昵称`=VALUES(`昵称`)\n"
)

STACK_TRACE = OmsFailure(
    code="CONNECTOR-JDBCSINK000031\n",
    level="ERROR",
    message=(
        "全量迁移失败：写入目标端表 `member`.`会员_账户` 时发生异常<br>"
        "请检查 @@global.sql_mode & time_zone [%s] ${db} "
        "<!channel> <https://example.invalid/|点击这里> *紧急* {table}\n"
        "java.sql.SQLException: (conn=77123) Data too long for column `昵称` at row 1 -- "
        + _SQL
        + "url=jdbc:oceanbase://oms_writer:S3cr3t!pw@10.20.0.5:2883/member"
        "?user=oms_writer@ob_vip#c1&password=S3cr3t!pw\n"
        "Struct{id=90017,昵称=王小明😀,手机=13800138000,email=wang.xm@example.com,balance=1024.50}\n" + _TRACE
    ),
    reason="目标端列长度小于源端<br>Cause: com.mysql.cj.jdbc.exceptions.MysqlDataTruncation & others",
    proposal="扩大目标端列 `昵称` 的长度后，在控制台点击“恢复”。",
    params=MappingProxyType({"table": "member.会员_账户", "sql_mode": "@@global.sql_mode"}),
)
