"""How much it hurts a reader when a line or a caption ends between two words.

The order follows the subtitle guidelines of the BBC and of Netflix: best after punctuation, then before conjunctions
and prepositions, never between an article and its noun, a first and a last name, an auxiliary and its verb. Word lists
are a rough grammar: a word that belongs to two classes is listed where a wrong break disturbs more.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

SENTENCE = 0.0
CLAUSE = 8.0
BEFORE_STARTER = 16.0
PLAIN = 32.0
INSIDE_WORD = 45.0
INSIDE_UNIT = 60.0
TORN = 150.0
"""A break that must not be: five times the price of an ordinary one, so it is taken only where nothing else fits."""

_SENTENCE_ENDS = frozenset(".!?…。！？؟।॥።")
_CLAUSE_ENDS = frozenset(",;:،؛，、；：—–")
_CLOSERS = "\"'”’»›)]}」』）》】"
_OPENERS = "\"'“‘«‹([{「『（《【¿¡„-–"
_ABBREVIATION = regex.compile(
    r"(\p{L}\.)+|mrs?\.|ms\.|[dsj]r\.|prof\.|st\.|gen\.|sen\.|rep\.|capt\.|lt\.|col\.|h[rl]\.|fr\.|sra\.|srta\.|dra\.|"
    r"vs\.|nr\.|bzw\.|ca\.|vgl\.|ej\.|núm\.|vol\.",
    regex.IGNORECASE,
)
_CHINESE_PARTICLES = frozenset("的了吗呢吧啊着过地得")


@dataclass(frozen=True, slots=True)
class WordClasses:
    """``leaning`` words belong to the word after them; before a ``starting`` word a new phrase begins."""

    leaning: frozenset[str]
    starting: frozenset[str]


def _classes(*, determiners: str, pronouns: str, auxiliaries: str, prepositions: str, conjunctions: str) -> WordClasses:
    starting = frozenset(f"{prepositions} {conjunctions}".split())
    return WordClasses(starting | frozenset(f"{determiners} {pronouns} {auxiliaries}".split()), starting)


_NO_CLASSES = WordClasses(frozenset(), frozenset())
WORDS = {
    "en": _classes(
        determiners="a an the this these those my your his her its our their every each some any no very mr mrs ms dr",
        pronouns="i you he she it we they i'm you're he's she's it's we're they're i've you've we've they've i'd you'd "
        "he'd she'd we'd they'd i'll you'll he'll she'll it'll we'll they'll there there's that's",
        auxiliaries="am is are was were be been being have has had do does did will would shall should can could may "
        "might must not isn't aren't wasn't weren't haven't hasn't hadn't don't doesn't didn't won't wouldn't "
        "shouldn't can't cannot couldn't mustn't gonna let's",
        prepositions="about above across after against along among around at before behind below beneath beside "
        "between beyond by despite during except for from in inside into like near of off on onto over past per since "
        "than through throughout to toward towards under until upon via with within without",
        conjunctions="and or but nor so yet because although though while whereas if unless whether that which who "
        "whom whose what where when how as",
    ),
    "de": _classes(
        determiners="der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner dieser "
        "diese dieses diesen diesem mein meine meinen meinem meiner dein deine sein seine seinen seinem seiner ihr "
        "ihre ihren ihrem ihrer unser unsere unseren euer jeder jede jedes jeden sehr herr frau dr",
        pronouns="ich du er sie es wir man",
        auxiliaries="bin bist ist sind seid war waren habe hast hat haben hatte hatten werde wirst wird werden wurde "
        "wurden würde würden kann können konnte muss müssen musste soll sollen sollte will wollen wollte darf dürfen "
        "mag möchte nicht zu",
        prepositions="an am auf aus bei beim bis durch für gegen hinter in im ins mit nach neben ohne seit trotz über "
        "um unter von vom vor während wegen zum zur zwischen",
        conjunctions="und oder aber denn sondern weil dass ob wenn als obwohl damit bevor nachdem sobald während "
        "welche welcher welches wo wie",
    ),
    "fr": _classes(
        determiners="le la les un une des du au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre "
        "vos leur leurs chaque quelques aucun aucune très m mme mlle",
        pronouns="je tu il elle on nous vous ils elles se me te y en c'est j'ai",
        auxiliaries="suis es est sommes êtes sont était étaient ai as a avons avez ont avait avaient sera seront peut "
        "peuvent pouvait doit doivent devait va vont veut ne n'est n'a n'ont",
        prepositions="à après avant avec chez contre dans de depuis derrière dès devant durant en entre envers jusque "
        "jusqu'à malgré par parmi pendant pour sans sauf selon sous sur vers",
        conjunctions="et ou mais donc or ni car que qui dont où quand lorsque puisque si comme parce afin",
    ),
    "es": _classes(
        determiners="el la los las un una unos unas este esta estos estas ese esa esos esas mi mis tu tus su sus "
        "nuestro nuestra nuestros nuestras cada algún alguna ningún ninguna muy del al sr sra dr",
        pronouns="yo tú él ella nosotros ellos ellas usted ustedes se me te nos le les lo",
        auxiliaries="soy eres es somos son era eran fue fueron estoy está están estaba estaban he has ha hemos han "
        "había habían será puede pueden podía debe deben va van voy no ser haber estar",
        prepositions="a ante bajo con contra de desde durante en entre hacia hasta mediante para por según sin sobre "
        "tras",
        conjunctions="y e o u ni pero sino que porque aunque si cuando donde como mientras quien quienes cual cuyo "
        "pues",
    ),
    "pt": _classes(
        determiners="o a os as um uma uns umas este esta estes estas esse essa esses essas aquele aquela meu minha "
        "meus minhas teu tua seu sua seus suas nosso nossa nossos nossas cada algum alguma nenhum nenhuma muito do da "
        "dos das no na nos nas ao à aos às pelo pela pelos pelas num numa sr sra dr",
        pronouns="eu tu ele ela nós eles elas você vocês se me te lhe",
        auxiliaries="sou és é somos são era eram foi foram estou está estão estava estavam tenho tem têm tinha tinham "
        "hei há havia será pode podem podia deve devem vai vão vou não ser ter estar",
        prepositions="ante após até com contra de desde durante em entre para pra perante por segundo sem sob sobre",
        conjunctions="e ou nem mas porém que porque embora se quando onde como enquanto quem qual cujo pois",
    ),
    "it": _classes(
        determiners="il lo la i gli le un uno una questo questa questi queste quel quello quella quei mio mia tuo tua "
        "suo sua nostro nostra loro ogni qualche molto del dello della dei degli delle al allo alla ai alle dal dalla "
        "nel nella nei nelle sul sulla",
        pronouns="io tu lui lei noi voi loro si mi ti ci vi ne",
        auxiliaries="sono sei è siamo siete era erano ho hai ha abbiamo avete hanno aveva avevano sarà può possono "
        "deve devono va vanno non essere avere",
        prepositions="a con contro da di dopo durante entro fino fra in per presso prima senza sopra sotto su tra "
        "verso",
        conjunctions="e ed o oppure ma però perché che se quando dove come mentre anche chi cui quale",
    ),
    "nl": _classes(
        determiners="de het een dit deze die mijn jouw zijn haar ons onze hun elke ieder geen heel zeer",
        pronouns="ik jij je hij zij ze wij we jullie men er",
        auxiliaries="ben bent is was waren heb hebt heeft hebben had hadden word wordt worden werd werden zal zullen "
        "zou zouden kan kunnen kon moet moeten moest mag mogen wil willen niet te",
        prepositions="aan achter bij binnen boven door in met na naar naast om onder op over per rond sinds tegen "
        "tijdens tot tussen uit van vanaf voor zonder",
        conjunctions="en of maar want dus omdat dat als toen terwijl hoewel wanneer waar wie zodat",
    ),
}


def ends_sentence(text: str) -> bool:
    """Whether a word closes a sentence: final punctuation that is not an abbreviation's or an initial's."""
    core = text.rstrip(_CLOSERS)
    if not core or core[-1] not in _SENTENCE_ENDS:
        return False
    return core[-1] != "." or _ABBREVIATION.fullmatch(core.lstrip(_OPENERS)) is None


def break_cost(left: str, right: str, *, language: str, spaced: bool = True) -> float:
    """The price of a break between two successive words, from ``SENTENCE`` (0) to ``TORN``."""
    core = left.rstrip(_CLOSERS) or left
    if core[-1] in _SENTENCE_ENDS:
        return _after_full_stop(core, right, language)
    if core[-1] in _CLAUSE_ENDS:
        return CLAUSE
    if not spaced:
        return _inside_unspaced(core[-1], right[0])
    before, after = core.lstrip(_OPENERS), right.strip(_OPENERS + _CLOSERS)
    words = WORDS.get(language, _NO_CLASSES)
    if before.lower().replace("’", "'") in words.leaning or _is_name(before, after):
        return TORN
    if before[:1].isdigit() and after[:1].isalpha():
        return INSIDE_UNIT
    return BEFORE_STARTER if after.lower().rstrip(",.;:!?…") in words.starting else PLAIN


def _after_full_stop(core: str, right: str, language: str) -> float:
    if ends_sentence(core):
        if language == "de" and regex.fullmatch(r"\d{1,2}\.", core):  # an ordinal number: 3. Oktober
            return TORN
        return PLAIN if core[-1] == "." and right[:1].islower() else SENTENCE
    return TORN


def _is_name(before: str, after: str) -> bool:
    """Two capitalised words in a row are a first and a last name, or a compound that should stay whole as well."""
    return before[:1].isupper() and after[:1].isupper() and after not in ("I", "I'm", "I'll", "I've", "I'd")


def _inside_unspaced(last: str, first: str) -> float:
    """Without spaces or a dictionary: a phrase mostly ends after a Chinese particle, and where Japanese endings in
    hiragana (U+3041 to U+309F; お and ご are honorific prefixes) give way to another script."""
    ending = "\u3041" <= last <= "\u309f" and last not in "おご" and not "\u3041" <= first <= "\u309f"
    return BEFORE_STARTER if ending or last in _CHINESE_PARTICLES else INSIDE_WORD
