"""Signs that a database turns the migration's user away."""

from omsbot.domain.advice.words import sign

ACCESS = (
    sign(
        r"account is locked\b",
        r"(?:账号|账户|用户)已?被?锁定",
        cause="The database locked the user that the migration works with.",
        look="Why it was locked (wrong passwords, a policy); unlock it, test the data source, then resume.",
        mysql=(3118,),
        oracle=(28000,),
    ),
    sign(
        r"password (?:has |is )?expired\b",
        r"密码已?过期",
        cause="The password of the migration's user has expired.",
        look="Renew it in the database, enter it in the data source in the OMS console, then resume.",
        mysql=(1820, 1862),
        oracle=(28001,),
    ),
    sign(
        r"insufficient privileges\b",
        r"command denied to user\b",
        r"access denied; you need\b",
        r"access denied for user [^\n]{1,120} to database\b",
        r"(?:lacks?|lacking|missing|without) [\w ,]{0,60}\bprivileges?\b",
        r"权限不足",
        r"(?:缺少|没有)[^\n。]{0,30}权限",
        cause="The migration's user lacks a privilege.",
        look="The privileges that OMS asks for this kind of data source, against `SHOW GRANTS` of the user.",
        mysql=(1044, 1142, 1143, 1227, 1370),
        oracle=(1031,),
    ),
    sign(
        r"access denied for user\b",
        r"invalid username/password\b",
        r"password authentication failed\b",
        cause="The database rejects the login of the migration's user.",
        look="Test the data source in the OMS console: password, host, for OceanBase `user@tenant#cluster`.",
        mysql=(1045, 1698),
        oracle=(1017,),
    ),
    sign(
        r"read[- ]only (?:option|mode)\b",
        r"open for read-only access\b",
        cause="The database takes no writes: it is read-only.",
        look="Whether the data source points to a standby, or someone set it read-only.",
        mysql=(1836,),
        oracle=(16000,),
    ),
)
