def test_x(database, people):
    assert people.window
