"""Credentials: keys and their values, connection strings, command lines, SQL that sets one, headers."""

import re

from omsbot.domain.masking.cleaning import MASK, Rule, replacing

_KEY_NAME = (
    r"(?:passw(?:or)?d|passphrase|passcode|pass(?!\w)|pwd|secret|token|(?:access|api|private|secret|auth|account"
    r"|encrypt(?:ion)?|master|shared|sas)[_-]?key|credential|signature|j?session_?id|(?<![a-z0-9])[as]k(?!\w)"
    r"|(?<![a-z0-9])sig(?!\w)|pw(?!\w)|密码|口令|密钥)(?!\w{0,32}(?:exception|error|failed|failure|expired|错误|失败|过期))"
)
_ANY_KEY = re.compile(_KEY_NAME, re.IGNORECASE)

# A quoted value with its escapes, one quoted inside a JSON string (\"...\"), `{...}`, or a bare word.
# A comma ends a bare word only before white space: a password may hold one.
_VALUE = r"""(?:
    (?P<esc>\\{1,7})(?P<q1>["'])(?:(?!(?<!\\)(?P=esc)(?P=q1)).)*+(?P<end1>(?P=esc)(?P=q1))?
  | "(?:[^"\\]|\\.?)*+(?P<end2>")?
  | '(?:[^'\\]|\\.?|'')*+(?P<end3>')?
  | (?![\[{]\s{0,8}["\[{])(?:\{[^{}"]*+\})?(?:[^\s"&;,]|,(?=[^\s"]))*+
)"""
_FLAGS = re.IGNORECASE | re.VERBOSE | re.DOTALL

_KEYED = re.compile(
    rf"""(?P<before>{_KEY_NAME}[\w-]{{0,32}}(?:\\{{0,7}}["'])?\s{{0,8}}
         (?:=>|[=:：]|\((?=\s{{0,8}}["']))\s{{0,8}}(?:password\s{{0,8}}\(\s{{0,8}})?)(?!(?:yes|no)\)){_VALUE}""",
    _FLAGS,
)
_IDENTIFIED = re.compile(
    rf"""(?P<before>\bidentified\s{{1,8}}(?:with\s{{1,8}}\S{{1,80}}\s{{1,8}})?(?:by|as)\s{{1,8}}
         (?:(?:password|values?)\s{{1,8}})?){_VALUE}""",
    _FLAGS,
)
_REPLACED = re.compile(
    r"""(\bidentified\s{1,8}by\s{1,8}['"]?\*\*\*['"]?\s{1,8}replace\s{1,8})(?!\*\*\*)(?:"[^"]*+"?|[^\s;"]++)""",
    re.IGNORECASE,
)
# A key and its value with no sign between them: options of a command line, SQL, a sentence.
_SAID = re.compile(
    rf"""(?P<before>(?<!\S)--?[\w-]{{0,32}}{_KEY_NAME}[\w-]{{0,16}}[ \t]{{1,4}}
         |["']--?[\w-]{{0,32}}{_KEY_NAME}["']\s{{0,4}},\s{{0,4}}(?=["'])
         |(?:password|密码|口令)\s{{1,4}}(?=["'$])|(?:passphrase|密码|口令)\s{{1,4}}(?=\S{{0,40}}\d)
         |\bpassword\s{{1,4}}for\s{{1,4}}\S{{1,130}}\s{{0,4}}(?:=|\bto\b)\s{{0,4}}(?!password\b)
         |\b(?:password|passcode|密码)\s{{1,4}}(?:is|was)\s{{1,4}}(?=["']|\S{{0,40}}\d)
         |(?:密码|口令|密钥)\s{{0,4}}[为是]\s{{0,4}})
         (?![-*]){_VALUE}""",
    _FLAGS,
)
# XML: the element is named after the key, or its attribute; JSON: an object has `name` and `value`.
_ELEMENT = re.compile(
    rf"(<[\w:.-]{{0,40}}{_KEY_NAME}[\w.-]{{0,40}}(?:\s[^<>]{{0,200}}(?<!/))?>(?:<!\[CDATA\[)?)(?!\*\*\*)(?:(?<=CDATA\[)[^\]]++|[^<]++)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"""(\b(?:name|key)\\{{0,7}}["']?\s{{0,8}}[:=]\s{{0,8}}\\{{0,7}}["'][\w.-]{{0,80}}?{_KEY_NAME}[\w.-]{{0,40}}\\{{0,7}}["']
         \s{{0,8}}(?:>|[,\s]\s{{0,8}}\\{{0,7}}["']?value\\{{0,7}}["']?\s{{0,8}}[:=]\s{{0,8}}\\{{0,7}}["']))
         (?!\*\*\*)[^"'<\\]++""",
    re.IGNORECASE | re.VERBOSE,
)
# `root:secret@tcp(host)` of Go, `user:secret@host:1521` without a scheme, `scott/secret@orcl` of Oracle
_GO_LOGIN = re.compile(
    r"""(?<![\w/.:@#-])([\w.$#-]{1,64}(?:@[\w#.-]{1,64})?:)(?!\*\*\*)[^\s"']{1,64}(?=@(?:tcp|udp|unix)\()""",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"""(?<![\w/.:@#-])([\w.$#-]{1,64}(?:@[\w#.-]{1,64})?:(?=[^\s:@/"']{1,64}@[\w.-]{1,128}:\d{2,5}\b)
        |[a-z][\w$#]{0,29}/)(?!\*\*\*)(?:"[^"]{1,64}"(?=@)|[^\s/@"']{1,64}(?=@[\w/.-]))""",
    re.IGNORECASE | re.VERBOSE,
)
_USING = re.compile(
    r"""(\buser\s{1,8}\S{1,64}\s{1,8}using\s{1,8})(?!\*\*\*)(?:'[^']*+'?|"[^"]*+"?|[^\s"';]++)""",
    re.IGNORECASE,
)
_AUTHORIZATION = re.compile(
    r"""(authorization\\{0,7}["']?\s{0,8}[:=]\s{0,8}\\{0,7}["']?)(?:[a-z]{1,20}[ \t]{1,8})?[^\s"',;\\]+""",
    re.IGNORECASE,
)
# Needs a character that a plain word does not have, so that "basic authentication" stays readable.
_SCHEME = re.compile(
    r"\b([Bb]asic|BASIC|[Bb]earer|BEARER)(\s{1,8})(?=[a-z._~-]{0,200}[A-Z0-9+/=])[\w+/=.~-]{6,}+"
)
_COOKIE = re.compile(r"""\b((?:set-)?cookie["']?\s{0,8}[:=]\s{0,8}["']?)[^\r\n"']+""", re.IGNORECASE)

# The command line of a database client: `-pSECRET`, or `-p SECRET` as OceanBase's own tools take it.
_CLIENT_USER = re.compile(
    r"(?<!\S)-u[ \t]?[^\s-]|\b(?:sshpass|expdp|mysql\w{0,12}|obclient|obloader|obdumper)\b"
)
_CURL_USER = re.compile(
    r"""((?<!\S)(?:-u[ \t]?|--[a-z-]{0,16}user[ \t=])["']?[^\s:"']{1,64}:)(?!\*\*\*)[^\s"']++"""
)
_CLIENT_PASSWORD = re.compile(r"""(?<!\S)(-p[ \t]?)(?:'[^']*+'?|"[^"]*+"?|[^\s'"-])\S*+""")

_URL = re.compile(r"""://([^\s"'`<>]*+)""")
# An address whose `@` comes only after its hosts, its path and a sign that starts parameters.
_HOST_FIRST = re.compile(
    r"(?:\[[0-9a-f:.]*+\]|[\w.-]*+)(?::\d{1,5})?(?:,[\w.-]++(?::\d{1,5})?)*+(?:/[^?#;@]*+)?[?#;]",
    re.IGNORECASE,
)
_ORACLE = re.compile(
    r"""(jdbc:oracle:\w{1,8}:)(?:[^\s@"']{1,256}|[^\s@"']{1,128}"[^"]{1,128}")@""", re.IGNORECASE
)
_JDBC = re.compile(r"""jdbc:[^\s"']*+""", re.IGNORECASE)
_JDBC_USER = re.compile(r"([?&;,(](?:user(?:name)?|uid)=)[^&;,)]++", re.IGNORECASE)


def names_secret(key: str) -> bool:
    """Return whether a key's value is a secret by the key's name alone."""
    return _ANY_KEY.search(key) is not None


def _mask_value(found: re.Match[str]) -> str:
    value = found[0][len(found["before"]) :]
    if not value:
        return found[0]
    opening = (found["esc"] or "") + (found["q1"] or "") or (value[0] if value[0] in "\"'" else "")
    closing = found["end1"] or found["end2"] or found["end3"] or ""
    return f"{found['before']}{opening}{MASK}{closing}"


def _mask_user_info(found: re.Match[str]) -> str:
    address = found[1]
    at = address.rfind("@")
    if at < 0:
        return found[0]
    if _HOST_FIRST.match(address, 0, at):
        return found[0]
    return f"://{MASK}{address[at:]}"


def _mask_jdbc_user(found: re.Match[str]) -> str:
    return _JDBC_USER.sub(rf"\1{MASK}", found[0])


def _mask_client(text: str) -> str:
    return _CLIENT_PASSWORD.sub(rf"\1{MASK}", text) if _CLIENT_USER.search(text) else text


def _mask_keyed(text: str) -> str:
    keyed = _KEYED.sub(_mask_value, text)
    named = _NAMED.sub(rf"\1{MASK}", _ELEMENT.sub(rf"\1{MASK}", keyed))
    return _SAID.sub(_mask_value, named)


_SECRET_SIGNS = (
    *("pass", "pwd", "pw", "secret", "token", "credential", "key", "session", "sig", "ak", "sk"),
    *("密码", "口令", "密钥"),
)

CREDENTIAL_RULES = (
    Rule(("identified",), lambda text: _IDENTIFIED.sub(_mask_value, text)),
    replacing("identified", by=rf"\1{MASK}", pattern=_REPLACED),
    Rule(("://",), lambda text: _URL.sub(_mask_user_info, text)),
    Rule(("jdbc:",), lambda text: _JDBC.sub(_mask_jdbc_user, _ORACLE.sub(rf"\1{MASK}@", text))),
    Rule(_SECRET_SIGNS, _mask_keyed),
    replacing("authorization", by=rf"\1{MASK}", pattern=_AUTHORIZATION),
    replacing("basic", "bearer", by=rf"\1\2{MASK}", pattern=_SCHEME),
    Rule(("-p",), _mask_client),
    replacing("-u", "user", by=rf"\1{MASK}", pattern=_CURL_USER),
    replacing("cookie", by=rf"\1{MASK}", pattern=_COOKIE),
    replacing("tcp(", "udp(", "unix(", by=rf"\1{MASK}", pattern=_GO_LOGIN),
    replacing("@", by=rf"\1{MASK}", pattern=_LOGIN),
    replacing(" using ", by=rf"\1{MASK}", pattern=_USING),
)
