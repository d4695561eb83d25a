"""Small faults in source code: each is one change that a test should notice.

A mutant is made in the syntax tree, so it always compiles. What it may change is what safety hangs
on: comparisons and their bounds, numbers, conditions, arithmetic, calls made for their effect, and
the entries of tables. Texts for people, annotations, decorators and log lines are left alone.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_BOUND_AND_OPPOSITE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}
_FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_LEFT_ALONE = (ast.JoinedStr, ast.Import, ast.ImportFrom)
_FIELDS_LEFT_ALONE = {"annotation", "returns", "decorator_list", "bases", "type_params"}
_NAMES_LEFT_ALONE = {"__slots__", "__all__"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change at one place. `apply` makes it in the tree that `mutants_of` was given."""

    path: str
    line: int
    scope: str  # the function or class around it, or `module`
    change: str  # `a < b → a <= b`
    number: int  # among those of the scope that read alike
    apply: Callable[[], None]

    @property
    def key(self) -> str:
        """The same for as long as the code around it is: line numbers move too easily."""
        again = f" #{self.number}" if self.number > 1 else ""
        return f"{self.path} | {self.scope} | {self.change}{again}"


def mutants_of(path: str, tree: ast.Module) -> Iterator[Mutant]:
    """Every mutant of one file, in the order of its lines."""
    seen: Counter[tuple[str, str]] = Counter()
    for parent, field, index, scope in _places(tree, ()):
        old = _get(parent, field, index)
        for new in _instead_of(old, parent, field, scope):
            name = ".".join(scope) or "module"
            change = f"{_shown(old)} → {_shown(new)}"
            seen[name, change] += 1
            number = seen[name, change]
            line = getattr(old, "lineno", getattr(parent, "lineno", 0))
            apply = _setter(parent, field, index, old, new)
            yield Mutant(path, line, name, change, number, apply)


def _places(
    node: ast.AST, scope: tuple[str, ...]
) -> Iterator[tuple[ast.AST, str, int | None, tuple[str, ...]]]:
    """Every place in the tree where something stands that may be changed."""
    for field, value in ast.iter_fields(node):
        if field in _FIELDS_LEFT_ALONE:
            continue
        within = (*scope, *_name_of(node, scope))
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST) or _is_left_alone(child):
                continue
            yield node, field, index, within
            yield from _places(child, within)


def _name_of(node: ast.AST, scope: tuple[str, ...]) -> tuple[str, ...]:
    """What people call this part of the file: a function, a class, a constant, a row of a table."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return () if scope and scope[-1].islower() else (name,)
        case ast.Call(args=[ast.Constant(value=str() as name), *_]) if _is_table(scope):
            return (name,)
    return ()


def _is_table(scope: tuple[str, ...]) -> bool:
    """Inside a constant of the module; a class or a function is not written in capitals."""
    return len(scope) == 1 and scope[0].isupper()


def _is_left_alone(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):  # a docstring
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="log")))):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) if name in _NAMES_LEFT_ALONE:
            return True
    return isinstance(node, _LEFT_ALONE)


def _instead_of(
    node: Any, parent: ast.AST, field: str, scope: tuple[str, ...]
) -> Iterator[ast.AST | None]:
    """What may stand there instead. None: nothing, the place itself goes."""
    yield from _other_expressions(node)
    yield from _other_statements(node, scope)
    is_condition = field == "test" or (isinstance(parent, ast.comprehension) and field == "ifs")
    if is_condition and not isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield ast.UnaryOp(ast.Not(), node)
    if _is_entry(node, parent, field, scope):
        yield None


def _other_expressions(node: Any) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for at, op in enumerate(ops):
                for other in _BOUND_AND_OPPOSITE[type(op)]:
                    yield ast.Compare(left, [*ops[:at], other(), *ops[at + 1 :]], comparators)
        case ast.BoolOp(op=op, values=values):  # each condition is forgotten once
            for at in range(len(values)):
                left_over = [*values[:at], *values[at + 1 :]]
                yield left_over[0] if len(left_over) == 1 else ast.BoolOp(op, left_over)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            yield ast.BinOp(left, _ARITHMETIC[type(op)](), right)
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(_next_number(value))
        case ast.Name(id=name) if name in _FUNCTIONS and isinstance(node.ctx, ast.Load):
            yield ast.Name(_FUNCTIONS[name], node.ctx)


def _next_number(value: float) -> float:
    """One more in the last digit that is written: 3 → 4, 3.0 → 4.0, 39.2 → 39.3, 0.045 → 0.046."""
    if isinstance(value, int) or value == int(value):
        return value + 1
    decimals = len(repr(value).partition("e")[0].partition(".")[2])
    return round(value + 10.0**-decimals, decimals)


def _other_statements(node: Any, scope: tuple[str, ...]) -> Iterator[ast.stmt]:
    match node:
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise() | ast.Continue() | ast.Break():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute()]) if scope[-1:] != ("__init__",):
            yield ast.Pass()
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in _ARITHMETIC:
            yield ast.AugAssign(target, _ARITHMETIC[type(op)](), value)


def _is_entry(node: Any, parent: ast.AST, field: str, scope: tuple[str, ...]) -> bool:
    """May it be missing? Entries of tables and sets, named arguments, cases."""
    match parent:
        case ast.Dict():
            return field == "keys" and isinstance(node, ast.AST)
        case ast.List() | ast.Set():
            return field == "elts" and not _is_target(parent)
        case ast.Tuple():  # inside functions most are several results, not a table
            is_row = field == "elts" and not isinstance(node, ast.Attribute)
            return is_row and not _is_target(parent) and _is_table(scope[:1])
        case ast.Call():
            return field == "keywords"
        case ast.Match():
            return field == "cases" and len(parent.cases) > 1
    return False


def _is_target(node: Any) -> bool:
    return not isinstance(node.ctx if hasattr(node, "ctx") else ast.Load(), ast.Load)


def _get(parent: ast.AST, field: str, index: int | None) -> Any:
    value = getattr(parent, field)
    return value if index is None else value[index]


def _setter(
    parent: ast.AST, field: str, index: int | None, old: Any, new: ast.AST | None
) -> Callable[[], None]:
    def apply() -> None:
        if new is None:
            if index is None:
                raise ValueError(f"{field} cannot be left out")
            if isinstance(parent, ast.Dict):
                del parent.keys[index], parent.values[index]
            else:
                del getattr(parent, field)[index]
            return
        ast.copy_location(new, old)
        ast.fix_missing_locations(new)
        if index is None:
            setattr(parent, field, new)
        else:
            getattr(parent, field)[index] = new

    return apply


def _shown(node: Any) -> str:
    if node is None:
        return "(nothing)"
    if isinstance(node, ast.match_case):
        return f"case {ast.unparse(node.pattern)}"
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:60]} … {text[-25:]}"
