-- Run once by the image of PostgreSQL, on an empty volume. Facts and Temporal's state have an owner each who cannot open the
-- other's database; the superuser belongs to nobody.
\set facts `cat /run/secrets/database.password`
\set temporal `cat /run/secrets/temporal.password`

-- It may make databases of its own: a backup is tried out in one.
create role leadwarden login createdb password :'facts';
create role temporal login password :'temporal';
-- Owns the keys of leads; see docs/keys.md.
create role leadwarden_keyring nologin;
grant leadwarden_keyring to leadwarden;

create database leadwarden owner leadwarden;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
revoke all on database leadwarden, temporal, temporal_visibility from public;
