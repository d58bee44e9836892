"""Permissions and roles are code; who holds which role where is data (grants)."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """What may be done. `*_VIEW` decides what is seen (404 otherwise), the others what may be changed (403 otherwise)."""

    ORGANIZATION_VIEW = "organization.view"
    ORGANIZATION_EDIT = "organization.edit"
    PERSON_VIEW = "person.view"
    RULE_VIEW = "rule.view"
    RULE_EDIT = "rule.edit"
    INDICATOR_VIEW = "indicator.view"
    INDICATOR_DEFINE = "indicator.define"
    OBSERVATION_VIEW = "observation.view"
    OBSERVATION_ENTER = "observation.enter"
    MONTH_CLOSE = "month.close"
    TARGET_SET = "target.set"
    RUN_VIEW = "run.view"
    RUN_START = "run.start"
    RUN_PUBLISH = "run.publish"
    COCKPIT_VIEW = "cockpit.view"
    NOTE_SEND = "note.send"
    MATTER_VIEW = "matter.view"
    MATTER_ASSIGN = "matter.assign"
    MATTER_SUPERVISE = "matter.supervise"
    DUTY_VIEW = "duty.view"
    DUTY_ISSUE = "duty.issue"
    DUTY_NAME = "duty.name"
    PLAN_VIEW = "plan.view"
    PLAN_EDIT = "plan.edit"
    PLAN_ADOPT = "plan.adopt"
    LINK_CONFIRM = "link.confirm"
    RESULT_CONFIRM = "result.confirm"
    FORM_VIEW = "form.view"
    FORM_FILL = "form.fill"
    FORM_ISSUE = "form.issue"
    MEETING_VIEW = "meeting.view"
    MEETING_RUN = "meeting.run"
    ROSTER_EDIT = "roster.edit"
    DECISION_VIEW = "decision.view"
    DECISION_RUN = "decision.run"
    INSPECTION_VIEW = "inspection.view"
    INSPECTION_RUN = "inspection.run"
    PEOPLE_VIEW = "people.view"
    PEOPLE_RATE = "people.rate"
    TRAINING_RUN = "training.run"
    FRAME_EDIT = "frame.edit"
    SURVEY_VIEW = "survey.view"
    SURVEY_RUN = "survey.run"
    SCHEME_VIEW = "scheme.view"
    SCHEME_EDIT = "scheme.edit"
    APPRAISAL_VIEW = "appraisal.view"
    APPRAISAL_REPORT = "appraisal.report"
    APPRAISAL_REVIEW = "appraisal.review"
    APPRAISAL_RUN = "appraisal.run"
    IMPORT = "import"
    EXPORT = "export"
    JOB_VIEW = "job.view"
    ACCOUNT_VIEW = "account.view"
    ACCOUNT_MANAGE = "account.manage"
    GRANT_REQUEST = "grant.request"
    GRANT_APPROVE = "grant.approve"
    SYSTEM_MANAGE = "system.manage"
    AUDIT_VIEW = "audit.view"


P = Permission
_SEE = frozenset(
    {
        P.ORGANIZATION_VIEW, P.PERSON_VIEW, P.RULE_VIEW, P.INDICATOR_VIEW, P.OBSERVATION_VIEW, P.RUN_VIEW, P.COCKPIT_VIEW, P.JOB_VIEW,
        P.MATTER_VIEW, P.DUTY_VIEW, P.PLAN_VIEW, P.FORM_VIEW, P.MEETING_VIEW, P.INSPECTION_VIEW,
        P.PEOPLE_VIEW, P.SURVEY_VIEW, P.SCHEME_VIEW, P.APPRAISAL_VIEW,
    }
)  # fmt: skip
_LEAD = _SEE | {
    P.DUTY_NAME,
    P.FORM_FILL,
    P.FORM_ISSUE,
    P.OBSERVATION_ENTER,
    P.NOTE_SEND,
    P.EXPORT,
    P.MATTER_ASSIGN,
    P.PLAN_EDIT,
    P.PLAN_ADOPT,
    P.LINK_CONFIRM,
    P.MEETING_RUN,
    P.DECISION_VIEW,
    P.PEOPLE_RATE,
    P.APPRAISAL_REPORT,
}
_BUSINESS = frozenset({P.RESULT_CONFIRM})  # results are confirmed by the business side only
_OFFICE = frozenset(
    {
        P.MATTER_SUPERVISE, P.DUTY_ISSUE, P.INSPECTION_RUN, P.DECISION_RUN, P.TRAINING_RUN, P.FRAME_EDIT, P.SURVEY_RUN, P.SCHEME_EDIT,
        P.APPRAISAL_REVIEW, P.APPRAISAL_RUN,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    name: str | Promise
    permissions: frozenset[Permission]
    is_administrator: bool = False


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role("secretary_manager", _("Party secretary and unit head"), _LEAD | _BUSINESS | {P.ROSTER_EDIT, P.DECISION_RUN}),
        Role("secretary", _("Party secretary"), _LEAD | {P.ROSTER_EDIT, P.DECISION_RUN}),
        Role("manager", _("Unit head"), _LEAD | _BUSINESS),
        Role("deputy", _("Deputy secretary"), _LEAD | {P.ROSTER_EDIT}),
        Role("leader", _("Member of the leading body"), _SEE | {P.NOTE_SEND, P.EXPORT, P.MATTER_ASSIGN, P.DUTY_NAME, P.DECISION_VIEW}),
        Role(
            "party_worker",
            _("Party worker"),
            _SEE | {P.FORM_FILL, P.OBSERVATION_ENTER, P.NOTE_SEND, P.MATTER_ASSIGN, P.DUTY_NAME, P.PLAN_EDIT, P.MEETING_RUN, P.ROSTER_EDIT},
        ),
        Role("member", _("Party member or employee"), frozenset({P.ORGANIZATION_VIEW, P.COCKPIT_VIEW, P.INDICATOR_VIEW})),
        Role("department", _("Business department"), _LEAD | _BUSINESS | {P.TARGET_SET, P.IMPORT}),
        Role(
            "party_office",
            _("Group Party office"),
            _LEAD
            | _OFFICE
            | {
                P.ROSTER_EDIT,
                P.ORGANIZATION_EDIT,
                P.RULE_EDIT,
                P.INDICATOR_DEFINE,
                P.IMPORT,
                P.RUN_START,
                P.RUN_PUBLISH,
                P.MONTH_CLOSE,
                P.TARGET_SET,
            },
        ),
        Role(
            "management_office",
            _("Enterprise management office"),
            _LEAD
            | _OFFICE
            | _BUSINESS
            | {P.ORGANIZATION_EDIT, P.INDICATOR_DEFINE, P.IMPORT, P.RUN_START, P.RUN_PUBLISH, P.MONTH_CLOSE, P.TARGET_SET},
        ),
        Role("inspector", _("Inspection and discipline"), _SEE | {P.EXPORT, P.DECISION_VIEW, P.INSPECTION_RUN, P.MATTER_ASSIGN}),
        Role(
            "admin_system",
            _("System administrator"),
            frozenset({P.SYSTEM_MANAGE, P.ACCOUNT_VIEW, P.ACCOUNT_MANAGE, P.GRANT_REQUEST}),
            is_administrator=True,
        ),
        Role("admin_security", _("Security administrator"), frozenset({P.ACCOUNT_VIEW, P.GRANT_APPROVE}), is_administrator=True),
        Role("admin_audit", _("Audit administrator"), frozenset({P.AUDIT_VIEW}), is_administrator=True),
    )
}
ADMINISTRATORS = frozenset(code for code, role in ROLES.items() if role.is_administrator)


def roles_with(permission: Permission) -> frozenset[str]:
    return frozenset(code for code, role in ROLES.items() if permission in role.permissions)
