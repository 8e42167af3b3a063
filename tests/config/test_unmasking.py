from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from config.unmasking import Masker


@given(st.binary(min_size=4, max_size=4), st.lists(st.binary(max_size=50), max_size=6))
def test_each_byte_meets_its_own_of_the_mask_however_they_come(mask: bytes, pieces: list[bytes]) -> None:
    masker = Masker(mask)
    unmasked = b"".join(masker.process(piece) for piece in pieces)
    whole = b"".join(pieces)
    assert unmasked == bytes(byte ^ mask[place % 4] for place, byte in enumerate(whole))
    assert masker.pointer() == len(whole)
