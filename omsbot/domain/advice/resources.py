"""Signs that memory or disk ran out: of a tenant, of a database, of OMS itself."""

from omsbot.domain.advice.words import Component, sign

RESOURCES = (
    sign(
        r"over tenant memory limits?\b",
        r"reach tenant memory limit\b",
        r"租户内存(?:不足|超限|已满)",
        cause="The OceanBase tenant is out of memory: rows come faster than it flushes.",
        look="`GV$OB_MEMSTORE` of that tenant; lower the rate of the writes or enlarge it, then resume.",
        oceanbase=(4013, 4030),
    ),
    sign(
        r"server out of disk space\b",
        r"log disk (?:space )?(?:is )?(?:almost )?full\b",
        cause="A server of the OceanBase cluster is out of disk.",
        look="Data and log disks of the observers; make room or enlarge them before you resume.",
        oceanbase=(4184,),
    ),
    sign(
        r"unable to extend (?:table|index|lob segment|temp segment)\b",
        r"space quota exceeded for tablespace\b",
        cause="A tablespace of the Oracle side is full.",
        look="Free space and autoextend of the tablespace that the message names.",
        oracle=(1536, 1652, 1653, 1654, 1658, 1688),
    ),
    sign(
        r"the table '[^'\n]{1,200}' is full\b",
        cause="The MySQL side has no room left for a table.",
        look="Disk of that server, and its limits for the table that the message names.",
        mysql=(1021, 1114),
    ),
    sign(
        r"no space left on device\b",
        r"disk quota exceeded\b",
        r"磁盘(?:空间)?(?:不足|已满)",
        cause="A disk is full, on the OMS host as a rule.",
        look="`df -h` on the OMS host that the message names; Store's files and the logs first.",
    ),
    sign(
        r"java\.lang\.outofmemoryerror\b",
        r"gc overhead limit exceeded\b",
        r"java heap space\b",
        cause="The component's Java process ran out of memory.",
        look="View Component Monitoring: its JVM parameter; raise it, or lower the step's concurrency.",
    ),
    sign(
        r"no enough host resource\b",
        cause="No OMS host has enough memory, CPU or disk left for another component.",
        look="The use of the OMS hosts in the console; release projects that are done, or add a host.",
        component=Component.CM,
    ),
    sign(
        r"cannot allocate memory\b",
        r"oom-killer\b",
        cause="A host ran out of memory.",
        look="Memory of the OMS host that the message names, and how many components run on it.",
    ),
)
