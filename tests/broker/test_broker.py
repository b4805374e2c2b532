"""`cpod ingest nats://...` against a real server: every message is recorded once, or held."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from brokers import Broker

import cli
from cli.main import run
from ledger import Ledger
from ledger.commands.sources.jetstream import JetStreamFeed
from ledger.errors import CpodError

ROOT = Path(cli.__file__).parents[1]
STRUCTURED = {"content-type": "application/cloudevents+json; charset=UTF-8"}
BATCH = {"content-type": "application/cloudevents-batch+json"}


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    found = Broker(tmp_path_factory.mktemp("broker"))
    yield found
    found.stop()


@pytest.fixture
def ingest(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)

    def ingested(url, *words):
        capsys.readouterr()
        code = run(["ingest", "--init", url, "--until-empty", "--format", "json", *words])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return ingested


@pytest.fixture(params=["sqlite", "postgres"])
def ledger_url(request, monkeypatch):
    """Where the ledger is that is written to, in either database."""
    url = "sqlite:///cpod.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    monkeypatch.setenv("CPOD_LEDGER", url)
    return url


def event(number, **data):
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "urn:desk",
        "type": "case.closed",
        "time": "2025-03-01T10:00:00Z",
        "data": {"case": f"C{number}", **data},
    }


def body(number, **data):
    return json.dumps(event(number, **data)).encode()


def binary(number, **more):
    sent = event(number)
    headers = {f"ce-{name}": value for name, value in sent.items() if name != "data"}
    return json.dumps(sent["data"]).encode(), headers | more


def stored(url="sqlite:///cpod.db"):
    with Ledger.open(url) as ledger:
        return [json.loads(row.state) for row in ledger.log.read(0)]


def held(url="sqlite:///cpod.db"):
    with Ledger.open(url) as ledger:
        return ledger.log.quarantine_rows()


def test_structured_binary_and_batches_are_one_event_each(broker, ingest):
    both = json.dumps([event(3), event(4)]).encode()
    broker.publish(
        "MODES",
        (body(1), STRUCTURED),
        (body(2), None),
        (both, BATCH),
        binary(5, **{"content-type": "application/json", "ce-team": "Z%C3%BCrich%20%22Nord%22"}),
    )
    code, receipt, _ = ingest(broker.url("MODES"))
    assert (code, receipt["read"], receipt["appended"]) == (0, 5, 5)
    found = stored()
    assert [one["id"] for one in found] == ["e1", "e2", "e3", "e4", "e5"]
    assert found[4]["team"] == 'Zürich "Nord"'
    assert found[4]["data"] == {"case": "C5"}
    assert broker.left("MODES", "cpod") == 0


def test_the_same_event_in_two_modes_is_a_duplicate(broker, ingest):
    broker.publish("TWICE", (body(1), STRUCTURED), binary(1), (body(1), None))
    code, receipt, _ = ingest(broker.url("TWICE"))
    assert (code, receipt["appended"], receipt["duplicates"]) == (0, 1, 2)


def test_poison_is_held_as_it_came_and_does_not_come_again(broker, ingest, ledger_url):
    broken = binary(9, **{"content-type": "text/plain"})
    stream = f"POISON-{ledger_url.partition(':')[0]}"
    broker.publish(
        stream,
        (b"\xff{", STRUCTURED),
        (b'{"a": 1, "a": 2}', None),
        (b"[{}", BATCH),
        (b"{}", BATCH),
        (b"no json", broken[1]),
        (body(1), STRUCTURED),
    )
    code, receipt, err = ingest(broker.url(stream, consumer="one"))
    assert (code, receipt["read"], receipt["refused"], receipt["appended"]) == (1, 6, 5, 1)
    lines = held(ledger_url)
    assert [line.line for line in lines] == [1, 2, 3, 4, 5]
    assert [line.code for line in lines[:4]] == ["bad-json"] * 4
    assert [line.raw for line in lines[:4]] == [b"\xff{", b'{"a": 1, "a": 2}', b"[{}", b"{}"]
    assert json.loads(lines[4].raw)["data_base64"] == "bm8ganNvbg=="
    assert {line.file for line in lines} == {f"{broker.address}/{stream}"}
    assert broker.left(stream, "one") == 0
    assert "Traceback" not in err
    code, receipt, _ = ingest(broker.url(stream, consumer="one"))
    assert (code, receipt["read"]) == (0, 0)


def test_what_waited_is_released_once_what_it_waits_for_has_come(broker, ingest):
    late = {
        **event(1),
        "type": "contract.mapped",
        "data": {"contract": "K", "workspace": "W"},
    }
    signed = {
        **event(2),
        "type": "contract.signed",
        "data": {"contract": "K", "customer": "c", "name": "K", "starts_on": "2025-01-01"},
    }
    made = {
        **event(3),
        "type": "workspace.created",
        "data": {"workspace": "W", "customer": "c", "name": "W"},
    }
    sent = [(json.dumps(one).encode(), STRUCTURED) for one in (late, signed, made)]
    broker.publish("LATE", *sent)
    code, receipt, _ = ingest(broker.url("LATE"), "--batch-size", "1")
    assert (code, receipt["appended"], receipt["refused"]) == (0, 3, 0)


def test_it_ends_after_too_many_errors_and_goes_on_behind_them(broker, ingest):
    broker.publish("ERRORS", *[(b"x%d" % number, None) for number in range(7)], (body(1), None))
    words = ("--max-errors", "3", "--batch-size", "2")
    code, receipt, err = ingest(broker.url("ERRORS"), *words)
    assert (code, receipt["refused"]) == (1, 4)
    assert "the same command goes on" in err
    code, receipt, _ = ingest(broker.url("ERRORS"))
    assert (code, receipt["refused"], receipt["appended"]) == (1, 3, 1)


KILLED = """
import os, sys
from ledger.commands.sources.jetstream import JetStreamFeed
from cli.main import run
JetStreamFeed.acknowledge = lambda self, messages: os.kill(os.getpid(), 9)
run(sys.argv[1:])
"""


def test_killed_between_the_commit_and_the_acknowledgement_it_counts_nothing_twice(
    broker, ingest, ledger_url
):
    stream = f"KILLED-{ledger_url.partition(':')[0]}"
    broker.publish(stream, *[(body(number), STRUCTURED) for number in range(20)])
    broker.consumer(stream, "job", ack_wait=1)
    url = broker.url(stream, consumer="job")
    words = ["ingest", "--init", url, "--until-empty"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *words],
        check=False,
        env=environment,
        capture_output=True,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(stored(ledger_url)) == 20
    assert broker.left(stream, "job") == 20
    code, receipt, _ = ingest(url)
    assert (code, receipt["appended"], receipt["duplicates"]) == (0, 0, 20)
    assert broker.left(stream, "job") == 0


def test_a_broker_that_comes_back_is_gone_on_with(tmp_path, ingest):
    own = Broker(tmp_path / "own")
    own.publish("AWAY", *[(body(number), STRUCTURED) for number in range(3)])
    url = own.url("AWAY")
    results = []
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cli", "ingest", "--init", url, "--format", "json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as job:
        reader = threading.Thread(target=lambda: results.append(job.communicate()[0]))
        reader.start()
        wait_for(lambda: Path("cpod.db").exists() and len(stored()) == 3)
        own.stop()
        own.start()
        own.publish("AWAY", (body(7), STRUCTURED))
        wait_for(lambda: len(stored()) == 4)
        job.terminate()
        reader.join(20)
        assert job.returncode == 143
    own.stop()
    assert json.loads(results[0])["appended"] == 4


def wait_for(condition):
    for _ in range(300):
        with suppress(CpodError):  # the ledger is being made
            if condition():
                return
        time.sleep(0.1)
    raise AssertionError("it did not come true")


def test_no_broker_no_stream_and_wrong_addresses_are_one_line_each(broker, tmp_path, ingest):
    cases = [
        (f"nats://127.0.0.1:{broker.port}/NOWHERE", 2, "no stream NOWHERE"),
        ("nats://127.0.0.1:1/S", 5, "does not answer"),
        ("nats://127.0.0.1:4222", 2, "names a host and a stream"),
        ("nats://127.0.0.1:x/S", 2, "no address of a broker"),
        ("nats://127.0.0.1/S?consumer=a.b", 2, "can be named"),
        ("nats://127.0.0.1/S?who=x", 2, "has no who"),
        ("nats://127.0.0.1/S?consumer=a&consumer=b", 2, "has consumer twice"),
    ]
    for url, expected, said in cases:
        code, receipt, err = ingest(url)
        assert (code, receipt) == (expected, None), err
        assert said in err
        assert len(err.splitlines()) == 1


CONSUMERS = {
    "pushes": ({"deliver_subject": "elsewhere"}, "pushes its messages"),
    "pushes to a group": (
        {"deliver_subject": "elsewhere", "deliver_group": "g"},
        "pushes its messages",
    ),
    "acknowledges nothing": ({"ack_policy": "none"}, "does not wait until each message"),
    "acknowledges all": ({"ack_policy": "all"}, "does not wait until each message"),
    "has no bodies": ({"headers_only": True}, "leaves out the bodies"),
    "is of others": ({"filter_subject": "FIT.y"}, "is there, for other subjects than FIT.x"),
}


@pytest.mark.parametrize("given, said", CONSUMERS.values(), ids=CONSUMERS)
def test_a_consumer_that_cannot_be_relied_on_is_refused(broker, ingest, given, said):
    """At once and in one line; no message of it is taken, let alone lost."""
    broker.publish("FIT", (body(1), STRUCTURED))
    name = said.partition(" ")[0] + str(len(given)) + given.get("ack_policy", "")
    broker.add_consumer("FIT", name, **given)
    url = broker.url("FIT", consumer=name, subject="FIT.x")
    code, receipt, err = ingest(url)
    assert (code, receipt) == (2, None)
    assert said in err
    assert "consumer" in err
    assert len(err.splitlines()) == 1
    assert not Path("cpod.db").exists() or stored() == []


def test_a_consumer_with_limits_is_asked_for_no_more_than_it_gives(broker, ingest):
    broker.publish("LIMITS", *[(body(number), STRUCTURED) for number in range(9)])
    broker.add_consumer("LIMITS", "small", max_batch=2, max_expires=400_000_000)
    code, receipt, _ = ingest(broker.url("LIMITS", consumer="small"), "--batch-size", "6")
    assert (code, receipt["appended"]) == (0, 9)


class Waiting:
    """A job that waits for messages; what it says comes as it says it."""

    def __init__(self, url, *words):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "CPOD_LANG": "en"}
        command = [sys.executable, "-m", "cli", "ingest", "--init", url, *words]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def end(self):
        """Return the exit code and what was said, once it has ended by itself."""
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


@pytest.mark.parametrize("gone", ["stream", "consumer"])
def test_a_stream_or_consumer_that_is_gone_while_it_is_read_ends_the_run(
    broker, tmp_path, monkeypatch, gone
):
    """It says so in one line, whatever was committed stays, and nothing is waited for."""
    monkeypatch.chdir(tmp_path)
    stream = f"GONE-{gone}"
    broker.publish(stream, (body(1), STRUCTURED))
    job = Waiting(broker.url(stream))
    wait_for(lambda: Path("cpod.db").exists() and len(stored()) == 1)

    async def remove(context):
        if gone == "stream":
            await context.delete_stream(stream)
        else:
            await context.delete_consumer(stream, "cpod")

    broker.do(remove)
    code, err = job.end()
    said = {
        "stream": f"has no stream {stream}: name one",
        "consumer": f"the consumer cpod of {broker.address}/{stream} is gone",
    }
    lines = err.splitlines()
    assert code == 2
    assert said[gone] in lines[-1]
    assert len(stored()) == 1


def test_what_was_delivered_to_somebody_else_is_waited_for(broker, ingest, monkeypatch):
    """Two messages that another one has not acknowledged come when it has had its time."""
    monkeypatch.setattr("ledger.commands.sources.broker.WORD_SECONDS", 0.5)
    broker.publish("OTHERS", (body(1), STRUCTURED), (body(2), STRUCTURED))
    broker.consumer("OTHERS", "job", ack_wait=2)

    async def take(context):
        subscription = await context.pull_subscribe("", durable="job", stream="OTHERS")
        await subscription.fetch(2)

    broker.do(take)
    code, receipt, err = ingest(broker.url("OTHERS", consumer="job"))
    assert (code, receipt["appended"]) == (0, 2)
    word = f"cpod: no message of {broker.address}/OTHERS for "
    assert all(line.startswith(word) for line in err.splitlines())


def test_a_broker_that_is_away_is_said_once_and_waited_for(tmp_path, ingest, monkeypatch):
    monkeypatch.setattr("ledger.commands.sources.jetstream.AWAY_SECONDS", 2.0)
    own = Broker(tmp_path / "own")
    own.publish("LOST", (body(1), STRUCTURED))
    acknowledge = JetStreamFeed.acknowledge

    def acknowledged(feed, messages):
        acknowledge(feed, messages)
        own.stop()

    monkeypatch.setattr(JetStreamFeed, "acknowledge", acknowledged)
    code, receipt, err = ingest(own.url("LOST"))
    assert (code, receipt["appended"]) == (5, 1)
    said = [line for line in err.splitlines() if "is away: it is waited for" in line]
    assert len(said) == 1


def test_a_broker_without_jetstream_and_one_that_forbids_it_say_so(tmp_path, ingest, monkeypatch):
    monkeypatch.setattr("ledger.commands.sources.jetstream._ANSWER_SECONDS", 1.0)
    plain = Broker(tmp_path / "plain", jetstream=False)
    code, _, err = ingest(plain.url("S"))
    plain.stop()
    assert (code, "JetStream is not enabled there" in err) == (5, True)
    rights = tmp_path / "rights.conf"
    rights.write_text(
        'authorization { users = [{user: u, password: p, permissions: {publish: "x"}}] }'
    )
    strict = Broker(tmp_path / "strict", "-c", str(rights))
    code, _, err = ingest(strict.url("S").replace("//", "//u:p@"))
    strict.stop()
    assert code == 5
    assert "permissions violation" in err.lower()
    assert len(err.splitlines()) == 1


def test_headers_that_came_twice_or_are_no_utf_8_are_held_as_they_came(broker, ingest):
    broker.publish("HEADERS")
    sent = [
        (f"ce-{name}".encode(), value.encode())
        for name, value in event(1).items()
        if name != "data"
    ]
    data = b'{"case": "C1"}'
    broker.raw("HEADERS.x", [*sent, (b"CE-Id", b"other")], data)
    broker.raw("HEADERS.x", [*sent, (b"ce-team", b"\xe9")], data)
    broker.raw("HEADERS.x", [*sent, (b"ce-team", b"%FF")], data)
    broker.raw("HEADERS.x", [*sent, (b"ce-team", "Z\u00fcrich".encode())], data)
    code, receipt, _ = ingest(broker.url("HEADERS"))
    assert (code, receipt["refused"], receipt["appended"]) == (1, 3, 1)
    assert [line.code for line in held()] == ["bad-json"] * 3
    assert b'"other"' in held()[0].raw
    assert b'"\xe9"' in held()[1].raw
    assert stored()[0]["team"] == "Z\u00fcrich"


def test_a_password_is_never_shown(tmp_path, ingest):
    own = Broker(tmp_path / "own", "--user", "ann", "--pass", "s3cret")
    own.publish("SECRET", (b"poison", None), user="ann", password="s3cret")
    address = f"nats://ann:s3cret@127.0.0.1:{own.port}/SECRET"
    code, receipt, err = ingest(address)
    assert (code, receipt["refused"]) == (1, 1)
    wrong, _, said = ingest(address.replace("s3cret", "s3krit"))
    assert wrong == 5
    own.stop()
    shown = err + said + json.dumps(receipt) + held()[0].file
    assert "s3" not in shown
    assert "ann" not in shown
