from tests.speech.captions.speech import document, untimed
from transcription.speech.captions.typesetting import Typesetter

TALK = document(untimed("Say 今天 {x}", speaker="Ann"), untimed("שלום", start=6.0, end=8.0, index=1))


def dialogues(script):
    return [line.partition(",,")[2].partition(",,")[2] for line in script.splitlines() if line.startswith("Dialogue")]


def test_fonts_are_named_where_they_change():
    script, fonts = Typesetter("zh").script(TALK, size=(1280, 720), labels=False)
    assert dialogues(script) == [
        "Say {\\fnNoto Sans CJK SC\\fs41}今天 {\\fnNoto Sans\\fs43}\\{x\\}",
        "{\\fnNoto Sans Hebrew\\fs38}שלום",
    ]
    assert {path.name for path in fonts} == {
        "NotoSansCJK-Regular.ttc",
        "NotoSansHebrew_400Regular.ttf",
        "NotoSans_400Regular.ttf",
    }


def test_font_of_a_lines_end_does_not_last_into_the_next_line():
    talk = document(untimed("Well done 👍\n2 more 今天\n今天"), is_captioned=True)
    script, _ = Typesetter("zh").script(talk, size=(1280, 720), labels=False)
    emoji, chinese, base = "{\\fnNoto Emoji\\fs33}", "{\\fnNoto Sans CJK SC\\fs41}", "{\\fnNoto Sans\\fs43}"
    assert dialogues(script) == [f"Well done {emoji}👍\\N{base}2 more {chinese}今天\\N今天"]


def test_letters_fit_the_picture():
    sizes = {}
    for size in ((1920, 1080), (1080, 1920), (320, 240)):
        script, _ = Typesetter("en").script(TALK, size=size, labels=True)
        style = next(line for line in script.splitlines() if line.startswith("Style: "))
        sizes[size] = int(style.split(",")[2])
        assert f"PlayResX: {size[0]}\nPlayResY: {size[1]}\n" in script
    assert sizes == {(1920, 1080): 65, (1080, 1920): 45, (320, 240): 13}


def test_letters_of_all_scripts_have_one_size():
    """Arabic lines are half as high again as Latin ones, for the same size of letters."""
    talk = document(untimed("نتحدث ABC", language="ar"))
    script, _ = Typesetter("ar").script(talk, size=(1280, 720), labels=False)
    assert dialogues(script) == ["\u200f{\\fnNoto Sans Arabic\\fs61}نتحدث {\\fnNoto Sans\\fs43}ABC"]
