-- What processes tell each other of the requests they have counted (docs/adr/0026). A level leaks; what is not added to for an hour is
-- empty and deleted. Unlogged: no write-ahead log for it, and after a crash everybody begins anew. No personal data: a bucket is named by a keyed digest.
-- Shard key: bucket.
create unlogged table rate_limits (
  bucket uuid primary key,              -- 128 bits of a keyed digest of the limit's name and whom it counts
  level double precision not null,      -- requests that have not leaked out yet, at
  at timestamptz not null,
  leak double precision not null        -- requests a second
) with (fillfactor = 50);
