-- Names that a source or a file may have. An env cannot hold markup, but a page must not rely on it.
insert into metric_daily
from rate_state('<img src=x onerror=alert(1)>', 'vault_claim_rate_by_type', 'day', 'ALL', '<b>', '"><script>alert(2)</script>');
insert into row_ledger values
    (date '2026-02-13', '<script>alert(3)</script>', 'logs/"><iframe src=//example.invalid></iframe>''.jsonl', null, 'kept', 1),
    (date '2026-02-13', '</style><style>body{display:none}</style>', 'logs/&lt;{{.}}&#x202e;' || chr(8238) || '.jsonl', null, '<i>reason</i>', 1);
insert into alarm_evaluation
from evaluated('<b>rule</b>', '<u>env</u>', '<s>type</s>', 1, 4, 2, 4, -0.2, 0.01, 'firing', null, '2026-02-13',
    '{"text":"<script>alert(4)</script>","change":-0.25,"parts":[{"name":"<em>part</em>","part":"<q>","value":-0.25}]}');
