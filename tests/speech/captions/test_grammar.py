import pytest

from transcription.speech.captions.grammar import (
    BEFORE_STARTER,
    CLAUSE,
    INSIDE_UNIT,
    INSIDE_WORD,
    PLAIN,
    SENTENCE,
    TORN,
    break_cost,
    ends_sentence,
)


@pytest.mark.parametrize(
    ("left", "right", "language", "cost"),
    [
        ("done.", "Then", "en", SENTENCE),
        ('done."', "Then", "en", SENTENCE),
        ("No.", "Never", "en", SENTENCE),
        ("well,", "then", "en", CLAUSE),
        ("waited", "because", "en", BEFORE_STARTER),
        ("house", "of", "en", BEFORE_STARTER),
        ("house", "(of", "en", BEFORE_STARTER),
        ("house", "stands", "en", PLAIN),
        ("20", "percent", "en", INSIDE_UNIT),
        ("15th", "century", "en", INSIDE_UNIT),
        ("the", "house", "en", TORN),
        ("“The", "house", "en", TORN),
        ("has", "been", "en", TORN),
        ("don’t", "know", "en", TORN),
        ("Mary", "Smith", "en", TORN),
        ("Mr.", "Smith", "en", TORN),
        ("J.", "Smith", "en", TORN),
        ("Yesterday", "I", "en", PLAIN),
        ("dem", "Haus", "de", TORN),
        ("3.", "Oktober", "de", TORN),
        ("sagte", "dass", "de", BEFORE_STARTER),
        ("wurde", "gesagt", "de", TORN),
        ("une", "maison", "fr", TORN),
        ("maison", "dans", "fr", BEFORE_STARTER),
        ("ont", "parlé", "fr", TORN),
        ("la", "casa", "es", TORN),
        ("casa", "porque", "es", BEFORE_STARTER),
        ("ha", "dicho", "es", TORN),
        ("uma", "casa", "pt", TORN),
        ("casa", "para", "pt", BEFORE_STARTER),
        ("foram", "vistas", "pt", TORN),
        ("della", "casa", "it", TORN),
        ("het", "huis", "nl", TORN),
        ("the", "house", "xx", PLAIN),
    ],
)
def test_break_cost_between_words(left, right, language, cost):
    assert break_cost(left, right, language=language) == cost


@pytest.mark.parametrize(
    ("left", "right", "cost"),
    [
        ("で、", "公", CLAUSE),
        ("た。", "そ", SENTENCE),
        ("に", "行", BEFORE_STARTER),
        ("図", "書", INSIDE_WORD),
        ("的", "人", 16),
    ],
)
def test_break_cost_in_scripts_without_spaces(left, right, cost):
    assert break_cost(left, right, language="ja", spaced=False) == cost


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("end.", True),
        ("end?”", True),
        ("完。", True),
        ("Dr.", False),
        ("e.g.", False),
        ("end", False),
        ("…", True),
        (")", False),
    ],
)
def test_ends_sentence(text, expected):
    assert ends_sentence(text) is expected
