"""Who signs, and to whom one appeals: it depends on who decided."""


def plain(name: str) -> str:
    """Take the mark of a sample place out of a name that stands on a letter."""
    return name.replace("(示例)", "").replace("（示例）", "")


def town_organ(town: str) -> str:
    """Name the township government or the street office of a place."""
    return f"{town}办事处" if town.endswith("街道") else f"{town}人民政府"


def county_organ(county: str) -> str:
    """Name the county's civil affairs department."""
    return f"{county}民政局"


def remedies(county: str) -> list[str]:
    """Say how to appeal: organ and limit (社会救助法 Article 76; 行政复议法 Articles 20 and 24; 行政诉讼法 Article 46).

    A department of the county, a township government and a street office all lead to the county's people's
    government, by items (1), (2) and (3) of Article 24.
    """
    return [
        (
            f"如对本决定不服，可以自知道本决定之日起六十日内，向{county}人民政府申请行政复议"
            "（《中华人民共和国行政复议法》第二十条、第二十四条）；"
        ),
        (
            "也可以自知道本决定之日起六个月内，依法直接向有管辖权的人民法院提起行政诉讼"
            "（《中华人民共和国行政诉讼法》第四十六条）。"
        ),
    ]
