"""Names and terms: kept, merged, made to fit, found."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from tests.factories import make_job, make_live, make_recording, make_transcript, make_user
from transcription.errors import BadRequest
from transcription.models import Live, Vocabulary
from transcription.services import jobs, live, pipeline, vocabulary

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


def group_of(*members, name="Cardiology", terms="stenosis\nDr Ångström") -> Group:
    group = Group.objects.create(name=name)
    for member in members:
        member.groups.add(group)
    vocabulary.save_terms(group=group, text=terms)
    return group


def test_terms_are_cleaned_and_none_is_kept_twice(owner):
    vocabulary.save_terms(user=owner, text=" Scripta \r\n\n\u202escripta\nDr\x00 Ångström\n<script>\n")
    assert vocabulary.terms_of(user=owner) == ["Scripta", "Dr Ångström", "<script>"]
    vocabulary.save_terms(user=owner, text="")
    assert (vocabulary.terms_of(user=owner), Vocabulary.objects.count()) == ([], 1)


@pytest.mark.parametrize("text", ["x" * 81, "\n".join(f"term{n}" for n in range(501))])
def test_too_much_is_refused_and_changes_nothing(owner, text):
    vocabulary.save_terms(user=owner, text="Scripta")
    with pytest.raises(BadRequest):
        vocabulary.save_terms(user=owner, text=text)
    assert vocabulary.terms_of(user=owner) == ["Scripta"]


def test_own_terms_come_before_those_of_groups(owner):
    group_of(owner, name="B", terms="beta\nScripta")
    group_of(owner, name="A", terms="alpha")
    group_of(make_user(), name="C", terms="gamma")
    vocabulary.save_terms(user=owner, text="scripta")
    assert vocabulary.all_terms(owner) == ["scripta", "alpha", "beta"]


def test_job_is_told_of_standing_terms_and_of_its_own_last(owner):
    vocabulary.save_terms(user=owner, text="Scripta\nZagreb")
    group_of(owner)
    job = make_job(make_recording(owner), vocabulary="zagreb\nOnly here")
    assert job.vocabulary == "zagreb\nOnly here"
    assert pipeline._options(job).vocabulary == ("Scripta", "stenosis", "Dr Ångström", "zagreb", "Only here")
    assert make_job(make_recording(owner)).standing_terms.splitlines()[0] == "Scripta"


def test_recording_made_for_one_answer_is_told_only_of_what_came_with_it(owner):
    vocabulary.save_terms(user=owner, text="Scripta")
    recording = make_recording(owner)
    recording.delete_after = recording.created_at
    recording.save()
    assert jobs.submit_job(recording=recording, options=jobs.JobOptions()).standing_terms == ""


def test_live_captions_and_the_job_after_them_are_told_too(owner):
    vocabulary.save_terms(user=owner, text="Scripta")
    spoken = make_live(owner, vocabulary=("Zagreb",))
    connection = live.connect(live_id=spoken.pk, user=owner)
    assert connection.vocabulary == ("Scripta", "Zagreb")
    assert Live.objects.get().vocabulary == "Zagreb"


def test_what_does_not_fit_is_left_out_as_whole_terms(owner):
    terms = [f"Name number {n}" for n in range(200)]
    fit = vocabulary.fitting(terms, model="scripted")
    assert (*fit.told, *fit.left_out) == tuple(terms)
    assert 0 < len(fit.told) < 200
    assert fit.tokens <= 223 < fit.tokens + 20
    beside = vocabulary.fitting(terms, model="scripted", beside=["a long term of the job itself"] * 10)
    assert len(beside.told) < len(fit.told)
    assert vocabulary.fitting([], model="scripted") == vocabulary.Fit((), (), 0)


def test_found_terms_are_counted_with_their_places(owner):
    vocabulary.save_terms(user=owner, text="word0.0\nnever said")
    job = make_job(make_recording(owner), vocabulary="word1.0 word1.1")
    transcript = make_transcript(job.recording, segments=3, words=2)
    job.transcript = transcript
    job.save()
    found = [
        vocabulary.FoundTerm("word0.0", 1, [0.0]),
        vocabulary.FoundTerm("word1.0 word1.1", 1, [4.0]),
        vocabulary.FoundTerm("never said", 0, []),
    ]
    assert vocabulary.found_terms(transcript, user=owner) == found
    assert vocabulary.found_terms(transcript, user=make_user()) == found[:2]  # what others may not read


def test_transcript_without_a_job_has_no_terms():
    transcript = make_transcript()
    assert vocabulary.found_terms(transcript, user=transcript.recording.owner) == []
