import pytest

from omsbot.domain.advice import BY_CODE, BY_FAMILY, BY_STEP, BY_TEXT, Advice, advise
from omsbot.domain.project import ErrorDetail, StepKind

ALL = [
    *BY_CODE.values(),
    *(advice for _, advice in BY_TEXT),
    *(advice for _, advice in BY_FAMILY),
    *BY_STEP.values(),
]


@pytest.mark.parametrize(
    ("error", "kind", "cause"),
    [
        (ErrorDetail(code="GHANA-OPERAT000001"), StepKind.OTHER, "cluster management (CM) probably"),
        (ErrorDetail(code="ghana-operat000001\n"), StepKind.OTHER, "cluster management (CM) probably"),
        (ErrorDetail(code="GHANA-OPERAT000077"), StepKind.OTHER, "A component of OMS failed"),
        (ErrorDetail(code="GHANA-MIGRAT000001"), StepKind.OTHER, "The OMS console or its API"),
        (ErrorDetail(code="CM-RESONF000003"), StepKind.FULL_COPY, "cluster management could not"),
        (ErrorDetail(code="SUPERVISOR-00000001"), StepKind.OTHER, "The agent on an OMS host"),
        (ErrorDetail(code="CONNECTOR-FULL0001"), StepKind.FULL_COPY, "The component that reads the source"),
        (
            ErrorDetail(code="CONNECTOR-1", message="Access denied for user"),
            StepKind.OTHER,
            "rejects the user",
        ),
        (ErrorDetail(reason="Duplicate entry '***'"), StepKind.FULL_COPY, "The target holds rows"),
        (ErrorDetail(message="Communications link failure"), StepKind.OTHER, "cannot reach a database"),
        (ErrorDetail(message="No space left on device"), StepKind.OTHER, "A disk is full"),
        (
            ErrorDetail(message="binlog file purged: log mysql-bin.1 not found"),
            StepKind.LOG_PULL,
            "may no longer",
        ),
        (ErrorDetail(message="lock wait exceeded"), StepKind.OTHER, "answers too slowly"),
        (ErrorDetail(message="something else"), StepKind.PRECHECK, "A precondition"),
        (None, StepKind.REVERSE, "Changes cannot be written back"),
    ],
)
def test_the_most_special_advice_is_given(error: ErrorDetail | None, kind: StepKind, cause: str) -> None:
    advice = advise(error, kind)
    assert advice is not None
    assert cause in advice.cause


def test_no_advice_is_better_than_an_empty_one() -> None:
    assert advise(ErrorDetail(code="FOO-1", message="bar")) is None
    assert advise(None) is None


@pytest.mark.parametrize("advice", ALL, ids=lambda advice: advice.cause[:30])
def test_advice_is_whole_sentences_short_enough_to_be_read(advice: Advice) -> None:
    for sentence in (advice.cause, advice.what_to_do):
        assert sentence.endswith(".")
        assert len(sentence) <= 200
