"""Signs that Store cannot get the source's log."""

from omsbot.domain.advice.words import Component, sign

LOGS = (
    sign(
        r"gtid_subtract\b",
        cause="The source's binlog cannot be served by GTID from Store's position.",
        look="`gtid_purged` of the source; a replica may need `mysql2store.useGtid=false` in Store.",
        component=Component.STORE,
    ),
    sign(
        r"could not find first log file name in binary log index\b",
        r"purged (?:required )?binary logs\b",
        r"bin(?:ary )?logs?\b[^\n]{0,60}\bpurged\b",
        r"cannot open archived log\b",
        r"missing log ?file\b",
        r"(?:binlog|归档日志)[^\n。]{0,20}(?:被清理|被删除|已过期|不存在)",
        cause="The source probably no longer holds the log from Store's position.",
        look="The oldest log that the source still has, against Store's position; if it is gone, copy again.",
        component=Component.STORE,
        mysql=(1236,),
        oracle=(308, 1291),
    ),
    sign(
        r"supplemental_log_data_\w{1,10}",
        r"supplemental logging\b",
        cause="Oracle's supplemental logging is not set as OMS needs it.",
        look="`SUPPLEMENTAL_LOG_DATA_MIN`, `_PK` and `_UI` in `V$DATABASE`; then switch the log file.",
        component=Component.STORE,
    ),
    sign(
        r"_?log_parallelism_max\b",
        cause="Oracle logs in parallel: OMS could not replay its changes in their order.",
        look="`_log_parallelism_max` of the Oracle side: OMS wants 1, which takes a restart.",
        component=Component.STORE,
    ),
    sign(
        r"archive ?log mode must be enabled\b",
        r"noarchivelog\b",
        cause="The source does not archive its log.",
        look="`LOG_MODE` in `V$DATABASE`: OMS needs ARCHIVELOG.",
        component=Component.STORE,
        oracle=(258, 1325),
    ),
    sign(
        r"not found ocp name from connectinfo\b",
        cause="OMS finds no ConfigUrl for the OceanBase cluster whose log it should read.",
        look="The advanced options of the OceanBase data source: give it OCP or a ConfigUrl.",
        component=Component.STORE,
    ),
)
