"""The use cases of the curriculum: the one door for other features and for the edges."""

from tongyan.curriculum.services.editing import (
    add_node,
    map_node,
    move_node,
    rename_node,
    retire_node,
    revive_node,
    undo_change,
)
from tongyan.curriculum.services.editions import (
    EditionChoice,
    EditionSheet,
    SubjectRow,
    choose_editions,
    default_editions,
    edition_sheet,
    school_terms,
)
from tongyan.curriculum.services.proposing import Place, propose_place
from tongyan.curriculum.services.tree import (
    Branch,
    Pick,
    View,
    children,
    find_node,
    history,
    node_line,
    pick,
    search,
    show_node,
    tree,
)

__all__ = [
    "Branch",
    "EditionChoice",
    "EditionSheet",
    "Pick",
    "Place",
    "SubjectRow",
    "View",
    "add_node",
    "children",
    "choose_editions",
    "default_editions",
    "edition_sheet",
    "find_node",
    "history",
    "map_node",
    "move_node",
    "node_line",
    "pick",
    "propose_place",
    "rename_node",
    "retire_node",
    "revive_node",
    "school_terms",
    "search",
    "show_node",
    "tree",
    "undo_change",
]
