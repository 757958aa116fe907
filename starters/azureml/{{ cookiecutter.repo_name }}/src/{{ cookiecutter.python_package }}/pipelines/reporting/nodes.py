"""Nodes that show how good the classifier is."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go


def count_confusions(predictions: pd.DataFrame) -> pd.DataFrame:
    """Count how often each species was taken for each.

    Args:
        predictions: The columns ``actual`` and ``predicted``.

    Returns:
        A square table: a row per actual species, a column per predicted species, both
        in alphabetical order.
    """
    species = sorted(set(predictions["actual"]) | set(predictions["predicted"]))
    counts = pd.crosstab(predictions["actual"], predictions["predicted"])
    return counts.reindex(index=species, columns=species, fill_value=0)


def plot_confusion_matrix(
    confusions: pd.DataFrame, metrics: Mapping[str, float]
) -> go.Figure:
    """Draw the confusion matrix.

    Args:
        confusions: Counts, a row per actual and a column per predicted species.
        metrics: Metrics of the classifier; ``accuracy`` stands in the title.

    Returns:
        A heat map with the counts written in it.
    """
    heatmap = go.Heatmap(
        z=confusions.to_numpy().tolist(),
        x=confusions.columns.tolist(),
        y=confusions.index.tolist(),
        texttemplate="%{z}",
        colorscale="Blues",
        showscale=False,
    )
    figure = go.Figure(heatmap)
    figure.update_layout(
        title=f"Species, accuracy {metrics['accuracy']:.1%}",
        xaxis_title="predicted",
        yaxis_title="actual",
        yaxis_autorange="reversed",
    )
    return figure


def summarise_species(confusions: pd.DataFrame) -> pd.DataFrame:
    """Summarise the classifier's success with each species.

    Args:
        confusions: Counts, a row per actual and a column per predicted species.

    Returns:
        One row per species: ``penguins`` of it, ``recognised`` among them, and
        ``recall``, the share of the recognised.
    """
    penguins = confusions.sum(axis="columns")
    recognised = pd.Series(confusions.to_numpy().diagonal(), index=confusions.index)
    summary = pd.DataFrame(
        {
            "penguins": penguins,
            "recognised": recognised,
            "recall": (recognised / penguins).round(3),
        }
    )
    return summary.rename_axis("species").reset_index()
