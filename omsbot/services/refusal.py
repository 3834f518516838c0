"""An expected "no", in words for the person who asked."""


class Refusal(Exception):  # noqa: N818 it is an answer, not an error
    """Something that cannot be done as asked; `hint` says what to do instead."""

    def __init__(self, text: str, hint: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint
