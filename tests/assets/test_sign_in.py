"""Who signs in where no identity is set up."""

import importlib.util
import os
import pty

import pytest
from asset_loading import PINNED, loaded, refused


@pytest.fixture
def nobody_signed_in(shop):
    """A machine with the SDK and no identity; its managed identity, if any, is behind the proxy."""
    for name in [name for name in shop.environ if name.startswith("AZURE_")]:
        del shop.environ[name]
    shop.environ |= {"HOME": str(shop.folder), "PATH": "/nowhere"}
    return shop


def test_on_a_compute_instance_a_person_signs_in_with_a_device_code(azure, nobody_signed_in):
    shop = nobody_signed_in
    azure.register("penguins", "1", {"p.txt": b"p"})
    shop.environ["MSI_ENDPOINT"] = "http://127.0.0.1:1/token"  # what marks a compute instance
    master, slave = pty.openpty()
    finished = shop.start_load(terminal=os.ttyname(slave), **PINNED).wait()
    os.close(slave)
    os.close(master)
    assert "To sign in, enter the code LOOPBACK1." in finished.output, finished.output
    assert loaded(finished) == "p"


def test_without_a_terminal_nobody_is_waited_for(azure, nobody_signed_in):
    azure.register("penguins", "1", {"p.txt": b"p"})
    told = refused(nobody_signed_in.load(**PINNED), "AzureMLDatasetError")
    assert "Azure refused the sign-in" in told
    assert "az login" in told
    assert "To sign in" not in told


def test_the_sdks_client_is_opened_without_an_import_of_ipython(azure, shop):
    assert importlib.util.find_spec("IPython")  # which the SDK would import to ask it something
    azure.register("penguins", "1", {"p.txt": b"p"})
    ending = """
        import builtins, sys
        say = print
        builtins.print = lambda *words: say(*words, "IPython" in sys.modules)
    """
    assert loaded(shop.load(ending, **PINNED)) == "p False"
