"""The address that the program listens on."""

from __future__ import annotations

import asyncio
import signal
import socket

import pytest

from bot.web.server import CannotListen, WebServer

LOCALHOST = "127.0.0.1"


@pytest.mark.enable_socket
async def test_a_port_that_is_taken_is_named_at_once() -> None:
    first = WebServer(LOCALHOST, 0, [])
    with pytest.raises(CannotListen) as caught:
        WebServer(LOCALHOST, first.port, [])
    assert (caught.value.port, caught.value.why) == (first.port, "Address already in use")
    await first.stop()


@pytest.mark.enable_socket
def test_a_name_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(CannotListen) as caught:
        WebServer("tidak.ada", 8443, [])
    assert (caught.value.host, caught.value.why) == ("tidak.ada", "Name or service not known")


@pytest.mark.enable_socket
async def test_it_takes_no_signals_and_may_be_stopped_twice() -> None:
    before = signal.getsignal(signal.SIGTERM)
    server = WebServer(LOCALHOST, 0, [])
    await server.start()
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(LOCALHOST, server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 404 ")
        writer.close()
    assert signal.getsignal(signal.SIGTERM) is before
    await server.stop()
    await server.stop()
