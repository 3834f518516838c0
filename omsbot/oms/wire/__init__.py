"""The wire format of OMS's API: bytes to values, values to bytes, and nothing else."""

from omsbot.oms.wire.reading import (
    MAX_PAGE_SIZE,
    ProjectPage,
    Unchanged,
    digest_of,
    encode_list_request,
    encode_steps_request,
    projects_in,
    read_projects,
    read_steps,
    steps_in,
)

__all__ = [
    "MAX_PAGE_SIZE",
    "ProjectPage",
    "Unchanged",
    "digest_of",
    "encode_list_request",
    "encode_steps_request",
    "projects_in",
    "read_projects",
    "read_steps",
    "steps_in",
]
