"""Secrets that are known by their own shape, whatever stands before them."""

import re

from omsbot.domain.masking.cleaning import MASK, replacing

# JSON Web Tokens; a cut one has no third part
_JWT = re.compile(r"\beyJ[\w-]{6,}+\.[\w-]{4,}+(?:\.[\w-]*+)?")
# up to the next dashes, which end the key; a certificate is no secret
_PRIVATE_KEY = re.compile(r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)(?!\s{0,4}\*\*\*)[^-]*+")
# access keys of clouds, tokens of Slack, GitHub and GitLab
_ISSUED = re.compile(
    r"\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|LTAI[0-9A-Za-z]{12,30}|AIza[\w-]{30,40}|xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}"
    r"|gh[pousr]_\w{16,}|glpat-[\w-]{16,})"
)

TOKEN_RULES = (
    replacing("eyj", by=MASK, pattern=_JWT),
    replacing("private key", by=rf"\1{MASK}", pattern=_PRIVATE_KEY),
    replacing("akia", "asia", "ltai", "aiza", "xox", "xapp-", "gh", "glpat-", by=MASK, pattern=_ISSUED),
)
