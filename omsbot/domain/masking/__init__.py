"""Makes foreign texts fit to be stored and shown: nothing unseen, nothing secret, no longer than wanted.

OMS's error texts carry what went wrong inside a customer's database: connection strings, SQL, whole rows.
Masking errs on the side of hiding. Each rule is one pass over the text whose patterns are possessive or
bounded, so that a text of 1 MB costs milliseconds whatever is in it; a value that never ends (its text was
cut) is hidden to the end. Rules only ever put `***` for a value, keep what announced it, and may say of what
kind it was, which is why masking a second time changes nothing.
"""

from omsbot.domain.masking.cleaning import ELLIPSIS, MASK, clean, shorten
from omsbot.domain.masking.credentials import CREDENTIAL_RULES, names_secret
from omsbot.domain.masking.rows import ROW_RULES
from omsbot.domain.masking.sql import SQL_RULES
from omsbot.domain.masking.tokens import TOKEN_RULES
from omsbot.domain.masking.values import VALUE_RULES

__all__ = ["ELLIPSIS", "MASK", "clean", "mask", "names_secret", "shorten"]

# The whole is hidden before its parts: a private key before its lines, a row before its values.
_RULES = (*TOKEN_RULES, *ROW_RULES, *VALUE_RULES, *CREDENTIAL_RULES, *SQL_RULES)


def mask(text: str) -> str:
    """Return the text with credentials and customers' values replaced by `***`."""
    lowered = text.lower()
    for rule in _RULES:
        if any(sign in lowered for sign in rule.signs):
            text = rule.hide(text)
    return text
