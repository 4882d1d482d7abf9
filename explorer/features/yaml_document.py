"""YAML with line numbers, so that an error can name the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.errors import CatalogueError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Located", "read_yaml"]


@dataclass(frozen=True)
class Located:
    """A value of a YAML file and the line it stands on.

    Parameters
    ----------
    value : dict of str to Located, list of Located, or a scalar
        Keys of mappings are strings.
    line : int
        The first line of the file is 1.
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


def read_yaml(path: Path) -> Located | None:
    """Read a YAML file; None when it holds nothing.

    Raises
    ------
    CatalogueError
        The file cannot be read, is not YAML, or has a key twice.
    """
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: expected a readable YAML file in UTF-8: {error}") from error
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        return None if node is None else _located(node, loader, path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueError(f"{path}, line {line}: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2024-02-31
        raise CatalogueError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    finally:
        loader.dispose()


def _located(node: Any, loader: Any, path: Path) -> Located:
    import yaml

    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return Located([_located(child, loader, path) for child in node.value], line)
    if not isinstance(node, yaml.MappingNode):
        return Located(loader.construct_object(node), line)
    pairs: dict[str, Located] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in pairs:
            raise CatalogueError(
                f"{path}, line {key_node.start_mark.line + 1}: {key!r} is there twice; keep one"
            )
        pairs[key] = Located(_located(value_node, loader, path).value, key_node.start_mark.line + 1)
    return Located(pairs, line)
