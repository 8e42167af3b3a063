from transcription.enums import ACTIVE_STATES, ENDED_STATES, JOB_GRAPH, RETRYABLE_STATES, JobState, sources_of


def test_sources_of_is_the_graph_read_backwards():
    backwards = {target: {s for s in JobState if target in JOB_GRAPH[s]} for target in JobState}
    assert {target: set(sources_of(target)) for target in JobState} == backwards


def test_every_state_is_reachable_from_the_queue():
    reached, frontier = set(), {JobState.QUEUED}
    while frontier:
        reached |= frontier
        frontier = {target for state in frontier for target in JOB_GRAPH[state]} - reached
    assert reached == set(JobState)


def test_ended_jobs_leave_only_by_a_retry():
    assert set(JobState) == ACTIVE_STATES | ENDED_STATES
    assert {t for state in ENDED_STATES for t in JOB_GRAPH[state]} == {JobState.QUEUED}
    assert {JobState.FAILED, JobState.CANCELLED} == RETRYABLE_STATES
