"""Reads generated files with Snowplow's own Python SDK and counts what is in them.

Usage: traffic.py FOLDER; prints one JSON object. It knows the rules of the format, nothing of the
generator: bots, copies, placeholders and broken lines are recognised by what the lines say.
"""
import collections
import datetime
import glob
import gzip
import json
import sys

from snowplow_analytics_sdk import event_transformer

PLACEHOLDERS = {"", "undefined", "null", "00000000-0000-0000-0000-000000000000"}
BOT = ("bot", "crawl", "slurp", "spider", "PhantomJS")


def entity(event, name):
    for key, value in event.items():
        if key.startswith("contexts_" + name):
            return value
    return []


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


count = collections.Counter(dict.fromkeys(["brokenColumns", "brokenTimes", "brokenJSON", "purchases"], 0))
rows = {}
for path in sorted(glob.glob(sys.argv[1] + "/*/*")):
    opened = gzip.open(path, "rt", newline="\n") if path.endswith(".gz") else open(path, newline="\n")
    for line in opened:
        line = line.rstrip("\n")
        count["rows"] += 1
        columns = line.split("\t")
        if len(columns) != 131:
            count["brokenColumns"] += 1
            continue
        try:
            datetime.datetime.fromisoformat(columns[3])
        except ValueError:
            count["brokenTimes"] += 1
            continue
        try:
            json.loads(columns[52])
        except ValueError:
            count["brokenJSON"] += 1
            continue
        event = event_transformer.transform(line)
        if any(word in event["useragent"] for word in BOT):
            count["botsByUserAgent"] += 1
            continue
        if entity(event, "com_iab_snowplow_spiders_and_robots_1")[0]["spiderOrRobot"]:
            count["botsByEnrichment"] += 1
            continue
        user = next((x for x in (columns[12], columns[15]) if x not in PLACEHOLDERS), None)
        if user is None:
            count["anonymous"] += 1
            count["anonymousPings"] += event["event_name"] == "page_ping"
            continue
        rows.setdefault(event["event_id"], []).append((columns[3], columns[2], event, user, columns, path))

views, pings = {}, collections.defaultdict(set)
users, sessions = set(), set()
for copies in rows.values():
    copies.sort(key=lambda row: row[0])
    _, _, event, user, columns, path = copies[0]
    for other in copies[1:]:
        same = [c for i, c in enumerate(columns) if i not in (2, 3, 119)] == [
            c for i, c in enumerate(other[4]) if i not in (2, 3, 119)]
        count["duplicates" if same else "conflicts"] += 1
    name = event["event_name"]
    count[{"page_view": "views", "page_ping": "pings", "link_click": "clicks"}.get(name, "purchases")] += 1
    count["strayQuotes"] += '"' in columns[30]
    users.add(user)
    sessions.add(event["domain_sessionid"])
    key = (entity(event, "com_snowplowanalytics_snowplow_web_page_1")[0]["id"], event["domain_sessionid"])
    if name == "page_view":
        views[key] = event
    if name == "page_ping":
        pings[key].add(int(moment(event["dvce_created_tstamp"]) // 10))
for key, slots in pings.items():
    if key in views:
        count["engagedViews"] += 1
        count["engagedSeconds"] += 10 * (len(slots) - 1) + 5
count["userIDs"], count["sessions"] = len(users), len(sessions)
print(json.dumps(count, sort_keys=True))
