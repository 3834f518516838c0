"""References inside one JSON text: fastjson, which OMS writes with, sends the second of two equal objects as
`{"$ref": "$.data[0].extraInfo"}`.

The path of a reference starts at the root of its own text. `$`, `@` and `..` alone name something around the
reference itself, as does a path to one of its parents: such a circle holds nothing to read, so it stays as it
came, as does a reference that leads nowhere. What carries a status refuses to be a reference; everything else
reads it as empty.
"""

import re

REFERENCE = "$ref"
MAX_VALUES = 100_000  # a few references to one another could grow without end when they are written out

_PART = re.compile(r"""\.([^.\[\]]+)|\[(\d{1,6})\]|\[(?:"([^"\]]*)"|'([^'\]]*)')\]""")


def resolved(root: object) -> object:
    """Return a JSON value with its references replaced by what they name."""
    return _Resolver(root).value()


class _Resolver:
    def __init__(self, root: object) -> None:
        self._root = root
        self._open: set[int] = set()  # what is being resolved around the current value
        self._left = MAX_VALUES

    def value(self) -> object:
        return self._resolve(self._root)

    def _resolve(self, item: object) -> object:
        self._left -= 1
        if not isinstance(item, (dict, list)) or id(item) in self._open or self._left < 0:
            return item
        self._open.add(id(item))
        try:
            return self._inside(item)
        finally:
            self._open.discard(id(item))

    def _inside(self, item: dict[str, object] | list[object]) -> object:
        if isinstance(item, list):
            return [self._resolve(each) for each in item]
        path = _path_of(item)
        if path is None:
            return {key: self._resolve(each) for key, each in item.items()}
        target = self._at(path)
        if target is None or id(target) in self._open or self._left < 0:
            return item
        found = self._resolve(target)
        return item if _path_of(found) is not None else found

    def _at(self, path: str) -> object:
        """Return the value at a path, following references on the way; None where there is none."""
        found, at = self._root, len("$")
        while at < len(path):
            self._left -= 1
            part = _PART.match(path, at)
            if part is None or self._left < 0:
                return None
            if (onward := _path_of(found)) is not None:
                found = self._at(onward)
            found = _child(found, part)
            at = part.end()
        return found


def _child(item: object, part: re.Match[str]) -> object:
    if part[2] is not None:
        number = int(part[2])
        return item[number] if isinstance(item, list) and number < len(item) else None
    name = next(filter(None, (part[1], part[3], part[4])), "")
    return item.get(name) if isinstance(item, dict) else None


def _path_of(item: object) -> str | None:
    """Return the path that an object refers to, None where it is no reference to a place in the text."""
    if not isinstance(item, dict) or len(item) != 1:
        return None
    path = item.get(REFERENCE)
    return path if isinstance(path, str) and path.startswith("$") else None
