"""A real NATS server with JetStream, and messages put into its streams."""

import asyncio
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nats
from nats.js.api import ConsumerConfig

SERVER = Path(sys.executable).with_name("nats-server")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Broker:
    """One server on a port and in a directory that it keeps, so that it can come back."""

    def __init__(self, directory, *extra, jetstream=True):
        self.port = free_port()
        self.directory = directory
        self._extra = (*(("-js",) if jetstream else ()), *extra)
        self._process = None
        self.start()

    @property
    def address(self):
        return f"nats://127.0.0.1:{self.port}"

    def url(self, stream, **query):
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return f"{self.address}/{stream}?{asked}" if asked else f"{self.address}/{stream}"

    def start(self):
        program = str(SERVER) if SERVER.exists() else shutil.which("nats-server")
        assert program, "nats-server comes with the lock"
        words = ["-a", "127.0.0.1", "-p", str(self.port), "-sd", str(self.directory)]
        self._process = subprocess.Popen(
            [program, *words, *self._extra], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the broker did not start")

    def stop(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def do(self, work, **login):
        """Return what comes of `await work(stream context)`."""

        async def done():
            client = await nats.connect(self.address, **login)
            try:
                return await work(client.jetstream())
            finally:
                await client.close()

        return asyncio.run(done())

    def publish(self, stream, *messages, **login):
        """Put (body, headers) into a stream, which is made where there is none."""

        async def work(context):
            await context.add_stream(name=stream, subjects=[f"{stream}.>"])
            for body, headers in messages:
                await context.publish(f"{stream}.x", body, headers=headers)

        self.do(work, **login)

    def consumer(self, stream, name, ack_wait):
        """Make a consumer that delivers again after so many seconds."""

        async def work(context):
            config = ConsumerConfig(ack_wait=ack_wait)
            await context.pull_subscribe("", durable=name, stream=stream, config=config)

        self.do(work)

    def add_consumer(self, stream, name, **config):
        """Make a consumer of any kind; the server knows settings that the client does not."""
        request = {
            "stream_name": stream,
            "config": {"durable_name": name, "name": name, "ack_policy": "explicit"} | config,
        }

        async def work(context):
            subject = f"$JS.API.CONSUMER.CREATE.{stream}.{name}"
            answer = await context._nc.request(subject, json.dumps(request).encode(), timeout=5)
            assert "error" not in json.loads(answer.data), answer.data

        self.do(work)

    def raw(self, subject, headers, body):
        """Publish a message with headers of any bytes, also twice, as no client would."""
        head = b"NATS/1.0\r\n" + b"".join(b"%b: %b\r\n" % pair for pair in headers) + b"\r\n"
        with socket.create_connection(("127.0.0.1", self.port)) as broker:
            broker.sendall(
                b'CONNECT {"verbose":false,"headers":true}\r\nHPUB %b %d %d\r\n%b%b\r\nPING\r\n'
                % (subject.encode(), len(head), len(head) + len(body), head, body)
            )
            seen = b""
            while b"PONG" not in seen:
                seen += broker.recv(4096)

    def left(self, stream, name):
        """Return how many messages a consumer has not acknowledged yet."""

        async def work(context):
            info = await context.consumer_info(stream, name)
            return info.num_pending + info.num_ack_pending

        return self.do(work)
