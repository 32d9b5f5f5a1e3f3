"""Who the members are, by DuckDB from the store's own Arrow files.

usage: members.py STORE STATEMENTS AS_OF: the statements make a table `ID@AS_OF` for each segment ID; prints the
members of each part of each, `ID PART:a,b`.
"""
import datetime
import json
import sys
import zoneinfo

import duckdb
import pandas  # noqa: F401 (to_pandas needs it)
import polars as pl
import pyarrow as pa

store, statements, as_of = sys.argv[1:]
manifest = json.load(open(store + '/' + open(store + '/CURRENT').read().split()[0]))
zone = manifest['settings']['time_zone']
FOREVER = datetime.date(9999, 1, 1)


def plain(table):
    """Without dictionaries, times as milliseconds."""
    columns = {}
    for name, column in zip(table.column_names, table.columns):
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        elif pa.types.is_list(column.type):
            column = column.cast(pa.list_(pa.string()))
        elif pa.types.is_timestamp(column.type):
            column = column.cast(pa.int64())
        columns[name] = column
    return pa.table(columns)


def read(path):
    table = pa.ipc.open_file(store + '/' + path).read_all()
    table.validate(full=True)
    # Polars and pandas read what we write, too.
    assert pl.read_ipc(store + '/' + path).height == table.num_rows
    assert len(table.to_pandas()) == table.num_rows
    return table


def repeated(value, count):
    return pa.array([value] * count)


def events():
    parts = []
    for part in manifest['parts']:
        table = read(part['events']['path'])
        day = datetime.date.fromisoformat(part['day'])
        parts.append(plain(table).append_column('day', repeated(day, table.num_rows)))
    rows = pa.concat_tables(parts, promote_options='default').rename_columns({'time': 'ms'})
    tz = zoneinfo.ZoneInfo(zone)
    local = [datetime.datetime.fromtimestamp(t.as_py() / 1000, tz) for t in rows['ms']]
    assert [t.date() for t in local] == rows['day'].to_pylist()
    rows = rows.append_column('hour', pa.array([t.hour for t in local], pa.int64()))
    rows = rows.append_column('weekday', pa.array([t.isoweekday() for t in local], pa.int64()))
    return rows.append_column('n', pa.array(range(rows.num_rows), pa.int64()))


def tables(kind, rename):
    """All tables of a kind, with the days from which and until which each holds."""
    entries = sorted((t for t in manifest['tables'] if t['kind'] == kind),
                     key=lambda t: (t['name'], t['from'], t['version']))
    made = []
    for place, entry in enumerate(entries):
        later = entries[place + 1:place + 2]
        until = later[0]['from'] if later and later[0]['name'] == entry['name'] else FOREVER.isoformat()
        table = plain(read(entry['file']['path']))
        table = table.rename_columns([rename(name) for name in table.column_names])
        for column, value in [('list', entry['name']), ('since_day', datetime.date.fromisoformat(entry['from'])),
                              ('until_day', datetime.date.fromisoformat(until))]:
            table = table.append_column(column, repeated(value, table.num_rows))
        made.append(table)
    return pa.concat_tables(made, promote_options='permissive')


con = duckdb.connect(config={'threads': 1, 'memory_limit': '2GiB', 'temp_directory': ''})
for name, table in [
    ('ev', events()),
    ('user_attributes', tables('users', lambda name: 'key' if name == 'user' else name)),
    ('article_attributes', tables('articles', lambda name: 'key' if name == 'article' else 'article.' + name)),
    ('uploaded', tables('list', lambda name: name)),
]:
    con.register('arrow_' + name, table)
    con.execute(f'CREATE TABLE {name} AS SELECT * FROM arrow_{name}')
con.execute(f"""
    CREATE MACRO fold(x) AS lower(nfc_normalize(x));
    CREATE MACRO micro(x) AS CAST(round(x * 1000000) AS HUGEINT);
    CREATE MACRO day_end(d) AS epoch_ms(CAST(CAST(d AS DATE) + 1 AS TIMESTAMP) AT TIME ZONE '{zone}');
    CREATE MACRO local_day(ms) AS
        CAST(make_timestamp(ms * 1000) AT TIME ZONE 'UTC' AT TIME ZONE '{zone}' AS DATE);
    CREATE MACRO ev_at(d) AS TABLE
        SELECT ev.*, a.* EXCLUDE (key, list, since_day, until_day)
        FROM ev LEFT JOIN article_attributes a ON a.key = ev.article AND a.since_day <= d AND d < a.until_day
        WHERE day <= d;
    CREATE MACRO users_at(d) AS TABLE
        SELECT e.*, a.* EXCLUDE (key, list, since_day, until_day)
        FROM (SELECT "user" AS u, min(ms) AS first_seen FROM ev WHERE day <= d GROUP BY u) e
        LEFT JOIN user_attributes a ON a.key = e.u AND a.since_day <= d AND d < a.until_day;
    CREATE MACRO list_at(name, d) AS TABLE
        SELECT id FROM uploaded WHERE list = name AND since_day <= d AND d < until_day;
    CREATE MACRO calendar(d) AS TABLE
        SELECT day, day_end(day) - 1 AS ms FROM (SELECT d - CAST(unnest(range(800)) AS INT) AS day);
""")
for line in open(statements):
    con.execute(line)
for line in sys.stdin:
    name, parts = line.split()
    for part in parts.split(','):
        rows = con.execute(f'SELECT u FROM "{name}@{as_of}" WHERE part = ?', [part.replace('_', ' ')]).fetchall()
        print(f"{name} {part}:{','.join(sorted(row[0] for row in rows))}")
