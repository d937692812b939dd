"""What a resource says, in the languages of others: LRMI for pages, IEEE LOM for packages, Dublin Core for harvesters.

Pure functions of a loaded resource (`tongyan.library.services.harvest.DESCRIBED` names what to load). The core knows no
addresses: whoever asks brings them in `Shown`, with as much of the neighbourhood as the reader may see.
"""

from tongyan.library.metadata.dublin_core import DC, OAI_DC, oai_dc
from tongyan.library.metadata.lom import LOM, lom
from tongyan.library.metadata.lrmi import lrmi
from tongyan.library.metadata.terms import Shown, urn

__all__ = ["DC", "LOM", "OAI_DC", "Shown", "lom", "lrmi", "oai_dc", "urn"]
