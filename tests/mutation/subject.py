"""One file under test: its source, its mutants, and where a mutant shows in the running program."""

from __future__ import annotations

import ast
import gc
from hashlib import sha256
from pathlib import Path
from types import CodeType, FunctionType

from tests.mutation.mutants import mutants_of

IS_FUNCTION = 0x2  # the code flag CO_NEWLOCALS: a class body has it not


class Subject:
    """Read once, so that nobody's edit changes what is judged halfway."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.module = path.removesuffix(".py").replace("/", ".")
        self.source = Path(path).read_text("utf-8")
        self.sha256 = sha256(self.source.encode()).hexdigest()
        self.mutants = list(mutants_of(path, ast.parse(self.source)))
        self._file = str(Path(path).resolve())
        self.original = self._compiled(ast.parse(self.source))

    def mutated(self, key: str) -> CodeType:
        """The code of the whole module, with this mutant in it."""
        tree = ast.parse(self.source)
        mutants = list(mutants_of(self.path, tree))  # all of them before the tree changes
        next(each for each in mutants if each.key == key).apply()
        return self._compiled(tree)

    def changed_function(self, mutated: CodeType) -> tuple[CodeType, CodeType] | None:
        """The one outermost function that differs, as it was and as it is. None: what runs when
        the module is imported differs.
        """
        return _changed(self.original, mutated)

    def is_unchanged(self, mutated: CodeType) -> bool:
        """The compiler makes the same of it: no program can tell them apart."""
        return mutated == self.original

    def _compiled(self, tree: ast.Module) -> CodeType:
        return compile(tree, self._file, "exec", dont_inherit=True)


def _changed(before: CodeType, after: CodeType) -> tuple[CodeType, CodeType] | None:
    if _without_inner(before) != _without_inner(after):
        return None
    pairs = zip(_inner(before), _inner(after), strict=True)
    differing = [(old, new) for old, new in pairs if old != new]
    if len(differing) != 1:
        return None
    old, new = differing[0]
    return (old, new) if old.co_flags & IS_FUNCTION else _changed(old, new)


def _without_inner(code: CodeType) -> tuple[object, ...]:
    constants = [repr(each) for each in code.co_consts if not isinstance(each, CodeType)]
    return code.co_code, code.co_names, constants, len(_inner(code))


def _inner(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def live_functions() -> dict[CodeType, list[FunctionType]]:
    """Every function of the running program, by its code."""
    found: dict[CodeType, list[FunctionType]] = {}
    for each in gc.get_objects():
        if type(each) is FunctionType:
            found.setdefault(each.__code__, []).append(each)
    return found
