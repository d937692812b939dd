"""The audit trail, the jobs and the health of the parts, for administrators."""

import json
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from blueprints.common.web import admin_only, current_actor, fragment, page_arg
from blueprints.common.workbooks import EXPORT_ROWS, excel_response
from blueprints.operations import bp
from blueprints.operations.words import (
    BADGES,
    PARTS,
    STATES,
    action_name,
    doer_name,
    field_name,
    gap_sentence,
    job_name,
    subject_name,
)
from tongyan.kernel import oversight, sheets
from tongyan.kernel.clock import local
from tongyan.kernel.jobs import JobState
from tongyan.kernel.oversight import TrailFilters

bp.add_app_template_global(action_name)
bp.add_app_template_global(doer_name)
bp.add_app_template_global(field_name)
bp.add_app_template_global(gap_sentence)
bp.add_app_template_global(job_name)
bp.add_app_template_global(subject_name)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _filters() -> TrailFilters:
    args = request.args
    return TrailFilters(
        who=args.get("who", "").strip()[:64],
        action=args.get("action", "")[:64],
        subject=args.get("subject", "").strip()[:128],
        from_on=_day("from"),
        to_on=_day("to"),
    )


@bp.get("/admin/audit")
@admin_only
def audit() -> ResponseReturnValue:
    """Show who did what, when."""
    actor, filters = current_actor(), _filters()
    found = oversight.list_entries(actor, filters, page_arg())
    if fragment():
        return render_template("operations/_entries.html", page=found)
    actions = sorted(((action, action_name(action)) for action in oversight.actions(actor)), key=lambda pair: pair[1])
    verified = oversight.last_verified(actor)
    return render_template("operations/audit.html", page=found, filters=filters, actions=actions, verified=verified)


@bp.get("/admin/audit/export.xlsx")
@admin_only
def audit_export() -> ResponseReturnValue:
    """Give the trail as a workbook; the trail notes that, too."""
    headers = [_("序号"), _("时间"), _("谁"), _("做了什么"), _("对象"), _("细节")]
    rows: list[list[Any]] = [
        [
            entry.seq,
            f"{local(entry.at):%Y-%m-%d %H:%M:%S}",
            doer_name(entry),
            action_name(entry.action),
            entry.subject,
            json.dumps(entry.data, ensure_ascii=False),
        ]
        for entry in oversight.export_entries(current_actor(), _filters(), EXPORT_ROWS)
    ]
    title = _("操作记录")
    return excel_response(sheets.write_rows(title, headers, rows), f"{title}.xlsx")


@bp.post("/admin/audit/verify")
@admin_only
def audit_verify() -> ResponseReturnValue:
    """Walk the whole chain."""
    gaps = oversight.verify_trail(current_actor())
    if gaps:
        flash(
            ngettext(
                "操作记录有 %(num)s 处对不上，请保留现场并联系安全负责人。",
                "操作记录有 %(num)s 处对不上，请保留现场并联系安全负责人。",
                len(gaps),
            ),
            "danger",
        )
    else:
        flash(_("操作记录完整，没有被改动或删除过。"), "success")
    return redirect(url_for(".audit"))


@bp.get("/admin/jobs")
@admin_only
def jobs() -> ResponseReturnValue:
    """Show the work in the background, above all what waits for somebody."""
    board = oversight.job_board(current_actor(), page_arg())
    counts = [(state, str(STATES[state]), board.counts[state]) for state in JobState]
    template = "operations/_jobs.html" if fragment() else "operations/jobs.html"
    return render_template(template, board=board, counts=counts)


@bp.post("/admin/jobs/<uuid:job_id>/retry")
@admin_only
def job_retry(job_id: UUID) -> ResponseReturnValue:
    """Give a parked job new tries."""
    oversight.retry_job(current_actor(), job_id)
    flash(_("已重新排队。"), "success")
    return redirect(url_for(".jobs"))


@bp.post("/admin/jobs/retry")
@admin_only
def jobs_retry() -> ResponseReturnValue:
    """Give every parked job new tries."""
    number = oversight.retry_all_jobs(current_actor())
    flash(ngettext("%(num)s 个任务已重新排队。", "%(num)s 个任务已重新排队。", number), "success")
    return redirect(url_for(".jobs"))


@bp.get("/admin/health")
@admin_only
def health() -> ResponseReturnValue:
    """Say which parts work, and what to do about those that do not."""
    actor = current_actor()
    report = oversight.health_report(actor)
    checks = [(part, report.parts[key]) for key, part in PARTS.items() if key in report.parts]
    machine = oversight.machine(actor)
    return render_template("operations/health.html", report=report, checks=checks, badges=BADGES, machine=machine)
