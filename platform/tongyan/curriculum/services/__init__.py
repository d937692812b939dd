"""The use cases of the curriculum."""

from tongyan.curriculum.services.editing import add_node, map_node, rename_node, restore_node, retire_node
from tongyan.curriculum.services.editions import Choice, default_editions, editions_of, pick_edition
from tongyan.curriculum.services.proposing import Place, propose_place
from tongyan.curriculum.services.tree import Branch, branch, find_node, find_nodes, line_of

__all__ = [
    "Branch",
    "Choice",
    "Place",
    "add_node",
    "branch",
    "default_editions",
    "editions_of",
    "find_node",
    "find_nodes",
    "line_of",
    "map_node",
    "pick_edition",
    "propose_place",
    "rename_node",
    "restore_node",
    "retire_node",
]
