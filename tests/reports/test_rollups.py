"""Products to accounts and children to parents in the documents (X5): they appear, add up, and show every part."""

from __future__ import annotations

from typing import Any

import pytest

from barograph.core.calendar import to_date
from barograph.definitions.toml_io import dumps_model, load_model
from barograph.pipeline.score_store import published_weeks
from barograph.reports.context import WeekContext, week_context
from barograph.reports.explain import explain_document
from barograph.reports.review import review_document
from barograph.workspace import Workspace
from support.chain import copied, refreshed, scored_rows
from support.chain_company import DAYS, Company
from support.small_model import small_model
from support.small_workspace import MONDAY

TIERS = ("at_risk", "watch", "healthy", "growth")
MATERIAL = 0.2


@pytest.fixture(scope="module")
def by_product(company: Company, tmp_path_factory: pytest.TempPathFactory) -> WeekContext:
    """The seeded company with products scored, in a week of its own."""
    place = copied(company.place, tmp_path_factory.mktemp("product") / "w")
    file = place.model_file()
    model = load_model(file)
    file.write_text(
        dumps_model(model.model_copy(update={"rollup": model.rollup.model_copy(update={"unit": "product"})})),
        encoding="utf-8",
    )
    refreshed(place, as_of=DAYS[-1] + 7)
    return week_context(place, DAYS[-1] + 7)


@pytest.fixture(scope="module")
def small_by_product(scored: Workspace, tmp_path_factory: pytest.TempPathFactory) -> WeekContext:
    place = copied(scored, tmp_path_factory.mktemp("small") / "w")
    model = small_model(rollup={"unit": "product"})
    place.model_file().write_text(dumps_model(model), encoding="utf-8")
    refreshed(place, as_of=MONDAY + 7)
    return week_context(place, MONDAY + 7)


def check(whole: dict[str, Any]) -> None:
    """The rule of the model file, held against the parts that the document shows."""
    parts = whole["parts"]
    assert parts
    assert sum(part["share"] for part in parts) == pytest.approx(1)
    scored = [part for part in parts if part["score"] is not None]
    assert whole["coverage"] == pytest.approx(sum(part["share"] for part in scored))
    if whole["score"] is None:
        assert whole["tier"] == "insufficient"
        return
    assert sum(part["contribution"] for part in parts) == pytest.approx(whole["score"], abs=1e-9)
    mean = sum(part["score"] * part["share"] for part in scored) / sum(part["share"] for part in scored)
    assert whole["score"] == pytest.approx(mean, abs=1e-9)
    material = [TIERS.index(part["tier"]) for part in scored if part["share"] >= MATERIAL]
    if whole["decided_by"] is not None:
        assert whole["tier"] == TIERS[min(material)]
        assert whole["decided_by"] in {part["account_id"] for part in parts}


def test_parents_of_the_company_are_rolled_up(company: Company) -> None:
    document = review_document(week_context(company.place, DAYS[-1]))
    rows = scored_rows(company.place, DAYS[-1])
    children = {a: row["parent_account_id"] for a, row in rows.items() if row["parent_account_id"]}
    assert len(document["rollups"]) == len(set(children.values())) >= 2
    for whole in document["rollups"]:
        assert whole["kind"] == "parent"
        check(whole)
        parts = {part["account_id"] for part in whole["parts"]}
        assert {a for a, parent in children.items() if parent == whole["account_id"]} <= parts
        assert (whole["account_id"] in rows) == (whole["account_id"] in parts)
        for part in whole["parts"]:
            assert part["score"] == rows[part["account_id"]]["score"]
    revenue = [whole["arr"] for whole in document["rollups"]]
    assert revenue == sorted(revenue, reverse=True)


def test_an_account_names_what_it_is_part_of(scored: Workspace) -> None:
    context = week_context(scored, MONDAY)
    assert explain_document(context, "a08")["part_of"] == ["a07"]
    assert explain_document(context, "a07")["part_of"] == ["a07"]
    assert explain_document(context, "a01")["part_of"] == []


def test_products_are_scored_and_rolled_up(by_product: WeekContext) -> None:
    ids = by_product.table["account_id"].to_pylist()
    products = [name for name in ids if " / " in name]
    assert len(products) > 100
    document = review_document(by_product)
    wholes = [whole for whole in document["rollups"] if whole["kind"] == "account"]
    assert {part["account_id"] for whole in wholes for part in whole["parts"]} == set(products)
    assert max(len(whole["parts"]) for whole in wholes) >= 2
    for whole in document["rollups"]:
        check(whole)
    for whole in wholes:
        assert {part["account_id"].rpartition(" / ")[0] for part in whole["parts"]} == {whole["account_id"]}


def test_revenue_is_that_of_the_account_whatever_is_scored(by_product: WeekContext) -> None:
    """Metamorphic: products share the revenue of their account, and it is neither lost nor counted twice."""
    day = by_product.day
    version = by_product.version.key
    assert published_weeks(by_product.manifest)[day].model == version
    wholes = {
        w["account_id"]: w["arr"] for w in review_document(by_product)["rollups"] if w["kind"] == "account"
    }
    before = scored_rows(by_product.workspace, DAYS[-1])
    same = [name for name in wholes if name in before and before[name]["arr"] is not None]
    unchanged = [name for name in same if wholes[name] == pytest.approx(before[name]["arr"])]
    assert len(unchanged) / len(same) > 0.9


def test_a_parent_whose_products_are_scored_is_made_of_its_familys_products(
    small_by_product: WeekContext,
) -> None:
    """The family is one of accounts: a parent's own products are parts of it, whatever their ids look like."""
    wholes = {(w["kind"], w["account_id"]): w for w in review_document(small_by_product)["rollups"]}
    assert ("account", "a13") in wholes
    parts = [part["account_id"] for part in wholes["account", "a13"]["parts"]]
    assert sorted(parts) == ["a13 / analytics", "a13 / core"]
    family = [part["account_id"] for part in wholes["parent", "a07"]["parts"]]
    assert sorted(family) == ["a07 / core", "a08 / core", "a09 / core"]
    for whole in wholes.values():
        check(whole)


def test_the_small_company_says_which_week(small_by_product: WeekContext) -> None:
    assert small_by_product.head("x")["workspace_as_of"] == to_date(MONDAY + 7).isoformat()
