"""How the candidates of a search are ranked, and a page of them taken: statements for Postgres."""

from __future__ import annotations

RANKED = """
    WITH looked AS MATERIALIZED ({candidates}),
    counted AS (SELECT count(*) AS looked, count(*) FILTER (WHERE fits) AS fitting FROM looked),
    ranked AS MATERIALIZED (
        SELECT candidate.id, recording_id, title, created_at, transcript_id, index,
               (CASE WHEN ts_match_vq(search, %s::tsquery) THEN 2 ELSE 1 END
                   * ts_rank_cd(search, %s::tsquery, 1))::float8 AS rank
        FROM (SELECT * FROM looked WHERE fits LIMIT %s) AS candidate
        JOIN transcription_transcriptsegment AS segment USING (id)
    ),
"""
_PASSAGES = """
    SELECT counted.looked, counted.fitting, place, key, recording_id, title, created_at, page.transcript_id, page.index,
           segment.start, segment.end, segment.language, segment.text, page.number
    FROM counted LEFT JOIN (page JOIN transcription_transcriptsegment AS segment USING (id)) ON TRUE
    ORDER BY place, page.rank DESC, page.index
"""
"""Without a passage, the counts alone."""
BY_PASSAGE = f"""
    page AS (
        SELECT *, row_number() OVER (ORDER BY key DESC, created_at DESC, transcript_id DESC, index) AS place
        FROM (SELECT *, rank AS key, count(*) OVER (PARTITION BY transcript_id) AS number FROM ranked) AS numbered
        CROSS JOIN (
            SELECT %s::float8, %s::timestamptz, %s::bigint, %s::bigint
        ) AS after(after_rank, after_created, after_transcript, after_index)
        WHERE after_rank IS NULL OR (rank, created_at, transcript_id, -index::bigint)
            < (after_rank, after_created, after_transcript, after_index)
        ORDER BY place LIMIT %s
    ) {_PASSAGES}
"""
BY_RECORDING = f"""
    grouped AS (
        SELECT *, max(rank) OVER whole AS key, count(*) OVER whole AS number,
               row_number() OVER (PARTITION BY transcript_id ORDER BY rank DESC, index) AS nth
        FROM ranked WINDOW whole AS (PARTITION BY transcript_id)
    ),
    page AS (
        SELECT * FROM (
            SELECT *, dense_rank() OVER (ORDER BY key DESC, created_at DESC, transcript_id DESC) AS place
            FROM grouped
            CROSS JOIN (
                SELECT %s::float8, %s::timestamptz, %s::bigint
            ) AS after(after_rank, after_created, after_transcript)
            WHERE after_rank IS NULL
                OR (key, created_at, transcript_id) < (after_rank, after_created, after_transcript)
        ) AS placed
        WHERE nth <= %s AND place <= %s
    ) {_PASSAGES}
"""
"""A recording has one version that is shown, and so each transcript is a recording."""
