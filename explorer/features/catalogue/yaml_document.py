"""YAML with line numbers, so that an error can name the line; written whole or not at all."""

from __future__ import annotations

import glob
import itertools
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from explorer.core.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "FlowMapping",
    "Located",
    "located",
    "read_yaml",
    "remove_drafts",
    "write_yaml",
    "yaml_text",
]

# PyYAML follows YAML 1.1, in which 1e6 is text; it is a number here, as in YAML 1.2 and as people
# mean it.
_EXPONENT = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+$")
_WIDTH = 110
_DRAFT = ".tmp"
_MOST_LETTERS = 20_000_000  # a catalogue of 5,000 columns has a million
_MOST_VALUES = 300_000


@dataclass(frozen=True)
class Located:
    """A value of a YAML file and the line it stands on.

    Parameters
    ----------
    value : dict of str to Located, list of Located, or a scalar
        Keys of mappings are strings.
    line : int
        The first line of the file is 1; 0 for what stands in no file.
    """

    value: Any
    line: int

    def plain(self) -> Any:
        """Return the value without line numbers."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value


class FlowMapping(dict[str, Any]):
    """A mapping that is written on one line, ``{a: 1, b: 2}``."""


def located(value: Any) -> Located:
    """Return a plain value as if it had been read, on line 0; tuples become lists."""
    if isinstance(value, dict):
        return Located({str(key): located(child) for key, child in value.items()}, 0)
    if isinstance(value, list | tuple):
        return Located([located(child) for child in value], 0)
    return Located(value, 0)


def read_yaml(source: Path | str, *, as_text: bool = False) -> Located | None:
    """Read a YAML file, or YAML in a text; None when it holds nothing.

    Parameters
    ----------
    source : Path or str
        A path is a file, a str is the YAML itself.
    as_text : bool
        Take every scalar as text: 2024, no and null are words.

    Raises
    ------
    CatalogueError
        The file cannot be read, is not YAML, or has a key twice.
    """
    import yaml

    name, text = (
        ("the text", source) if isinstance(source, str) else (str(source), _text_of(source))
    )
    try:
        if len(text) > _MOST_LETTERS:
            raise CatalogueError(
                f"{name}: {len(text):,} characters of YAML, expected at most {_MOST_LETTERS:,}"
            )
        loader = _loader(as_text)(text)
    except yaml.YAMLError as error:  # a character that YAML does not have
        raise CatalogueError(f"{name}: not valid YAML: {' '.join(str(error).split())}") from error
    try:
        node = loader.get_single_node()
        return None if node is None else _located(node, loader, name, itertools.count(1))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueError(f"{name}, line {line}: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2024-02-31
        raise CatalogueError(f"{name}: not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise CatalogueError(
            f"{name}: nested too deeply, or an alias (*name) holds itself: write it out"
        ) from error
    finally:
        loader.dispose()


def yaml_text(document: dict[str, Any], header: str) -> str:
    """Return a document of mappings, lists and scalars as YAML.

    A list stands on one line, unless it is of `FlowMapping`.

    Parameters
    ----------
    document : dict
        Written in its own order.
    header : str
        Comment lines for the head, without the #.
    """
    import yaml

    comment = "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines())
    body: str = yaml.dump(
        document,
        Dumper=_dumper(),
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
        default_flow_style=False,
    )
    return comment + body


def write_yaml(path: Path, document: dict[str, Any], header: str) -> None:
    """Write `yaml_text` to a file.

    The file is written beside its place and moved there, so that a reader never meets half of it
    and a full disk leaves the old file as it was.

    Parameters
    ----------
    path : Path
        Its folder is made where needed.
    document, header
        As for `yaml_text`.

    Raises
    ------
    CatalogueError
        The folder cannot be written, or the disk is full.
    """
    text = yaml_text(document, header)
    draft = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}{_DRAFT}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # a disk may only say here that it is full
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise CatalogueError(
            f"{path} cannot be written ({reason}): make room or ask for permission, nothing was "
            "changed"
        ) from error


def remove_drafts(path: Path) -> None:
    """Remove what writers of a file left beside it when they were killed.

    Only while nobody writes it.
    """
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*{_DRAFT}"):
        with suppress(OSError):
            draft.unlink()


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: expected a readable YAML file in UTF-8: {error}") from error


@cache
def _loader(as_text: bool) -> Any:
    """Return the reader of YAML: libyaml's where it is built in, which takes half the time."""
    import yaml

    if as_text:
        return yaml.BaseLoader
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("CatalogueLoader", (base,), {})
    loader.add_implicit_resolver("tag:yaml.org,2002:float", _EXPONENT, list("-+.0123456789"))
    return loader


@cache
def _dumper() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    dumper: Any = type("CatalogueDumper", (base,), {"ignore_aliases": lambda *_: True})
    # so that the text "1e6" is put in quotes
    dumper.add_implicit_resolver("tag:yaml.org,2002:float", _EXPONENT, list("-+.0123456789"))
    tag = "tag:yaml.org,2002:"
    for kind, write in ((list, "sequence"), (tuple, "sequence"), (FlowMapping, "mapping")):
        name = "seq" if write == "sequence" else "map"
        dumper.add_representer(kind, _in_flow(f"represent_{write}", tag + name))
    return dumper


def _in_flow(method: str, tag: str) -> Any:
    def represent(dumper: Any, value: Any) -> Any:
        pairs = value.items() if isinstance(value, dict) else value  # a dict itself would be sorted
        flow = isinstance(value, dict) or not any(isinstance(item, FlowMapping) for item in value)
        return getattr(dumper, method)(tag, pairs, flow_style=flow)

    return represent


def _located(node: Any, loader: Any, name: str, seen: Iterator[int]) -> Located:
    import yaml

    if next(seen) > _MOST_VALUES:  # a few aliases of aliases of lists make billions
        raise CatalogueError(
            f"{name}: more than {_MOST_VALUES:,} values, aliases (*name) written out: use fewer "
            "aliases"
        )
    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return Located([_located(child, loader, name, seen) for child in node.value], line)
    if not isinstance(node, yaml.MappingNode):
        return Located(loader.construct_object(node), line)
    pairs: dict[str, Located] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise CatalogueError(
                f"{name}, line {key_node.start_mark.line + 1}: a list or a mapping stands where a "
                "name is expected"
            )
        key = str(key_node.value)
        if key in pairs:
            raise CatalogueError(
                f"{name}, line {key_node.start_mark.line + 1}: {key!r} is there twice; keep one"
            )
        pairs[key] = Located(
            _located(value_node, loader, name, seen).value, key_node.start_mark.line + 1
        )
    return Located(pairs, line)
