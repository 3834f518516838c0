"""What a condition, an event or a subscription is about: `p:ID` for a project, `s:NAME` for a server."""


def of_project(project_id: int) -> str:
    return f"p:{project_id}"


def of_server(name: str) -> str:
    return f"s:{name}"


def project_id(subject: str) -> int | None:
    return int(subject[2:]) if subject.startswith("p:") else None


def server_name(subject: str) -> str | None:
    return subject[2:] if subject.startswith("s:") else None
