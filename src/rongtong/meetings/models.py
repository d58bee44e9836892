"""Meetings from proposal to signed minutes: kinds as data, agenda, attendance, minutes by version, resolutions, votes, talks."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rongtong.kernel import clock
from rongtong.kernel.reference import Reference
from rongtong.ledger.models import Matter, Side
from rongtong.organization.models import Person
from rongtong.roster.models import ExclusionReason
from rongtong.rules.models import RuleRow
from rongtong.trees.models import Node


class Circle(models.TextChoices):
    """Who should attend, by kind of meeting."""

    MEMBERS = "members", _("all members")
    COMMITTEE = "committee", _("committee members")
    GROUP = "group", _("members of the Party group")
    LEADERS = "leaders", _("the leading body")
    UNIT = "unit", _("leaders of the unit and those invited")


class MeetingKind(models.Model):
    """A kind of meeting as data (DOMAIN 2.1): who hosts and attends it, which votes and words it may hold, its own fields and agenda."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120)
    side = models.CharField(max_length=10, choices=Side.choices)
    hosts = models.JSONField(default=list)  # kinds of organisation or unit that hold it
    circle = models.CharField(max_length=10, choices=Circle.choices)
    is_restricted = models.BooleanField(default=False)  # no words of it are held: date, counts, holder, paper file
    has_votes = models.BooleanField(default=False)
    quorum = models.CharField(max_length=20, blank=True)  # rule row whose numbers make it valid
    is_study = models.BooleanField(default=False)  # its hours count as study
    minutes_wanted = models.PositiveSmallIntegerField(default=0)  # how long it usually takes
    fields = models.JSONField(default=list)  # [code, Chinese, English, type: text | number | date | person]
    agenda = models.JSONField(default=list)  # [title, English, topic, side]
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(circle__in=Circle.values), name="meeting_kind_known_circle"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="meeting_kind_known_side"),
        ]

    def __str__(self) -> str:
        return self.name_en if self.name_en and not (get_language() or "").startswith("zh") else self.name


class Series(models.Model):
    """A meeting that recurs: the fixed Party day of a month, the monthly operating meeting."""

    kind = models.ForeignKey(MeetingKind, on_delete=models.PROTECT, related_name="series")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="meeting_series")
    title = models.CharField(max_length=120)
    day = models.PositiveSmallIntegerField()  # of the month; the last day where the month is shorter
    from_time = models.TimeField()
    place = models.CharField(max_length=120, blank=True)
    every_months = models.PositiveSmallIntegerField(default=1)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["node_id", "kind_id"]
        constraints = [
            models.CheckConstraint(condition=Q(day__gte=1) & Q(day__lte=31), name="series_day_1_31"),
            models.CheckConstraint(condition=Q(every_months__gte=1) & Q(every_months__lte=12), name="series_months_1_12"),
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="series_span"),
        ]

    def __str__(self) -> str:
        return self.title


class MeetingState(models.TextChoices):
    PREPARED = "prepared", _("in preparation")
    NOTICED = "noticed", _("notice sent")
    HELD = "held", _("held, minutes open")
    SIGNED = "signed", _("minutes signed")
    CANCELLED = "cancelled", _("cancelled")


HELD_STATES = (MeetingState.HELD, MeetingState.SIGNED)


class Mode(models.TextChoices):
    ON_SITE = "on_site", _("on site")
    VIDEO = "video", _("by video")
    MIXED = "mixed", _("on site and by video")


class Meeting(models.Model):
    """One meeting. Its state decides what may be written; once signed, a change is a new version of the minutes."""

    code = models.CharField(max_length=24, unique=True)
    kind = models.ForeignKey(MeetingKind, on_delete=models.PROTECT, related_name="meetings")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="meetings")
    partner = models.ForeignKey(Node, on_delete=models.PROTECT, null=True, blank=True, related_name="partner_meetings")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, blank=True, related_name="meetings")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()  # of its kind at its node in the year
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=MeetingState.choices, default=MeetingState.PREPARED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    held_on = models.DateField(null=True, blank=True)
    place = models.CharField(max_length=120, blank=True)
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.ON_SITE)
    chair = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="meetings_chaired")
    chair_part = models.CharField(max_length=12, blank=True)  # kind of the post the chair held that day
    recorder = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="meetings_recorded")
    should = models.PositiveIntegerField(null=True, blank=True)
    present = models.PositiveIntegerField(null=True, blank=True)
    on_leave = models.PositiveIntegerField(null=True, blank=True)
    voters = models.PositiveIntegerField(null=True, blank=True)  # should attend with the right to vote
    voters_present = models.PositiveIntegerField(null=True, blank=True)
    is_valid = models.BooleanField(null=True, blank=True)  # attendance against the kind's quorum row; null: none asked or not known
    values = models.JSONField(default=dict)
    holder = models.CharField(max_length=80, blank=True)  # of the paper file, for kinds whose words are not held
    paper_file = models.CharField(max_length=80, blank=True)
    version = models.PositiveSmallIntegerField(default=0)
    amending = models.CharField(max_length=300, blank=True)  # why signed minutes are being changed; empty once both signed again
    occurrence = models.CharField(max_length=40, unique=True, null=True, blank=True)  # what a series made once
    has_both_sides = models.BooleanField(default=False)  # an item of the other side left a resolution with an owner
    is_personal = models.BooleanField(default=False)  # the secretary chaired a Party-building item
    lecturer = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    excellent = models.PositiveIntegerField(null=True, blank=True)  # tally of a democratic appraisal
    appraised = models.PositiveIntegerField(null=True, blank=True)
    cancelled_reason = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=80, blank=True)  # the file or official system it was brought from; empty: kept here
    created_by = models.CharField(max_length=64)
    created_label = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["node", "kind", "year", "number"], name="meeting_number_once"),
            models.CheckConstraint(condition=Q(state__in=MeetingState.values), name="meeting_known_state"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_start"),
            models.CheckConstraint(
                condition=Q(state__in=HELD_STATES, held_on__isnull=False) | (~Q(state__in=HELD_STATES) & Q(held_on__isnull=True)),
                name="meeting_held_when",
            ),
            models.CheckConstraint(condition=~Q(state=MeetingState.CANCELLED) | ~Q(cancelled_reason=""), name="meeting_cancelled_why"),
            models.CheckConstraint(condition=~Q(state=MeetingState.SIGNED) | Q(version__gte=1), name="meeting_signed_has_version"),
            models.CheckConstraint(
                condition=Q(amending="") | Q(state=MeetingState.HELD, version__gte=1), name="meeting_amending_what_was_signed"
            ),
            models.CheckConstraint(condition=Q(present__isnull=True) | Q(present__lte=F("should")), name="meeting_present_within_should"),
            models.CheckConstraint(
                condition=Q(voters_present__isnull=True) | Q(voters_present__lte=F("voters")), name="meeting_voters_present_within"
            ),
            models.CheckConstraint(condition=Q(excellent__isnull=True) | Q(excellent__lte=F("appraised")), name="meeting_excellent_within"),
        ]
        indexes = [
            models.Index(fields=["node", "kind", "held_on"], name="meeting_node_kind_held"),
            models.Index(fields=["starts_at", "id"], name="meeting_start"),
            models.Index(fields=["partner", "starts_at"], condition=Q(partner__isnull=False), name="meeting_partner"),
            models.Index(fields=["held_on", "kind"], condition=Q(held_on__isnull=False), name="meeting_held"),
        ]

    def __str__(self) -> str:
        return self.title


class Topic(models.TextChoices):
    """What an item of an agenda is about, as rules and figures count it."""

    FIRST_AGENDA = "first_agenda", _("first agenda item")
    PARTY_BUILDING = "party_building", _("Party building")
    STRICT_GOVERNANCE = "strict_governance", _("strict Party governance")
    STUDY = "study", _("study")
    LECTURE = "lecture", _("lecture")
    BUSINESS = "business", _("production and operations")
    DECISION = "decision", _("major decision")
    PERSONNEL = "personnel", _("personnel")
    ELECTION = "election", _("election")
    ADMISSION = "admission", _("admission of members")
    RECTIFICATION = "rectification", _("rectification")
    OTHER = "other", _("other")


class AgendaItem(models.Model):
    """An item, what was said on it, and differing opinions word by word. A kind whose words are not held has titles only."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    side = models.CharField(max_length=10, choices=Side.choices)
    topic = models.CharField(max_length=20, choices=Topic.choices, default=Topic.OTHER)
    record_kind = models.CharField(max_length=40, blank=True)  # an open matter, a linked objective, a production problem it names
    record_id = models.CharField(max_length=64, blank=True)
    speaker = models.CharField(max_length=80, blank=True)
    points = models.TextField(blank=True)
    differing = models.TextField(blank=True)

    class Meta:
        ordering = ["meeting_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "position"], name="agenda_position_once"),
            models.CheckConstraint(condition=Q(topic__in=Topic.values), name="agenda_known_topic"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="agenda_known_side"),
        ]
        indexes = [models.Index(fields=["record_kind", "record_id"], name="agenda_record")]

    def __str__(self) -> str:
        return self.title

    @property
    def record(self) -> Reference | None:
        return Reference(self.record_kind, self.record_id) if self.record_kind else None


class Presence(models.TextChoices):
    PRESENT = "present", pgettext_lazy("attendance", "present")
    LEAVE = "leave", _("on leave")
    ABSENT = "absent", _("absent")
    EXCLUDED = "excluded", _("left out with approval")
    SIT_IN = "sit_in", _("sits in")


class Attendance(models.Model):
    """One person at one meeting: should attend or sits in, came or not and why not."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendance")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attendance")
    presence = models.CharField(max_length=8, choices=Presence.choices, blank=True)  # empty: not recorded yet, never taken for absent
    votes = models.BooleanField(default=False)
    reason = models.CharField(max_length=120, blank=True)
    excluded_for = models.CharField(max_length=12, choices=ExclusionReason.choices, blank=True)

    class Meta:
        ordering = ["meeting_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person"], name="attendance_once"),
            models.CheckConstraint(condition=Q(presence__in=["", *Presence.values]), name="attendance_known_presence"),
            models.CheckConstraint(
                condition=~Q(presence__in=[Presence.LEAVE, Presence.ABSENT]) | ~Q(reason=""), name="attendance_reason_of_absence"
            ),
        ]
        indexes = [models.Index(fields=["person", "presence"], name="attendance_person")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.meeting_id}"


class Minutes(models.Model):
    """The minutes as they were signed, by version; never changed afterwards. Both signatures belong to the version."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=300, blank=True)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    chair_label = models.CharField(max_length=200)
    chair_uid = models.CharField(max_length=64)
    recorder_label = models.CharField(max_length=200)
    recorder_uid = models.CharField(max_length=64)
    signed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["meeting_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="minutes_version_once"),
            models.CheckConstraint(condition=~Q(chair_uid=F("recorder_uid")), name="minutes_two_signatures"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="minutes_changed_why"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} v{self.number}"


class Signature(models.Model):
    """One half of a signing: whoever signs first leaves it here; the second signature makes the version and removes both."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="signatures")
    part = models.CharField(max_length=8, choices=[("chair", _("chair")), ("recorder", _("recorder"))])
    digest = models.CharField(max_length=64)  # of the text that was signed; another text makes it void
    by_uid = models.CharField(max_length=64)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["meeting_id", "part"]
        constraints = [models.UniqueConstraint(fields=["meeting", "part"], name="signature_once")]

    def __str__(self) -> str:
        return f"{self.part} of {self.meeting_id}"


class Resolution(models.Model):
    """What was agreed. Either it needs no follow-up, or it is a matter with a leader and a handler; nothing in between is signed."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="resolutions")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, null=True, blank=True, related_name="resolutions")
    text = models.CharField(max_length=500)
    side = models.CharField(max_length=10, choices=Side.choices)
    needs_follow_up = models.BooleanField(default=True)
    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="resolution")
    is_deployed = models.BooleanField(default=False)  # deploys work of the other side: counted by 部署落实率

    class Meta:
        ordering = ["meeting_id", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=Side.values), name="resolution_known_side"),
            models.CheckConstraint(condition=Q(needs_follow_up=True) | Q(matter__isnull=True), name="resolution_matter_is_follow_up"),
        ]

    def __str__(self) -> str:
        return self.text


class VoteKind(models.TextChoices):
    """Which rule row decides (DOMAIN 2.5)."""

    ASSEMBLY = "assembly", _("assembly, ordinary")
    ADMISSION = "admission", _("admission or confirmation")
    ELECTION = "election", _("election")
    BRANCH_COMMITTEE = "branch_committee", _("branch committee")
    COMMITTEE = "committee", _("Party committee, ordinary")
    CADRES = "cadres", _("Party committee, cadres")


class Vote(models.Model):
    """A vote by the tellers' counts; ballots stay on paper. The row that decided and its numbers stay with it.

    Until it is counted, `is_valid` is empty: candidates stand and ballots can be printed before anybody has come.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="votes")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, null=True, blank=True, related_name="votes")
    kind = models.CharField(max_length=20, choices=VoteKind.choices)
    row = models.ForeignKey(RuleRow, on_delete=models.PROTECT, related_name="+")
    should = models.PositiveIntegerField(null=True, blank=True)
    present = models.PositiveIntegerField(null=True, blank=True)
    written = models.PositiveIntegerField(default=0)  # prior written opinions for, where the row counts them
    issued = models.PositiveIntegerField(null=True, blank=True)
    returned = models.PositiveIntegerField(null=True, blank=True)
    valid = models.PositiveIntegerField(null=True, blank=True)
    votes_for = models.PositiveIntegerField(null=True, blank=True)  # null: an election, see its candidates
    against = models.PositiveIntegerField(null=True, blank=True)
    abstained = models.PositiveIntegerField(null=True, blank=True)
    seats = models.PositiveSmallIntegerField(null=True, blank=True)
    monitor = models.CharField(max_length=80, blank=True)  # 监票人
    counter = models.CharField(max_length=80, blank=True)  # 计票人
    is_by_election = models.BooleanField(default=False)  # 补选: fills a seat, starts no term
    second_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="second_ballots")
    holder = models.CharField(max_length=80, blank=True)  # of the paper file, for cadres: no name and no words of it are held
    paper_file = models.CharField(max_length=80, blank=True)
    is_valid = models.BooleanField(null=True, blank=True)
    is_passed = models.BooleanField(null=True, blank=True)
    why = models.JSONField(default=dict)  # the numbers compared, for the sentence on the page
    voided_reason = models.CharField(max_length=300, blank=True)
    appointed_on = models.DateField(null=True, blank=True)  # from which day those elected were appointed, by a person's act
    appointed_document = models.CharField(max_length=80, blank=True)  # 批复 or 备案

    class Meta:
        ordering = ["meeting_id", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=VoteKind.values), name="vote_known_kind"),
            models.CheckConstraint(condition=Q(present__lte=F("should")), name="vote_present_within_should"),
            models.CheckConstraint(condition=Q(returned__isnull=True) | Q(returned__lte=F("issued")), name="vote_returned_within_issued"),
            models.CheckConstraint(condition=Q(valid__isnull=True) | Q(valid__lte=F("returned")), name="vote_valid_within_returned"),
            models.CheckConstraint(
                condition=Q(is_valid__isnull=True) | Q(should__isnull=False, present__isnull=False), name="vote_counted_has_numbers"
            ),
            models.CheckConstraint(
                condition=~Q(kind=VoteKind.CADRES)
                | (~Q(holder="") & ~Q(paper_file="") & Q(item__isnull=True, monitor="", counter="", seats__isnull=True)),
                name="vote_cadres_names_nobody",
            ),
            models.CheckConstraint(condition=~Q(is_valid=False) | Q(is_passed__isnull=True), name="vote_invalid_is_not_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.meeting_id}"


class Candidate(models.Model):
    """One candidate of an election and the tellers' count. Only grassroots elections: cadre votes are not held."""

    vote = models.ForeignKey(Vote, on_delete=models.CASCADE, related_name="candidates")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    office = models.CharField(
        max_length=12, choices=[("secretary", _("secretary")), ("deputy", _("deputy secretary")), ("committee", _("committee member"))]
    )
    is_written_in = models.BooleanField(default=False)
    votes_for = models.PositiveIntegerField(null=True, blank=True)
    against = models.PositiveIntegerField(null=True, blank=True)
    abstained = models.PositiveIntegerField(null=True, blank=True)
    is_elected = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["vote_id", "position"]
        constraints = [models.UniqueConstraint(fields=["vote", "position"], name="candidate_position_once")]

    def __str__(self) -> str:
        return self.name


class TalkPair(models.TextChoices):
    COMMITTEE_COMMITTEE = "committee_committee", _("between committee members")
    COMMITTEE_MEMBER = "committee_member", _("committee member and member")
    MEMBER_MEMBER = "member_member", _("between members")


class Talk(models.Model):
    """谈心谈话: that two people talked, and when. No field holds what was said."""

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="talks")
    pair = models.CharField(max_length=20, choices=TalkPair.choices)
    first = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    is_voided = models.BooleanField(default=False)  # entered by mistake; why is not held
    recorded_by = models.CharField(max_length=64)

    class Meta:
        ordering = ["-on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["node", "first", "second", "on"], condition=Q(is_voided=False), name="talk_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="talk_two_people"),
            models.CheckConstraint(condition=Q(pair__in=TalkPair.values), name="talk_known_pair"),
        ]
        indexes = [models.Index(fields=["node", "on"], name="talk_node_on")]

    def __str__(self) -> str:
        return f"{self.pair} {self.on}"


class TermStepKind(models.TextChoices):
    """Papers on the way to a re-election."""

    REMINDER = "reminder", _("reminder of the superior")
    REQUEST_ELECTION = "request_election", _("request to hold the election")
    REPLY_ELECTION = "reply_election", _("reply to the request")
    REQUEST_EXTENSION = "request_extension", _("request for an extension")
    REPLY_EXTENSION = "reply_extension", _("extension approved")
    REPORT = "report", _("result reported")


class TermStep(models.Model):
    """A step of re-election on paper: what, when, under which number. Later ones never change earlier ones."""

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="term_steps")
    kind = models.CharField(max_length=20, choices=TermStepKind.choices)
    term_from = models.DateField(null=True, blank=True)  # the election that began the term it belongs to
    on = models.DateField()
    document = models.CharField(max_length=80, blank=True)  # 请示 or 批复 number; a reminder may have been a call
    extends_to = models.DateField(null=True, blank=True)
    recorded_label = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=TermStepKind.values), name="term_step_known_kind"),
            models.CheckConstraint(condition=Q(kind=TermStepKind.REMINDER) | ~Q(document=""), name="term_step_has_document"),
            models.CheckConstraint(
                condition=~Q(kind__in=[TermStepKind.REQUEST_EXTENSION, TermStepKind.REPLY_EXTENSION]) | Q(extends_to__isnull=False),
                name="term_step_extension_to",
            ),
        ]
        indexes = [models.Index(fields=["node", "on"], name="term_step_node_on")]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"
