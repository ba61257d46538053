"""One call: to the address that was checked, bounded in time and bytes, redirected nowhere."""

from __future__ import annotations

import datetime
import gc
import ipaddress
import re
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scrip.services.notifications import calls
from scrip.services.notifications.calls import EndpointCaller
from tests.receiver import Receiver, dripping, receiver

NAME = "hooks.example.com"


@pytest.fixture
def endpoint() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def nowhere(_host: str, _port: int) -> Sequence[str]:
    raise OSError("no such name")


def caller(seconds: float = 5.0, **more: object) -> EndpointCaller:
    return EndpointCaller(True, calls.resolved, seconds, **more)  # type: ignore[arg-type]


def test_a_body_is_posted_and_the_status_of_the_answer_returned(endpoint: Receiver) -> None:
    found = caller().post(endpoint.url + "?a=1", b'{"x":1}', {"webhook-id": "evt_1"})
    assert (found.status_code, found.error) == (204, None)
    (one,) = endpoint.received
    assert (one.path, one.body, one.headers["webhook-id"]) == ("/hooks?a=1", b'{"x":1}', "evt_1")
    assert one.headers["host"] == endpoint.url.split("/")[2]


def test_an_address_is_called_without_asking_anybody_where_it_is(endpoint: Receiver) -> None:
    assert EndpointCaller(True, nowhere, 5.0).post(endpoint.url, b"{}", {}).status_code == 204


def test_this_machine_is_called_by_its_name_whichever_address_listens(endpoint: Receiver) -> None:
    """``localhost`` is ::1 as well, where nobody listens."""
    asked = EndpointCaller(True, lambda *_: ["::1", "127.0.0.1"], 5.0)
    assert asked.post(endpoint.url.replace("127.0.0.1", "localhost"), b"{}", {}).status_code == 204


def test_a_redirect_is_not_followed(endpoint: Receiver) -> None:
    with receiver() as other:
        endpoint.status, endpoint.headers = 302, {"location": other.url}
        assert caller().post(endpoint.url, b"{}", {}).status_code == 302
        assert other.received == []


def test_once_it_is_answered_nothing_waits_for_its_end(endpoint: Receiver) -> None:
    """The watch over a call that may take a minute would hold its socket for so long else."""
    before = threading.active_count()
    for _ in range(5):
        assert caller(60.0).post(endpoint.url, b"{}", {}).status_code == 204
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_of_an_answer_without_end_64_kb_are_read_and_it_is_delivered(endpoint: Receiver) -> None:
    """Whoever would read on would read until the time is up, which is no answer."""
    endpoint.act = dripping(3600, b"x" * 4096, pause=0.0)
    found = caller(20.0).post(endpoint.url, b"{}", {})
    assert (found.status_code, found.error) == (200, None)


def test_an_answer_that_drips_ends_with_the_time(endpoint: Receiver) -> None:
    endpoint.act = dripping(30)
    began = time.monotonic()
    found = caller(1.0).post(endpoint.url, b"{}", {})
    assert (found.status_code, found.error) == (None, "timeout")
    assert 0.9 < time.monotonic() - began < 20
    assert 900 < found.duration_ms < 20_000


def test_headers_that_drip_end_with_the_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    for letter in b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 300:
                        connection.sendall(bytes([letter]))
                        time.sleep(0.05)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        found = caller(1.0).post(f"http://127.0.0.1:{port}/", b"{}", {})
        assert (found.status_code, found.error) == (None, "timeout")
        assert found.duration_ms < 10_000, "all of it would take 15 seconds"


def test_who_says_nothing_is_waited_for_no_longer(endpoint: Receiver) -> None:
    endpoint.seconds = 30
    assert caller(0.5).post(endpoint.url, b"{}", {}).error == "timeout"


def test_what_is_no_http_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"220 mail.example.com ESMTP\r\n")

        threading.Thread(target=speak, daemon=True).start()
        found = caller(2.0).post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        assert (found.status_code, found.error) == (None, "bad_answer")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_accepts_and_says_nothing_is_waited_for_no_longer(scheme: str) -> None:
    """Neither an answer nor a handshake comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"{scheme}://127.0.0.1:{server.getsockname()[1]}/"
        assert caller(0.3).post(url, b"{}", {}).error == "timeout"


def test_who_has_accepted_may_take_longer_to_answer_than_to_accept(
    endpoint: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "CONNECT_SECONDS", 0.2)
    endpoint.seconds = 0.6
    assert caller(30.0).post(endpoint.url, b"{}", {}).status_code == 204


@pytest.mark.parametrize(
    ("seconds", "waits", "error"),
    [
        (30.0, [5.0, 5.0, 5.0, 5.0], "no_connection"),
        (15.0, [5.0, 5.0, 5.0], "timeout"),
        (12.0, [5.0, 5.0, 2.0], "timeout"),
    ],
)
def test_four_of_six_addresses_are_tried_for_5_seconds_each_while_there_is_time(
    monkeypatch: pytest.MonkeyPatch, seconds: float, waits: list[float], error: str
) -> None:
    """None of them accepts. What is left of the time is what the last of them gets."""
    clock, waited = [100.0], list[float]()

    def silent(_address: tuple[str, int], timeout: float) -> socket.socket:
        waited.append(timeout)
        clock[0] += timeout
        raise TimeoutError

    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(socket, "create_connection", silent)
    asked = EndpointCaller(False, lambda *_: ["8.8.8.8"] * 6, seconds)
    found = asked.post(f"https://{NAME}/", b"{}", {})
    assert (found.error, waited, found.duration_ms) == (error, waits, sum(waits) * 1000)


def test_a_name_that_is_resolved_in_the_last_moment_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]

    def late(_host: str, _port: int) -> Sequence[str]:
        clock[0] += 15.0
        return ["8.8.8.8"]

    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("it is called"))
    assert EndpointCaller(False, late, 15.0).post(f"https://{NAME}/", b"{}", {}) == (None, "timeout", 15_000)


def test_who_ends_the_connection_without_an_answer_has_not_answered() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def end() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)

        threading.Thread(target=end, daemon=True).start()
        found = caller().post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        assert (found.status_code, found.error) == (None, "no_connection")


def test_where_nobody_listens_there_is_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert caller().post(f"http://127.0.0.1:{port}/", b"{}", {}).error == "no_connection"


def test_a_name_that_nobody_knows_is_not_resolved() -> None:
    assert EndpointCaller(False, nowhere, 2.0).post(f"https://{NAME}/", b"{}", {}).error == "not_resolved"


@pytest.mark.parametrize(("resolving", "seconds"), [(0.1, 30.0), (5.0, 0.1)])
def test_a_resolver_that_does_not_answer_in_its_time_or_in_the_calls_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, resolving: float, seconds: float
) -> None:
    """After 3 seconds it would say a name that leads inside. A process that ends waits for none of them."""
    monkeypatch.setattr(calls, "RESOLVE_SECONDS", resolving)
    over, daemons = threading.Event(), list[bool]()

    def slow(_host: str, _port: int) -> Sequence[str]:
        daemons.append(threading.current_thread().daemon)
        over.wait(3)
        return ["127.0.0.1"]

    asked = EndpointCaller(False, slow, seconds)
    found = asked.post(f"https://{NAME}/", b"{}", {})
    asked.check(f"https://{NAME}/")
    over.set()
    assert (found.error, daemons) == ("not_resolved", [True, True])


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:8.8.8.8"], ["169.254.169.254"], ["x"], []]
)
def test_a_name_that_leads_inside_is_not_called(addresses: list[str]) -> None:
    """None of several: who answers for the name may answer otherwise the next time. Nor is it put, if it is known."""

    def in_time(_host: str, _port: int) -> Sequence[str]:
        time.sleep(0.01)
        return addresses

    asked = EndpointCaller(False, in_time, 2.0)
    assert asked.post(f"https://{NAME}/", b"{}", {}).error == "address_refused"
    if addresses:
        why = f"names {NAME}, which is at {addresses[-1]}: no address of the public internet"
        with pytest.raises(ValueError, match=re.escape(why)):
            asked.check(f"https://{NAME}/")


def test_a_name_that_changes_its_address_between_check_and_call_leads_nowhere(endpoint: Receiver) -> None:
    """It is public as it is put, and this machine as it is called; and of one call it is asked once: the address that
    was checked is the one that is called."""
    asked: list[str] = []
    answers = [["8.8.8.8"], ["127.0.0.1"]]

    def changing(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    url = endpoint.url.replace("http://127.0.0.1", f"https://{NAME}")
    rebinding = EndpointCaller(True, changing, 2.0)
    rebinding.check(url)
    assert rebinding.post(url, b"{}", {}).error == "address_refused"
    assert (endpoint.received, asked) == ([], [NAME, NAME])


def test_a_url_that_is_refused_by_now_is_not_called() -> None:
    assert (
        EndpointCaller(False, nowhere, 2.0).post("http://localhost:1/", b"{}", {}).error == "address_refused"
    )


def _certificate(folder: Path, name: str) -> Path:
    """A key and a certificate for a name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "127.0.0.1":
        names = [x509.IPAddress(ipaddress.ip_address(name))]
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def secured(pem: Path, said: list[str | None]) -> Iterator[int]:
    """A server with a certificate, which answers one call with 204; yields its port."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem)
    serving.sni_callback = lambda _socket, server_name, _context: said.append(server_name)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            try:
                with serving.wrap_socket(connection, server_side=True) as secure:
                    came = b""
                    while not came.endswith(b"{}"):
                        came += secure.recv(65536)
                    said.extend(line for line in came.decode().split("\r\n") if line.startswith("host: "))
                    secure.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            except OSError:
                return

        answering = threading.Thread(target=answer, daemon=True)
        answering.start()
        yield server.getsockname()[1]
        answering.join(5)


@pytest.mark.parametrize(
    ("name", "trusted", "error"),
    [("localhost", True, None), ("other.example.com", True, "tls"), ("localhost", False, "tls")],
)
def test_a_certificate_is_checked_for_the_name_and_the_name_is_said_to_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool, error: str | None
) -> None:
    """One that nobody vouches for is as bad as another's. The port is said where it is not that of the scheme."""
    pem = _certificate(tmp_path, name)
    trusting = ssl.create_default_context(cafile=str(pem)) if trusted else None
    asked = EndpointCaller(True, lambda *_: ["127.0.0.1"], 5.0, trusting)
    connect = socket.create_connection
    for url, host in (("https://localhost:{}/", "localhost:{}"), ("https://localhost/", "localhost")):
        said: list[str | None] = []
        with secured(pem, said) as port, monkeypatch.context() as patched:
            there = ("127.0.0.1", port)
            patched.setattr(socket, "create_connection", lambda _, wait, at=there: connect(at, wait))
            found = asked.post(url.format(port), b"{}", {})
        assert (found.status_code, found.error) == (None if error else 204, error)
        assert said == ["localhost", *([] if error else [f"host: {host.format(port)}"])]


def test_after_a_call_nothing_is_left_open(tmp_path: Path, endpoint: Receiver) -> None:
    """Whether it was answered, came too late, or found a certificate that nobody vouches for."""
    pem = _certificate(tmp_path, "localhost")
    gc.collect()
    with warnings.catch_warnings(record=True) as left, secured(pem, []) as port:
        warnings.simplefilter("always", ResourceWarning)
        assert caller().post(endpoint.url, b"{}", {}).status_code == 204
        assert caller().post(f"https://localhost:{port}/", b"{}", {}).error == "tls"
        endpoint.act = dripping(30)
        assert caller(0.3).post(endpoint.url, b"{}", {}).error == "timeout"
        gc.collect()
    assert [str(one.message) for one in left] == []


def test_a_name_is_resolved_by_this_machine() -> None:
    """Each of its addresses once."""
    found = calls.resolved("localhost", 1)
    assert found
    assert sorted(set(found)) == sorted(found)
    assert set(found) <= {"127.0.0.1", "::1"}
