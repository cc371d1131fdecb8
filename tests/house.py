"""The walls of the house, as functions over a folder: each yields what breaks one rule.

They look at source only, so they hold for files that no test imports, and so that a folder with one
offender shows that each of them bites (tests/test_house.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from marketplace.wiring import FLOORS

# Below the rooms of wiring.py, low to high; they have no pages and no commands.
LOW = ("currencies", "config", "kernel", "editorial", "echo")
HEIGHT = {name: height for height, name in enumerate((*LOW, *(room for room in FLOORS if room not in LOW)))}
# Rooms whose pages are another way in to every verb: for staff, for programs.
EDGES = {"admin", "api"}
# Files that connect or start the rest; wiring alone knows every room.
FREE = {"marketplace/wiring.py", "marketplace/__init__.py"}
STARTERS = {"worker", "dev", "supervisor"}
SHAPELESS = {"utils.py", "helpers.py", "common.py", "util.py", "misc.py"}

FILE, FUNCTION, TEST, TEMPLATE = 400, 40, 25, 150

# Where a value becomes markup unescaped, and why that is sound.
MARKUP = {
    "marketplace/kernel/mail.py": "links to this site, set into text that is escaped already",
    "templates/macros/forms.html": "attributes whose names templates write; their values are escaped",
}


@dataclass(frozen=True)
class Offence:
    """One line that breaks one wall."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.sentence}"


@dataclass(frozen=True)
class Import:
    """`from module import name`, or `import module` with an empty name."""

    module: str
    name: str
    line: int


@dataclass
class Source:
    """One Python file and where in the house it stands."""

    path: str
    text: str
    tree: ast.Module = field(init=False)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.text)

    @property
    def room(self) -> str:
        """`payments` for marketplace/payments/ledger.py, `config` for marketplace/config.py."""
        return self.path.removeprefix("marketplace/").split("/")[0].removesuffix(".py")

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def is_page(self) -> bool:
        """Whether it holds routes: a views.py, or a part of one that names audiences."""
        return self.name == "views.py" or any(one.name == "audience" for one in self.imports())

    @property
    def is_verbs(self) -> bool:
        """Whether it changes state in a person's name: actions.py, or a part of it."""
        return self.name == "actions.py" or any(self.verbs())

    def verbs(self) -> Iterator[str]:
        """The functions with a keyword `by`: whoever acts."""
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef) and "by" in {one.arg for one in node.args.kwonlyargs}:
                yield node.name

    def imports(self) -> Iterator[Import]:
        """Every import, wherever in the file it stands."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (Import(alias.name, "", node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                module = self._absolute(node)
                yield from (Import(module, alias.name, node.lineno) for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        folder = self.path.split("/")[: -node.level]
        return ".".join([*folder, *([node.module] if node.module else [])])

    def house_imports(self) -> Iterator[tuple[str, str, Import]]:
        """Imports of the house: room, file within it (or empty), and the import itself."""
        for one in self.imports():
            parts = one.module.split(".")
            if parts[0] != "marketplace":
                continue
            parts += [one.name] if one.name else []
            yield (parts[1] if len(parts) > 1 else ""), (parts[2] if len(parts) > 2 else ""), one


@dataclass
class House:
    """All sources of a folder."""

    root: Path

    def __post_init__(self) -> None:
        self.product = {path: Source(path, text) for path, text in self.read("marketplace", "*.py")}
        self.tests = {path: Source(path, text) for path, text in self.read("tests", "*.py")}
        self.templates = dict(self.read("templates", "*"))

    def read(self, folder: str, pattern: str) -> Iterator[tuple[str, str]]:
        """The files below `folder` by their path from the root."""
        for file in sorted((self.root / folder).rglob(pattern)):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file.relative_to(self.root).as_posix(), file.read_text()

    def rooms(self) -> Iterator[Source]:
        """The sources that stand on a floor."""
        return (one for one in self.product.values() if one.path not in FREE and one.room in HEIGHT)


Wall = Callable[[House], Iterator[Offence]]


def imports_point_down(house: House) -> Iterator[Offence]:
    """All but pages import their own room, the kernel and lower floors."""
    for source in house.rooms():
        for room, _, one in source.house_imports():
            higher = HEIGHT.get(room, len(HEIGHT)) > HEIGHT[source.room]
            if higher and not (source.is_page and room in HEIGHT):
                yield Offence(source.path, one.line, f"reaches up to {room or 'the whole house'}")


def pages_call_their_own_verbs(house: House) -> Iterator[Offence]:
    """A page reads any room, but acts through its own; admin and api act through all."""
    for source in house.rooms():
        if not source.is_page or source.room in EDGES:
            continue
        for room, file, one in source.house_imports():
            target = house.product.get(f"marketplace/{room}/{file}.py")
            foreign = target is not None and room not in {source.room, "kernel"}
            if foreign and target is not None and _brings_verbs(target, one, file):
                yield Offence(source.path, one.line, f"calls verbs of {room}")


def _brings_verbs(target: Source, one: Import, file: str) -> bool:
    whole = one.name in {file, "", "*"}
    return target.is_verbs and (whole or target.name == "actions.py" or one.name in set(target.verbs()))


def nobody_imports_pages(house: House) -> Iterator[Offence]:
    """A file of routes is imported by wiring, and by the page that it is a part of."""
    for source in house.product.values():
        for room, file, one in source.house_imports():
            target = house.product.get(f"marketplace/{room}/{file}.py")
            if target is None or not target.is_page or source.path in FREE:
                continue
            if target.name == "views.py" or source.room != room or not source.is_page:
                yield Offence(source.path, one.line, f"imports the pages of {room}")


def starters_stay_thin(house: House) -> Iterator[Offence]:
    """What starts processes knows the kernel and the settings, no room; no other file lies loose."""
    for source in house.product.values():
        if source.path in FREE or source.room in HEIGHT or source.room == "stripe_sandbox":
            continue
        if source.room not in STARTERS:
            yield Offence(source.path, 1, "stands on no floor of wiring.py")
        for room, _, one in source.house_imports():
            if room not in {"config", "kernel", "create_app", *STARTERS}:
                yield Offence(source.path, one.line, f"knows the room {room}")


def the_sandbox_stands_apart(house: House) -> Iterator[Offence]:
    """Stripe's stand-in imports nothing of the house, and nothing imports it."""
    for source in house.product.values():
        for room, _, one in source.house_imports():
            if (room == "stripe_sandbox") != (source.room == "stripe_sandbox"):
                yield Offence(source.path, one.line, "joins Stripe's stand-in and the house")


def only_the_kernel_commits(house: House) -> Iterator[Offence]:
    """Commands and the seed end their own transactions; verbs, pages and jobs never do."""
    for source in house.product.values():
        if source.room in {"kernel", "seed", "stripe_sandbox"} or source.name == "commands.py":
            continue
        for node in ast.walk(source.tree):
            called = node.func if isinstance(node, ast.Call) else None
            if getattr(called, "attr", getattr(called, "id", "")) == "commit":
                yield Offence(source.path, getattr(node, "lineno", 1), "commits")


def one_file_speaks_to_stripe(house: House) -> Iterator[Offence]:
    """The SDK is behind payments/stripe.py."""
    for source in house.product.values():
        if source.path == "marketplace/payments/stripe.py":
            continue
        for one in source.imports():
            if one.module.split(".")[0] == "stripe":
                yield Offence(source.path, one.line, "imports stripe")


def verbs_know_no_flask(house: House) -> Iterator[Offence]:
    """Models, actions and all verbs run without a request."""
    for source in house.rooms():
        if source.is_page or not (source.is_verbs or source.name == "models.py"):
            continue
        for one in source.imports():
            if one.module.split(".")[0] in {"flask", "flask_wtf"}:
                yield Offence(source.path, one.line, "imports flask")


def prose_is_pure(house: House) -> Iterator[Offence]:
    """The analysis of texts knows neither requests nor rows."""
    for source in house.product.values():
        for one in source.imports() if source.room == "editorial" else ():
            if re.match(r"flask|sqlalchemy|marketplace\.kernel\.(db|http|events|jobs)", one.module):
                yield Offence(source.path, one.line, f"imports {one.module}")


def relationships_point_down(house: House) -> Iterator[Offence]:
    """A relationship leads to a class of its own file or of a lower floor; there is no backref."""
    for source in house.rooms():
        known = {one.name for one in source.imports()}
        known |= {node.name for node in source.tree.body if isinstance(node, ast.ClassDef)}
        for node in ast.walk(source.tree):
            if isinstance(node, ast.AnnAssign) and _is_relationship(node.value):
                yield from _strays(source.path, node, known)


def _is_relationship(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "relationship"


def _strays(path: str, node: ast.AnnAssign, known: set[str]) -> Iterator[Offence]:
    shown = ast.unparse(node.annotation)
    named = set(re.findall(r"\b[A-Z]\w*", shown)) - {"Mapped", "None"}
    assert isinstance(node.value, ast.Call)
    named |= {one.value for one in node.value.args if isinstance(one, ast.Constant)}
    yield from (Offence(path, node.lineno, f"relates to {name}") for name in sorted(named - known))
    if any(keyword.arg == "backref" for keyword in node.value.keywords):
        yield Offence(path, node.lineno, "has a backref, which writes into a lower room")


def nothing_is_too_long(house: House) -> Iterator[Offence]:
    """Ceilings. static/site.css has none: one file in layers is read faster than a hundred."""
    for source in (*house.product.values(), *house.tests.values()):
        if (lines := source.text.count("\n")) > FILE:
            yield Offence(source.path, 1, f"has {lines} lines, more than {FILE}")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                most = TEST if node.name.startswith("test_") else FUNCTION
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > most:
                    yield Offence(source.path, node.lineno, f"{node.name} has {lines} lines, not {most}")
    for path, text in house.templates.items():
        if (lines := text.count("\n")) > TEMPLATE:
            yield Offence(path, 1, f"has {lines} lines, more than {TEMPLATE}")


def names_say_something(house: House) -> Iterator[Offence]:
    """No drawer for things without a place."""
    for source in (*house.product.values(), *house.tests.values()):
        if source.name in SHAPELESS:
            yield Offence(source.path, 1, "is a drawer: name it by what it does")


# Mail has no style sheet and no policy: its letter paper is exempt.
INLINE = re.compile(
    r"<[a-z][^>]*\sstyle\s*=|<style\b|<script\b(?![^>]*\bsrc=)|<[a-z][^>]*\son[a-z]+\s*=|javascript:"
    r"|\shx-on\b|\s(?:hx-vals|hx-headers)=.?js:",
    re.IGNORECASE,
)
UNQUOTED = re.compile(r"""<[a-z](?:[^>"']|"[^"]*"|'[^']*')*?\s[\w-]+=\{\{""", re.IGNORECASE)
# A literal marked safe is what the template's author wrote.
UNESCAPED = re.compile(r"(?<!['\"])\|\s*safe\b|\|\s*xmlattr\b|autoescape\s+false|\bMarkup\(")


def templates_hold_no_code(house: House) -> Iterator[Offence]:
    """The content security policy allows neither inline styles nor scripts; attributes are quoted."""
    for path, text in house.templates.items():
        bare = re.sub(r"\{#.*?#\}", lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)
        wrong = [UNQUOTED] if path.startswith("templates/email/") else [INLINE, UNQUOTED]
        for pattern in wrong:
            for found in pattern.finditer(bare):
                yield Offence(path, bare.count("\n", 0, found.start()) + 1, f"has {found[0].split()[-1]}")


def markup_is_listed(house: House) -> Iterator[Offence]:
    """Every place that takes a value as markup is named in MARKUP with its reason."""
    for path, text in house.templates.items():
        for found in UNESCAPED.finditer(text) if path not in MARKUP else ():
            yield Offence(path, text.count("\n", 0, found.start()) + 1, f"uses {found[0]}")
    for source in house.product.values():
        for node in ast.walk(source.tree) if source.path not in MARKUP else ():
            if isinstance(node, ast.Call) and _makes_markup(node):
                yield Offence(source.path, node.lineno, f"calls {ast.unparse(node.func)}")


def _makes_markup(node: ast.Call) -> bool:
    called = getattr(node.func, "id", getattr(node.func, "attr", ""))
    literal = all(isinstance(one, ast.Constant) for one in node.args)
    return called == "render_template_string" or (called == "Markup" and not literal)


WALLS: tuple[Wall, ...] = (
    imports_point_down,
    pages_call_their_own_verbs,
    nobody_imports_pages,
    starters_stay_thin,
    the_sandbox_stands_apart,
    only_the_kernel_commits,
    one_file_speaks_to_stripe,
    verbs_know_no_flask,
    prose_is_pure,
    relationships_point_down,
    nothing_is_too_long,
    names_say_something,
    templates_hold_no_code,
    markup_is_listed,
)
