"""One task of the benchmark as a process of its own; prints the mean D, so that answers can be compared."""

import sys
import tempfile
from pathlib import Path
from typing import Any

EPSILON, COVERAGE = 0.002, 0.7


def pandas(folder: Path) -> float:
    import numpy as np
    import pandas as pd

    long = pd.read_parquet(folder / "observations.parquet").merge(
        pd.read_csv(folder / "indicators.csv")[["indicator_id", "subsystem", "direction"]], on="indicator_id"
    )
    low, high = long.groupby("indicator_id")["value"].transform("min"), long.groupby("indicator_id")["value"].transform("max")
    z = (long["value"] - low) / (high - low)
    long["z"] = np.where(long["direction"] == "cost", 1 - z, z)
    long["s"] = long["z"] * (1 - 2 * EPSILON) + EPSILON
    p = long["s"] / long.groupby("indicator_id")["s"].transform("sum")
    long["plnp"] = p * np.log(p)
    grouped = long.groupby(["subsystem", "indicator_id"])
    spread = 1 + grouped["plnp"].sum() / np.log(grouped.size())
    weights = (spread / spread.groupby("subsystem").transform("sum")).rename("w").reset_index()[["indicator_id", "w"]]
    long = long.merge(weights, on="indicator_id")
    long["wz"] = long["w"] * long["z"]
    sums = long.groupby(["unit_id", "period", "subsystem"])[["wz", "w"]].sum()
    u = (sums["wz"] / sums["w"]).where(sums["w"] >= COVERAGE - 1e-9).unstack()
    scores = u.assign(d=np.sqrt(np.sqrt(u["party"] * u["production"]))).reset_index()
    long["degree"] = long["w"] * (1 - long["z"])
    long["degree"] /= long.groupby(["unit_id", "period"])["degree"].transform("sum")
    worst = long.sort_values("degree", ascending=False).groupby(["unit_id", "period"]).head(3)
    with tempfile.TemporaryDirectory() as scratch:
        scores.to_parquet(Path(scratch) / "scores.parquet")
        worst[["unit_id", "period", "indicator_id", "degree"]].to_parquet(Path(scratch) / "obstacles.parquet")
        _rolled(scores, pd.read_csv(folder / "units.csv")).to_parquet(Path(scratch) / "rollup.parquet")
    return float(scores["d"].mean())


def _rolled(scores: Any, units: Any) -> Any:
    """Head-count-weighted mean of D over each subtree: merge upwards until no parent is left."""
    import pandas as pd

    level = scores.merge(units, on="unit_id")
    level = level.assign(wd=level["d"] * level["headcount"], w=level["headcount"].where(level["d"].notna()))
    level, parents, parts = level[["unit_id", "period", "wd", "w"]], units.set_index("unit_id")["parent_id"], []
    while len(level):
        parts.append(level)
        level = level.assign(unit_id=level["unit_id"].map(parents)).dropna(subset="unit_id")
        level = level.groupby(["unit_id", "period"], as_index=False)[["wd", "w"]].sum()
    rolled = pd.concat(parts).groupby(["unit_id", "period"], as_index=False)[["wd", "w"]].sum()
    return rolled.assign(d=rolled["wd"] / rolled["w"])


def polars(folder: Path) -> float:
    import polars as pl

    kinds = pl.read_csv(folder / "indicators.csv").select(pl.col("indicator_id").cast(pl.Int16), "subsystem", "direction")
    long = pl.read_parquet(folder / "observations.parquet").join(kinds, on="indicator_id")
    z = (pl.col("value") - pl.col("value").min().over("indicator_id")) / (pl.col("value").max() - pl.col("value").min()).over(
        "indicator_id"
    )
    long = long.with_columns(pl.when(pl.col("direction") == "cost").then(1 - z).otherwise(z).alias("z"))
    long = long.with_columns((pl.col("z") * (1 - 2 * EPSILON) + EPSILON).alias("s"))
    p = pl.col("s") / pl.col("s").sum()
    spread = long.group_by("subsystem", "indicator_id").agg((1 + (p * p.log()).sum() / pl.len().cast(pl.Float64).log()).alias("spread"))
    weights = spread.with_columns((pl.col("spread") / pl.col("spread").sum().over("subsystem")).alias("w"))
    long = long.join(weights.select("indicator_id", "w"), on="indicator_id")
    u = long.group_by("unit_id", "period").agg(
        *((pl.col("w") * pl.col("z")).filter(pl.col("subsystem") == side).sum().alias(f"a_{side}") for side in ("party", "production")),
        *(pl.col("w").filter(pl.col("subsystem") == side).sum().alias(f"b_{side}") for side in ("party", "production")),
    )
    kept = u.filter((pl.col("b_party") >= COVERAGE - 1e-9) & (pl.col("b_production") >= COVERAGE - 1e-9))
    d = (pl.col("a_party") / pl.col("b_party") * pl.col("a_production") / pl.col("b_production")).sqrt().sqrt()
    return float(kept.select(d.mean()).item())


SQL = """
WITH long AS (SELECT o.*, i.subsystem, i.direction FROM read_parquet('{o}') o JOIN read_csv('{i}') i USING (indicator_id)),
b AS (SELECT indicator_id, min(value) lo, max(value) hi FROM long GROUP BY 1),
z AS (SELECT unit_id, period, indicator_id, subsystem, CASE WHEN direction = 'cost' THEN 1 - (value - lo) / (hi - lo) ELSE (value - lo) / (hi - lo) END z FROM long JOIN b USING (indicator_id)),
s AS (SELECT *, z * (1 - 2 * {e}) + {e} s FROM z),
e AS (SELECT subsystem, indicator_id, 1 + (sum(s * ln(s)) / sum(s) - ln(sum(s))) / ln(count(*)) spread FROM s GROUP BY 1, 2),
w AS (SELECT indicator_id, spread / sum(spread) OVER (PARTITION BY subsystem) w FROM e),
u AS (SELECT unit_id, period, sum(w * z) FILTER (subsystem = 'party') / sum(w) FILTER (subsystem = 'party') u1, sum(w) FILTER (subsystem = 'party') c1,
  sum(w * z) FILTER (subsystem = 'production') / sum(w) FILTER (subsystem = 'production') u2, sum(w) FILTER (subsystem = 'production') c2 FROM z JOIN w USING (indicator_id) GROUP BY 1, 2)
SELECT avg(sqrt(sqrt(u1 * u2))) FROM u WHERE c1 >= {c} AND c2 >= {c}
"""


def duckdb(folder: Path) -> float:
    import duckdb as db

    query = SQL.format(o=folder / "observations.parquet", i=folder / "indicators.csv", e=EPSILON, c=COVERAGE - 1e-9)
    return float(db.connect().execute(query).fetchone()[0])


def scan(folder: Path) -> float:
    import duckdb as db

    path = folder / "observations.parquet"
    return float(
        db.connect()
        .execute(f"SELECT sum(unit_id) + sum(period) + sum(indicator_id) + sum(value) FROM read_parquet('{path}')")
        .fetchone()[0]
    )


if __name__ == "__main__":
    print(globals()[sys.argv[1]](Path(sys.argv[2])))
