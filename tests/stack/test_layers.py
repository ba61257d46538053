"""Functions of the local AWS share the layers that one of them unpacked."""

from __future__ import annotations

from pathlib import Path

from tests.stack.conftest import App


def test_a_layer_is_unpacked_once_for_all_functions(stack: App, account: str) -> None:
    """Grants, burns and balances are three functions, which have the same layer; each says where it has it from."""
    stack.grant(account, "10")
    assert stack.burn(account, "4").status_code == 201
    assert stack.balance(account)["total"] == "6"
    temporary = stack.stack.workdir / "tmp"
    there = [one for one in temporary.glob("ministack-lambda-*/layer_*") if not one.is_file()]
    assert len(there) > 2
    assert all(one.is_symlink() for one in there)
    layers = {one.resolve() for one in there}
    assert layers <= {one.resolve() for one in (temporary / "layers").iterdir()}
    assert len(layers) < len(there)
    assert any(Path(one, "python", "scrip", "__init__.py").is_file() for one in layers)
