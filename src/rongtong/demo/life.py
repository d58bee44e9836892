"""What meetings alone do not tell of the sample enterprise: talks, a re-election, meetings that are still to come. Deterministic; synthetic."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import numpy as np

from rongtong.demo.meeting_hosts import Host, hosts_of
from rongtong.demo.story import SEED, Story
from rongtong.demo.work import TODAY
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor, act, current
from rongtong.kernel.reference import Reference
from rongtong.meetings import actions, election_actions, recording, vote_actions
from rongtong.meetings.agenda import NewItem
from rongtong.meetings.models import Meeting, MeetingKind, Presence, Talk, TalkPair, Topic, VoteKind
from rongtong.meetings.voting import Ballots
from rongtong.organization.models import Person, Post, PostKind
from rongtong.roster import queries as roster
from rongtong.trees.models import Node

ELECTION = ("P-D3", date(2026, 9, 4))
# organisation, kind, days from today, whether the notice went out
_COMING = (
    ("P", "P-M1-1", "theme_day", 6, True), ("P", "P-M1-1", "branch_committee", 10, False), ("B", "M1-1", "operating", 13, False),
    ("P", "P0", "party_committee", 4, True), ("P", "P-M2-2", "party_building", 17, False), ("B", "G0", "operating", 14, True),
    ("P", "P-M1", "joint_meeting", 12, True),
)  # fmt: skip


def live(story: Story) -> None:
    """Talks of two years, the re-election of one branch, and what is prepared for the next weeks."""
    _talks(by=SYSTEM, story=story)
    _elect(by=SYSTEM)
    _appoint()
    _coming(by=SYSTEM)


@act("demo.talks")
def _talks(*, by: SystemActor, story: Story) -> None:
    """Most pairs of a good branch, some of a weak one; this year's are still under way."""
    rng = np.random.default_rng(SEED + 33)
    rows = [row for host in hosts_of(story, TODAY) if host.kind == "branch" for year in (2025, 2026) for row in _pairs(host, year, rng)]
    Talk.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    current().about(Reference("demo", "talks"), talks=len(rows))


def _pairs(host: Host, year: int, rng: np.random.Generator) -> Iterator[Talk]:
    committee = [person.pk for _kind, person in host.serving(host.leading, TODAY)]
    others = [one.person.pk for one in host.members if one.person.pk not in committee]
    pairs = [(TalkPair.COMMITTEE_COMMITTEE, one, other) for at, one in enumerate(committee) for other in committee[at + 1 :]]
    pairs += [(TalkPair.COMMITTEE_MEMBER, committee[at % len(committee)], member) for at, member in enumerate(others) if committee]
    pairs += [(TalkPair.MEMBER_MEMBER, one, other) for one, other in zip(others[::2], others[1::2], strict=False)]
    pairs += [(TalkPair.MEMBER_MEMBER, others[-1], others[0])] if len(others) % 2 and len(others) > 1 else []
    done = 0.0 if host.character.no_meetings else 1.0 if year == 2025 and host.character.party > 0.6 else 0.45 + 0.5 * host.character.party
    last = min(TODAY, date(year, 12, 20))
    for pair, first, second in pairs:
        if rng.random() < done:
            on = date(year, 2, 1) + timedelta(days=int(rng.integers(0, (last - date(year, 2, 1)).days)))
            yield Talk(node=host.node, pair=pair, first_id=first, second_id=second, on=on, recorded_by="demo")


@act("demo.election")
def _elect(*, by: SystemActor) -> None:
    """A branch elects its committee: more candidates than seats, papers counted by tellers, minutes signed."""
    code, on = ELECTION
    node, kind = Node.objects.get(tree="P", code=code), MeetingKind.objects.get(code="assembly")
    serving = list(Post.objects.filter(node=node, kind=PostKind.COMMITTEE).order_by("code"))
    with clock.frozen(datetime.combine(on - timedelta(days=12), time(9))):
        start = datetime.combine(on, time(14, 30), tzinfo=clock.BUSINESS_ZONE)
        item = NewItem("选举新一届支部委员会", "party", Topic.ELECTION)
        new = actions.NewMeeting(
            kind, node, start, title="换届选举党员大会", items=(item,), recorder=serving[0].appointments.order_by("-pk")[0].person
        )
        meeting = actions.prepare(by=by, new=new)
        meeting = actions.notice(by=by, meeting=meeting)
    with clock.frozen(start + timedelta(hours=2)):
        meeting = actions.hold(by=by, meeting=meeting, held_on=on)
        members = roster.members(node, on)
        rows = [
            actions.Present(one.person, Presence.PRESENT if at % 9 else Presence.LEAVE, "" if at % 9 else "出差")
            for at, one in enumerate(members)
        ]
        actions.record_attendance(by=by, meeting=meeting, rows=rows)
        meeting.refresh_from_db()
        _ballot(by, meeting, [post.appointments.order_by("-pk")[0].person for post in serving], [one.person for one in members])
    current().about(Reference("meeting", str(meeting.pk)), election=node.code)


def _ballot(by: SystemActor, meeting: Meeting, standing: list[Person], members: list[Person]) -> None:
    more = [person for person in members if person not in standing]
    tellers = vote_actions.Tellers(more[1].name, more[2].name)
    candidates = [vote_actions.NewCandidate(person.name, person) for person in (*standing, more[5])]
    item = meeting.items.order_by("position").first()
    new = vote_actions.NewVote(meeting, VoteKind.ELECTION, item, "committee", len(standing), candidates)
    vote = vote_actions.open_vote(by=by, new=new)
    present = vote.present or 0
    counts = {one.pk: (present - 2, 1, 1) if at < len(standing) else (4, present - 6, 2) for at, one in enumerate(vote.candidates.all())}
    vote_actions.count_election(by=by, vote=vote, counts=vote_actions.ElectionCounts(Ballots(present, present, present), counts, tellers))
    recording.sign_past(by=by, meetings=[meeting])


def _appoint() -> None:
    """The superior files the committee; a new term begins."""
    meeting = Meeting.objects.get(node__code=ELECTION[0], title="换届选举党员大会")
    vote = meeting.votes.get()
    posts = {
        row.person_id: row.post
        for post in Post.objects.filter(node=meeting.node, kind=PostKind.COMMITTEE)
        for row in post.appointments.all()
    }
    seats = [election_actions.Seat(one, posts[one.person_id]) for one in vote.candidates.filter(is_elected=True) if one.person_id in posts]
    on = ELECTION[1] + timedelta(days=6)
    with clock.frozen(datetime.combine(on, time(10))):
        election_actions.appoint_elected(by=SYSTEM, vote=vote, seats=seats, on=on, document="集团党委备〔2026〕17号")


@act("demo.coming")
def _coming(*, by: SystemActor) -> None:
    """Meetings of the next weeks, with the agenda that the system proposes."""
    kinds = {kind.code: kind for kind in MeetingKind.objects.all()}
    for tree, code, kind, days, is_noticed in _COMING:
        node = Node.objects.get(tree=tree, code=code)
        start = datetime.combine(TODAY + timedelta(days=days), time(14 if tree == "B" else 16), tzinfo=clock.BUSINESS_ZONE)
        partner = Node.objects.filter(tree="P", code=f"P-{code}").first() if tree == "B" and code != "G0" else None
        meeting = actions.prepare(by=by, new=actions.NewMeeting(kinds[kind], node, start, place=f"{node.name}会议室", partner=partner))
        if is_noticed:
            actions.notice(by=by, meeting=meeting)
    current().about(Reference("demo", "coming"), meetings=len(_COMING))
