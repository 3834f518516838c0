"""Addresses of messages in Slack, which it opens in the reader's own workspace."""


def message_url(channel_id: str, ts: str) -> str:
    return f"https://slack.com/archives/{channel_id}/p{ts.replace('.', '')}"
