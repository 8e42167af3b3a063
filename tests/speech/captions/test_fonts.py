import pytest

from transcription.speech.captions import fonts
from transcription.speech.errors import MissingFont


def test_general_font_comes_first_and_emoji_last_but_one():
    names = [font.family for font in fonts.fonts()]
    assert (names[0], names[-2], names[-1]) == ("Noto Sans", "Noto Emoji", "Noto Sans CJK JP")
    assert len(names) == len(set(names))


def test_every_font_has_its_licence():
    assert (fonts.FOLDER / "LICENSE").read_text().count("SIL OPEN FONT LICENSE") >= 1


def test_text_is_cut_into_runs_of_one_font():
    found = [(font.family, text) for font, text in fonts.runs("Ann: 今天 OK, שלום!")]
    assert found == [
        ("Noto Sans", "Ann: "),
        ("Noto Sans CJK JP", "今天 "),
        ("Noto Sans", "OK, "),
        ("Noto Sans Hebrew", "שלום"),
        ("Noto Sans", "!"),
    ]


def test_marks_and_joiners_stay_with_what_they_belong_to():
    assert [text for _, text in fonts.runs("می\u200cخواهم")] == ["می\u200cخواهم"]
    assert [text for _, text in fonts.runs("e\u0301a")] == ["e\u0301a"]


@pytest.mark.parametrize(
    ("language", "family"), [("ja", "JP"), ("zh", "SC"), ("yue", "HK"), ("ko", "KR"), ("en", "SC")]
)
def test_han_characters_have_the_shapes_of_the_language(language, family):
    assert fonts.families(language, "")[-1] == f"Noto Sans CJK {family}"


def test_missing_characters_are_named():
    fonts.require(["Good", "今天 😀"])
    with pytest.raises(MissingFont) as raised:
        fonts.require(["ok", "𓀀𓀁𓀂𓀃"])
    assert raised.value.message.startswith("This text has characters for which the server has no font: 𓀀 (Egyptian")
    assert "and 1 more. Choose Word or plain text instead." in raised.value.message
