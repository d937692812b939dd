"""Words that several pages of org use."""

from blueprints.common.labels import label, listed
from blueprints.org import bp
from tongyan.org.models import School, Stage


@bp.app_template_global()
def stage_names(school: School) -> str:
    """Return the stages of a school in words."""
    return listed(label(Stage(stage)) for stage in school.stages)
