"""The house rules that no linter knows, as functions from a parsed file to what is wrong with it.

Each returns `line: what` for every breach; test_rules.py shows each of them a breach.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator

# Whatever these give differs from run to run, so nothing that decides may ask them.
HIDDEN_INPUTS = frozenset(
    {
        *("asyncio", "multiprocessing", "queue", "sched", "selectors", "threading"),
        *("datetime", "time", "zoneinfo", "random", "secrets", "uuid"),
        *("io", "os", "pathlib", "shutil", "sqlite3", "tempfile", "logging", "warnings"),
        *("socket", "ssl", "urllib", "signal", "subprocess", "sys", "platform", "locale"),
    }
)
HIDDEN_CALLS = frozenset({"open", "print", "input", "eval", "exec", "__import__"})

# The last word of a name, before a bound: …_temp_c, …_delta_c, …_c_per_min, …_cem43_min, …_pct_max.
UNITS = frozenset({"c", "s", "min", "ms", "w", "pct", "kwh", "kg", "m", "mb"})
WITHOUT_UNIT = {
    "inside_delta": "deadband of an alarm row, in the unit of the row's value",
    "value": "of an alarm, in the unit that stands beside it",
    "limit": "as value",
    "output": "of a regulator that serves both loops: has the unit of what it drives",
    "output_min": "as output",
    "output_max": "as output",
    "proportional": "as output",
    "integral": "as output",
    "outer_integral": "integral term of the outer loop, °C of air set-point",
    "inner_integral": "integral term of the inner loop, % of power",
    "outer_p": "a technician's name for the outer loop's term, °C of air set-point",
    "outer_i": "as outer_p",
    "gain": "measured over commanded power, a ratio",
    "caution": "standard deviations of a forecast",
    "caution_share": "of what the core has still to rise, a ratio",
    "square": "mean square of innovations, in their own variance",
    "side_sd": "standard deviations",
    "limits": "the guard's, each under the contract's name for it, which ends in its unit",
    "inner_p": "a technician's name for the inner loop's term, % of power",
    "inner_i": "as inner_p",
}

FUNCTION_LINES_MAX = 50
Breaches = list[str]


def imported_modules(node: ast.AST) -> list[str]:
    """What one statement imports, in full names. `from a import b` gives a and a.b."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if node.level or node.module is None:
            return ["."]  # relative: this house names what it imports
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def hidden_inputs(tree: ast.Module) -> Breaches:
    """Clocks, dice, files, sockets and processes where only arguments may decide."""
    found = []
    for node in ast.walk(tree):
        for module in imported_modules(node):
            if module.split(".")[0] in HIDDEN_INPUTS or module.startswith("numpy.random"):
                found.append(f"{line(node)}: imports {module}")
        if isinstance(node, ast.Call) and ast.unparse(node.func) in HIDDEN_CALLS:
            found.append(f"{line(node)}: calls {ast.unparse(node.func)}")
        if isinstance(node, ast.Global | ast.AsyncFunctionDef):
            found.append(f"{line(node)}: {type(node).__name__} in pure code")
    return found


def foreign_imports(tree: ast.Module, allowed: Iterable[str]) -> Breaches:
    """Imports of anything but the standard library and the packages `allowed`, whole or in part."""
    allowed = (*allowed, "__future__")
    return [
        f"{line(node)}: imports {names[0]}"
        for node in ast.walk(tree)
        if (names := imported_modules(node))
        and not all(
            name.split(".")[0] in sys.stdlib_module_names
            or any(name == package or name.startswith(f"{package}.") for package in allowed)
            for name in names
        )
    ]


def imports_outside_functions(tree: ast.Module, package: str) -> Breaches:
    """Imports of a package that run when the module is imported."""
    return [
        f"{line(node)}: imports {name} at module level"
        for node in run_at_import(tree)
        for name in imported_modules(node)
        if name == package or name.startswith(f"{package}.")
    ]


def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            if is_for_types_only(child):
                continue
            yield child
            yield from run_at_import(child)


def is_for_types_only(node: ast.AST) -> bool:
    """`if TYPE_CHECKING:` never runs."""
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
        and not node.orelse
    )


def is_tuple(owner: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "NamedTuple" for base in owner.bases)


def floats_without_unit(tree: ast.Module) -> Breaches:
    """Float fields of values whose names do not say what they are measured in."""
    found = []
    for owner in ast.walk(tree):
        if not (isinstance(owner, ast.ClassDef) and (is_dataclass(owner) or is_tuple(owner))):
            continue
        fields = {
            node.target.id: node
            for node in owner.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        }
        for name, node in fields.items():
            if is_float(node.annotation) and not names_unit(name, fields):
                found.append(f"{line(node)}: {owner.name}.{name} names no unit")
    return found


def names_unit(name: str, siblings: Iterable[str]) -> bool:
    """`core_temp_c`, `age_s_max` do. `x_min` is in minutes, unless `x_max` stands beside it."""
    if name in WITHOUT_UNIT:
        return True
    *head, last = name.strip("_").split("_")
    is_bound = last == "max" or (last == "min" and f"{name[: -len('_min')]}_max" in siblings)
    unit = head[-1] if is_bound and head else last
    return unit in UNITS


def is_dataclass(node: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(each) for each in node.decorator_list) or any(
        ast.unparse(base).endswith("NamedTuple") for base in node.bases
    )


def is_float(annotation: ast.expr) -> bool:
    """`float`, `float | None`, `tuple[float, ...]`, `Mapping[str, float]`: one unit fits all.

    A tuple of unlike things has no unit of its own, and a callable holds no number.
    """
    match annotation:
        case ast.Name(id="float"):
            return True
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return is_float(left) or is_float(right)
        case ast.Subscript(slice=ast.Tuple(elts=[each, ast.Constant(value=builtins.Ellipsis)])):
            return is_float(each)
        case ast.Subscript(
            value=ast.Name(id="dict" | "Mapping" | "MappingProxyType"),
            slice=ast.Tuple(elts=[_, value]),
        ):
            return is_float(value)
        case ast.Subscript(value=ast.Name(id="list" | "Sequence" | "deque"), slice=each):
            return is_float(each)
    return False


def long_functions(tree: ast.Module) -> Breaches:
    return [
        f"{line(node)}: {node.name} has {length} lines"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def asserts(tree: ast.Module) -> Breaches:
    """`python -O` deletes them, and with them the check. Not even a `noqa` lets one in."""
    return [f"{line(node)}: assert" for node in ast.walk(tree) if isinstance(node, ast.Assert)]


def cancellation_swallowers(tree: ast.Module) -> Breaches:
    """`asyncio.wait_for` of Python 3.11 can swallow a cancellation; `asyncio.timeout` cannot."""
    return [
        f"{line(node)}: wait_for"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr == "wait_for")
        or "asyncio.wait_for" in imported_modules(node)
    ]


def line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)
