"""Made-up traffic of a publisher: readers with favourite sections, sessions, page views with pings, clicks, one big day.

Deterministic by seed: a day is the same whether it is made alone or with all others.
"""

from __future__ import annotations

import datetime
import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .dataset import INTEGERS, STRINGS, VARIANTS, variant_folder_name

EVENTS = ["page_view", "page_ping", "link_click", "video_play", "form_submit", "share", "error"]
DEVICES = ["desktop", "mobile", "tablet", "app_ios", "app_android"]
BRANDS = [f"brand{n:02d}" for n in range(10)]
EXPERIMENT_ARMS = ["control", "A", "B", "C"]
AUTHORS = [f"author-{n:03d}" for n in range(600)]
TAGS = [f"tag-{n:03d}" for n in range(500)]
SECTIONS = [
    "entertainment/celebs", "entertainment/film", "entertainment/music", "entertainment/royals", "entertainment/tv",
    "lifestyle/fashion", "lifestyle/food", "lifestyle/health", "lifestyle/home", "lifestyle/parenting",
    "lifestyle/travel", "money/crypto", "money/housing", "money/pensions", "money/savings", "news/climate",
    "news/crime", "news/economy", "news/elections", "news/national", "news/politics", "news/weather", "news/world",
    "opinion/columns", "opinion/letters", "regional/east", "regional/north", "regional/south", "regional/west",
    "sport/cycling", "sport/football", "sport/football/eredivisie", "sport/formula-1", "sport/hockey",
    "sport/skating", "sport/tennis", "tech/ai", "tech/gadgets", "tech/gaming", "tech/startups",
]  # fmt: skip
ELEMENTS = [
    "-", "unsubscribe", "subscribe", "newsletter-signup", "share-x", "share-whatsapp", "comment", "nav-home",
    "nav-sport", "nav-news", "paywall-cta", "related-1", "related-2", "related-3",
] + [f"el-{n:03d}" for n in range(287)]  # fmt: skip

DAY_MS = 86_400_000
PING_MS = 10_000
HOURLY = np.array([1, 0.6, 0.4, 0.3, 0.4, 1, 3, 5, 6, 5.5, 5, 5, 6, 5.5, 5, 5, 5.5, 6, 6.5, 7, 7.5, 7, 5, 2.5])


@dataclass(frozen=True)
class Traffic:
    """How much traffic, and which."""

    events: int
    users: int
    articles: int = 20_000
    days: int = 30
    start: str = "2025-06-01"
    big_day: int = 21
    seed: int = 7

    def date(self, day: int) -> datetime.date:
        """The date of a day, counted from 0."""
        return datetime.date.fromisoformat(self.start) + datetime.timedelta(days=day)


@dataclass(frozen=True)
class World:
    """What stays the same from day to day: the readers and the articles."""

    user_weights: np.ndarray
    favourite: np.ndarray
    user_device: np.ndarray
    user_brand: np.ndarray
    consent: np.ndarray
    arm: np.ndarray
    section: np.ndarray
    section_start: np.ndarray
    section_end: np.ndarray
    popularity: np.ndarray
    published: np.ndarray
    evergreen: np.ndarray
    author: np.ndarray
    tag: np.ndarray
    element_weights: np.ndarray
    user_ids: np.ndarray


def splitmix(numbers: np.ndarray) -> np.ndarray:
    """SplitMix64 of each number: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014)."""
    with np.errstate(over="ignore"):
        x = numbers + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def uuids(count: int) -> np.ndarray:
    """The text of a random-looking UUID for each of `count` numbers, 36 bytes a row."""
    with np.errstate(over="ignore"):
        numbers = np.arange(count, dtype=np.uint64) * np.uint64(2)
        words = np.stack([splitmix(numbers + np.uint64(1)), splitmix(numbers + np.uint64(999_983))], 1)
    raw = words.view(np.uint8).reshape(count, 16).copy()
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x40
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    hexadecimal = np.array([list(b"%02x" % byte) for byte in range(256)], dtype=np.uint8)
    text = np.full((count, 36), ord("-"), np.uint8)
    text[:, [place for place in range(36) if place not in (8, 13, 18, 23)]] = hexadecimal[raw].reshape(count, 32)
    return text


@lru_cache(maxsize=1)
def world(traffic: Traffic) -> World:
    """The readers and articles of some traffic. The order of draws is part of what a seed means."""
    random = np.random.default_rng(traffic.seed)
    users, articles, sections = traffic.users, traffic.articles, len(SECTIONS)
    weights = np.exp(random.normal(0, 1.5, users))
    liked = np.random.default_rng(1).dirichlet(np.full(sections, 2.0))
    favourite = random.choice(sections, users, p=liked).astype(np.uint8)
    user_device = random.choice(5, users, p=[0.22, 0.48, 0.05, 0.13, 0.12]).astype(np.uint8)
    user_brand = np.minimum(random.geometric(0.25, users) - 1, 9).astype(np.uint8)
    consent = random.random(users) < 0.92
    arm = random.choice(4, users, p=[0.4, 0.2, 0.2, 0.2]).astype(np.uint8)
    written = np.random.default_rng(2).dirichlet(np.full(sections, 3.0))
    section = np.sort(random.choice(sections, articles, p=written)).astype(np.uint8)
    popularity = 1 / (random.permutation(articles) + 10) ** 0.9
    published = random.integers(-6, traffic.days, articles)
    evergreen = random.random(articles) < 0.05
    author = (random.zipf(1.3, articles) % len(AUTHORS)).astype(np.uint16)
    tag = (random.zipf(1.25, articles) % len(TAGS)).astype(np.uint16)
    element = 1 / (np.arange(len(ELEMENTS) - 1) + 5) ** 0.8
    element[0] *= 0.25
    return World(
        user_weights=np.cumsum(weights) / weights.sum(),
        favourite=favourite,
        user_device=user_device,
        user_brand=user_brand,
        consent=consent,
        arm=arm,
        section=section,
        section_start=np.searchsorted(section, np.arange(sections)),
        section_end=np.searchsorted(section, np.arange(sections), side="right"),
        popularity=popularity,
        published=published,
        evergreen=evergreen,
        author=author,
        tag=tag,
        element_weights=np.cumsum(element) / element.sum(),
        user_ids=uuids(users),
    )


def article_reach(traffic: Traffic, day: int) -> np.ndarray:
    """How likely each article is to be read on a day, summed up from the first article on."""
    made = world(traffic)
    age = day - made.published
    fresh = np.where(made.evergreen, 0.3, np.exp(-np.maximum(age, 0) / 2.0))
    reach = made.popularity * np.where(age < 0, 0, fresh + 0.002)
    if day == traffic.big_day:
        reach = reach * np.where(made.section == SECTIONS.index("sport/formula-1"), 12, 1)
    return np.concatenate([[0], np.cumsum(reach)])


def columns_of_day(traffic: Traffic, day: int) -> dict[str, np.ndarray]:
    """The events of a day as codes, in no useful order. The order of draws is part of what a seed means."""
    made, random = world(traffic), np.random.default_rng(traffic.seed * 1000 + day)
    rows = int(traffic.events / (traffic.days + 1)) * (2 if day == traffic.big_day else 1)
    # Sessions of three views on average.
    wanted = int(rows * 0.35)
    lengths = random.geometric(1 / 3, int(wanted / 3 * 1.02) + 10)
    lengths = lengths[np.cumsum(lengths) <= wanted]
    sessions = len(lengths)
    user = np.minimum(np.searchsorted(made.user_weights, random.random(sessions)), traffic.users - 1).astype(np.uint32)
    hour = random.choice(24, sessions, p=HOURLY / HOURLY.sum())
    start = (hour * 3_600_000 + random.integers(0, 3_600_000, sessions)).astype(np.int64)
    usual = random.random(sessions) < 0.85
    device = np.where(usual, made.user_device[user], random.integers(0, 5, sessions)).astype(np.uint8)
    usual = random.random(sessions) < 0.9
    brand = np.where(usual, made.user_brand[user], random.integers(0, 10, sessions)).astype(np.uint8)
    # Views, nearly half of them in the reader's favourite section.
    session = np.repeat(np.arange(sessions, dtype=np.int32), lengths)
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    views = len(session)
    reach, draw, favourite = article_reach(traffic, day), random.random(views), made.favourite[user[session]]
    low, high = reach[made.section_start[favourite]], reach[made.section_end[favourite]]
    place = np.where(random.random(views) < 0.45, low + draw * (high - low), draw * reach[-1])
    article = np.clip(np.searchsorted(reach, place, side="right") - 1, 0, traffic.articles - 1).astype(np.uint16)
    pings = np.minimum(np.floor(np.exp(random.normal(0.22, 1.0, views))).astype(np.int32), 60)
    gap = pings * PING_MS + random.integers(2000, 60_000, views)
    ends = np.cumsum(gap) - gap
    viewed = start[session] + (ends - ends[first])
    # Pings, clicks and other events belong to views.
    ping_view = np.repeat(np.arange(views), pings)
    ping_number = np.arange(len(ping_view)) - np.repeat(np.cumsum(pings) - pings, pings)
    click_view = random.integers(0, views, int(rows * 0.08))
    other_view = random.integers(0, views, int(rows * 0.02))
    view = np.concatenate([np.arange(views), ping_view, click_view, other_view])
    time = np.concatenate([
        viewed,
        viewed[ping_view] + (ping_number + 1) * PING_MS,
        viewed[click_view] + random.integers(500, 30_000, len(click_view)),
        viewed[other_view] + random.integers(500, 30_000, len(other_view)),
    ])
    event = np.concatenate([
        np.zeros(views, np.uint8),
        np.ones(len(ping_view), np.uint8),
        np.full(len(click_view), 2, np.uint8),
        random.integers(3, 7, len(other_view)).astype(np.uint8),
    ])
    element = np.zeros(len(view), np.uint16)
    clicks = views + len(ping_view)
    clicked = 1 + np.searchsorted(made.element_weights, random.random(len(click_view)))
    element[clicks : clicks + len(click_view)] = clicked
    of_session, of_article = session[view], article[view]
    of_user = user[of_session]
    midnight = datetime.datetime.combine(traffic.date(day), datetime.time(), datetime.timezone.utc)
    return {
        "user_id": of_user,
        "ts": np.minimum(time, DAY_MS - 1) + int(midnight.timestamp()) * 1000,
        "event": event,
        "article": of_article,
        "section": made.section[of_article],
        "author": made.author[of_article],
        "tag": made.tag[of_article],
        "device": device[of_session],
        "brand": brand[of_session],
        "consent": made.consent[of_user],
        "variant": made.arm[of_user],
        "dwell_ms": np.where(event == 1, PING_MS, 0).astype(np.uint32),
        "element": element,
    }


def table(traffic: Traffic, columns: dict[str, np.ndarray], variant: str) -> pa.Table:
    """The events of a day as one of the variants has them."""
    if variant == INTEGERS:
        order = np.lexsort((columns["ts"], columns["user_id"]))
    else:
        order = np.argsort(columns["ts"], kind="stable")
    ordered = {name: values[order] for name, values in columns.items()}
    arrays = {name: pa.array(values) for name, values in ordered.items()}
    arrays["ts"] = pa.array(ordered["ts"], pa.timestamp("ms"))
    if variant == STRINGS:
        text = np.ascontiguousarray(world(traffic).user_ids[ordered["user_id"]])
        offsets = np.arange(len(order) + 1, dtype=np.int32) * 36
        arrays["user_id"] = pa.StringArray.from_buffers(len(order), pa.py_buffer(offsets), pa.py_buffer(text))
        for name, names in value_names(traffic).items():
            codes = pa.array(ordered[name].astype(np.int32))
            arrays[name] = pa.DictionaryArray.from_arrays(codes, pa.array(names)).cast(pa.string())
    return pa.table(arrays)


def value_names(traffic: Traffic) -> dict[str, list[str]]:
    """The text that each code of each field stands for."""
    return {
        "event": EVENTS,
        "article": [f"art-{n:06d}" for n in range(traffic.articles)],
        "section": SECTIONS,
        "author": AUTHORS,
        "tag": TAGS,
        "device": DEVICES,
        "brand": BRANDS,
        "variant": EXPERIMENT_ARMS,
        "element": ELEMENTS,
    }


def write_day(traffic: Traffic, day: int, folder: Path) -> int:
    """Writes a day in both variants and returns its number of rows."""
    columns = columns_of_day(traffic, day)
    for variant in VARIANTS:
        target = folder / variant_folder_name(variant) / f"dt={traffic.date(day)}"
        target.mkdir(parents=True, exist_ok=True)
        pq.write_table(
            table(traffic, columns, variant), target / "part-0.parquet", compression="lz4", row_group_size=262_144
        )
    return len(columns["event"])


def write_dataset(traffic: Traffic, folder: Path) -> int:
    """Writes all days, `dict.json` last, so that a folder with it is complete. Returns the number of rows."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        rows = sum(pool.map(write_day, *zip(*[(traffic, day, folder) for day in range(traffic.days)])))
    names = {name: values for name, values in value_names(traffic).items() if name not in ("article", "author", "tag")}
    (folder / "dict.json").write_text(json.dumps(names | asdict(traffic)))
    return rows


def write_next_day(facts: dict, folder: Path) -> datetime.date:
    """Writes the day after the last one of a dataset, with its readers and articles, into a folder of its own."""
    known = {name: facts[name] for name in ("users", "articles", "days", "start")}
    traffic = Traffic(events=int(facts["events"]), seed=facts.get("seed", 7), **known)
    write_day(traffic, traffic.days, folder)
    return traffic.date(traffic.days)
