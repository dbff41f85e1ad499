"""Services as assistance: the supply list of a county, orders to providers, and planned visits."""
