import pandas as pd
import pytest

from {{ cookiecutter.python_package }}.pipelines.reporting.nodes import (
    count_confusions,
    plot_confusion_matrix,
    summarise_species,
)


@pytest.fixture
def confusions() -> pd.DataFrame:
    """One of three Adelies was taken for a Chinstrap, which none of them was."""
    return count_confusions(
        pd.DataFrame(
            {
                "actual": ["Gentoo", "Adelie", "Adelie", "Adelie"],
                "predicted": ["Gentoo", "Adelie", "Chinstrap", "Adelie"],
            }
        )
    )


def test_confusions_are_a_square_table_of_all_species(confusions):
    species = ["Adelie", "Chinstrap", "Gentoo"]

    assert confusions.index.tolist() == species
    assert confusions.columns.tolist() == species
    assert confusions.to_numpy().tolist() == [[2, 1, 0], [0, 0, 0], [0, 0, 1]]


def test_figure_shows_the_counts_and_the_accuracy(confusions):
    figure = plot_confusion_matrix(confusions, {"accuracy": 0.75})

    assert [list(row) for row in figure.data[0].z] == confusions.to_numpy().tolist()
    assert "75.0%" in figure.layout.title.text


def test_summary_has_a_row_per_species(confusions):
    summary = summarise_species(confusions).set_index("species")

    assert summary["penguins"].to_dict() == {"Adelie": 3, "Chinstrap": 0, "Gentoo": 1}
    assert summary["recognised"].to_dict() == {"Adelie": 2, "Chinstrap": 0, "Gentoo": 1}
    assert summary.loc["Adelie", "recall"] == 0.667
    assert pd.isna(summary.loc["Chinstrap", "recall"])
