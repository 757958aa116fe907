"""Tables as text: a line for each row, whatever the names hold."""

from kedro_azureml_cli.terminal.tables import format_table


def test_columns_line_up_where_names_are_wide_on_a_terminal():
    assert format_table(("job", "state"), [("学習", "done"), ("x", "")]).splitlines() == [
        "job   state",
        "学習  done",
        "x",
    ]


def test_a_row_is_one_line_however_long_it_is():
    lines = format_table(("a", "b"), [("x" * 500, "y z " * 100)]).splitlines()
    assert len(lines) == 2
    assert lines[1] == "x" * 500 + "  " + ("y z " * 100).rstrip()


def test_neither_markup_nor_control_characters_change_the_table():
    table = format_table(("a",), [("[red]x[/red]",), ("one\ntwo",), ("bell\x07",)])
    assert table == "a\n[red]x[/red]\none two\nbell\n"
