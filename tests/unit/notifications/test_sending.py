"""The outbox: once, not at night, one digest, tried again, never inside the network, never the title of a restricted matter."""

import json
from datetime import date, datetime
from typing import Any

import pytest
from django.core import mail
from tests.town import Town

from rongtong.kernel import clock
from rongtong.kernel.errors import Refused
from rongtong.ledger import actions as ledger
from rongtong.ledger.actions import NewMatter, Parts
from rongtong.notifications import actions, sending
from rongtong.notifications.actions import NewChannel
from rongtong.notifications.models import Channel, Note, Outgoing

ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc"
DUE = date(2026, 12, 20)


@pytest.fixture
def told(town: Town, settings: Any) -> Town:
    settings.EMAIL_HOST = "mail.example"
    actions.set_channel(by=town.li, channel=NewChannel(mail="li@example.com", robot=ROBOT))
    return town


def deploy(town: Town, title: str = "查返工", **more: Any) -> None:
    ledger.deploy(by=town.zhou, new=NewMatter(title, "both", town.shop, DUE, Parts(town.secretary, town.deputy), **more))


class Robot:
    """What was posted, and what is answered."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.posted = list(answers), []  # type: ignore[var-annotated]

    def __call__(self, url: str, body: bytes) -> bytes:
        self.posted.append((url, json.loads(body)))
        answer = self.answers.pop(0) if self.answers else {"errcode": 0}
        return json.dumps(answer).encode()


def test_a_note_also_goes_by_mail_and_robot_once(told: Town) -> None:
    deploy(told)
    robot = Robot()
    assert sending.drain(robot) == 2
    assert [m.to for m in mail.outbox] == [["li@example.com"]]
    assert "查返工" in mail.outbox[0].subject
    assert robot.posted == [(ROBOT, {"msgtype": "text", "text": {"content": "Assigned to you: 查返工"}})]
    assert sending.drain(robot) == 0
    assert Note.objects.filter(to=told.li).count() == 1


def test_the_same_is_said_once_a_day(told: Town) -> None:
    from rongtong.ledger.models import Matter

    deploy(told)
    sending.drain(Robot())
    matter = Matter.objects.get()
    ledger.urge(by=told.zhou, matter=matter)
    ledger.urge(by=told.zhou, matter=matter)
    assert Outgoing.objects.filter(sent_at=None).count() == 2  # one by mail, one by robot, for two urges
    with clock.frozen(datetime(2026, 11, 24, 9, 0)):
        ledger.urge(by=told.zhou, matter=matter)
    assert Outgoing.objects.filter(sent_at=None).count() == 4


def test_nobody_is_disturbed_at_night(told: Town) -> None:
    with clock.frozen(datetime(2026, 11, 23, 22, 30)):
        deploy(told)
        assert sending.drain(Robot()) == 0
    with clock.frozen(datetime(2026, 11, 24, 7, 59)):
        assert sending.drain(Robot()) == 0
    with clock.frozen(datetime(2026, 11, 24, 8, 0)):
        assert sending.drain(Robot()) == 2


def test_a_digest_is_one_message_the_next_morning(told: Town) -> None:
    Channel.objects.update(is_digest=True, robot="")
    for title in ("甲", "乙", "丙"):
        deploy(told, title)
    assert sending.drain() == 0
    with clock.frozen(datetime(2026, 11, 24, 8, 1)):
        assert sending.drain() == 1
    [sent] = mail.outbox
    assert sent.subject == "Rongtong: 3 messages" and sent.body.count("\n") == 2


def test_a_failure_is_kept_and_tried_again_later(told: Town) -> None:
    Channel.objects.update(mail="")
    deploy(told)
    robot = Robot({"errcode": 93000, "errmsg": "invalid webhook"})
    assert sending.drain(robot) == 0
    row = Outgoing.objects.get()
    assert (row.attempts, "93000" in row.error) == (1, True)
    assert sending.drain(robot) == 0  # not yet
    with clock.frozen(datetime(2026, 11, 23, 9, 6)):
        assert sending.drain(robot) == 1
    assert len(robot.posted) == 2
    Outgoing.objects.update(sent_at=None, attempts=sending.MAX_ATTEMPTS)
    with clock.frozen(datetime(2026, 11, 25, 9, 0)):
        assert sending.drain(robot) == 0  # given up


@pytest.mark.parametrize(
    "address",
    ["http://qyapi.weixin.qq.com/x", "https://127.0.0.1/x", "https://qyapi.weixin.qq.com.evil.example/x", "https://u@open.feishu.cn/x",
     "https://open.feishu.cn:8443/x", "file:///etc/passwd"],
)  # fmt: skip
def test_a_robot_is_only_a_robot(town: Town, address: str) -> None:
    with pytest.raises(Refused, match="not the address of a group robot"):
        actions.set_channel(by=town.li, channel=NewChannel(robot=address))
    assert not Channel.objects.exists()


def test_without_a_mail_server_no_mail_is_promised(town: Town, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    with pytest.raises(Refused, match="sends no mail"):
        actions.set_channel(by=town.li, channel=NewChannel(mail="li@example.com"))


def test_restricted_titles_stay_inside(told: Town) -> None:
    deploy(told, "线索核查", is_restricted=True)
    robot = Robot()
    sending.drain(robot)
    assert "线索核查" not in mail.outbox[0].body + mail.outbox[0].subject + str(robot.posted)
    assert "线索核查" in Note.objects.get(to=told.li).text


def test_a_failing_act_leaves_no_message(told: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from rongtong.kernel import act as acts

    def broken(_act: Any) -> None:
        raise OSError("full")

    monkeypatch.setattr(acts, "_audit_writer", broken)
    with pytest.raises(OSError, match="full"):
        deploy(told)
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize(
    ("robot", "kind"),
    [("https://open.feishu.cn/open-apis/bot/v2/hook/x", "feishu"), ("https://oapi.dingtalk.com/robot/send?a=b", "dingtalk")],
)
def test_each_robot_speaks_its_own_words(told: Town, robot: str, kind: str) -> None:
    Channel.objects.update(robot=robot, mail="")
    deploy(told)
    posted = Robot({"code": 0})
    sending.drain(posted)
    [(_url, body)] = posted.posted
    assert (body.get("msg_type") == "text") == (kind == "feishu")
