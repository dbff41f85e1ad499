"""Who signs, and to whom one appeals: it depends on who decided."""

from sqlalchemy.orm import Session

from jieban import rules
from jieban.areas.lookup import area_name
from jieban.rules.tables import RuleSet
from notifications.letters.numerals import in_chinese

_COUNTY = 6
"""So many digits has the code of a county; a longer one is that of a township."""


def plain(name: str) -> str:
    """Take the mark of a sample place out of a name; a letter of such a place carries the mark on each page."""
    return name.replace("(示例)", "").replace("（示例）", "")


def town_organ(town: str) -> str:
    """Name the township government or the street office of a place."""
    return f"{town}办事处" if town.endswith("街道") else f"{town}人民政府"


def county_organ(county: str) -> str:
    """Name the county's civil affairs department."""
    return f"{county}民政局"


def short_county(county: str) -> str:
    """Shorten the name of a county, city or province for the number of a letter: 东河县 is 东河, but 单县 stays 单县."""
    short = county.removesuffix("县").removesuffix("区").removesuffix("市").removesuffix("省")
    return short if len(short) > 1 else county


def mark(session: Session, area: str) -> str:
    """Give the mark of an organ in the numbers of its letters: 示例民 for a city's department, 东河柳林 for a township."""
    if len(area) <= _COUNTY:
        return f"{short_county(plain(area_name(session, area)))}民"
    county, town = (plain(area_name(session, code)) for code in (area[:_COUNTY], area))
    return f"{short_county(county)}{town.removesuffix('镇').removesuffix('乡').removesuffix('街道')}"


def review_organ(decided_by: str, county: str) -> str:
    """Name the organ that reviews a decision, by who decided (行政复议法 Article 24).

    Item (1): a department of the county, by the government of the same level. Item (2): a township government,
    by the government one level up. Item (3): a street office, by the government that set it up.
    """
    organs = {
        "county": f"{county}人民政府",  # the department's own government
        "town": f"{county}人民政府",  # one level up from a township; for a street office the one that set it up
    }
    return organs[decided_by]


def remedies(decided_by: str, county: str, values: RuleSet) -> list[str]:
    """Say how to appeal: organ and limit (社会救助法 Article 76; 行政复议法 Articles 20 and 24; 行政诉讼法 Article 46)."""
    return [
        (
            f"如不服本决定，可以自知道或者应当知道本决定之日起{_span(values, 'remedy.reconsider')}内，"
            f"向{review_organ(decided_by, county)}申请行政复议"
            "（《中华人民共和国行政复议法》第二十条、第二十四条）；"
        ),
        (
            f"也可以自知道或者应当知道本决定之日起{_span(values, 'remedy.suit')}内，"
            "依法向有管辖权的人民法院提起行政诉讼（《中华人民共和国行政诉讼法》第四十六条）。"
        ),
    ]


WAYS_OF_DELAY = {
    "ask": "可以向首接人或者办理单位询问原因、要求尽快办理，也可以拨打 12345 反映；",
    "remedy.reconsider": (
        "认为办理单位没有履行法定职责的，可以自期限届满之日起{span}内，先向{county}人民政府申请行政复议"
        "（《中华人民共和国行政复议法》第二十条、第二十三条、第二十四条）；"
    ),
    "remedy.suit.after_reconsider": (
        "对行政复议决定不服的，可以自收到复议决定书之日起{span}内，"
        "依法向人民法院提起行政诉讼（《中华人民共和国行政诉讼法》第四十五条）。"
    ),
}
"""What an applicant can do when a limit of the law has passed without an act, by the rule that says how long.

Sources: 行政复议法 Articles 20, 23 (review comes first where an organ does not act) and 24; 行政诉讼法 Article 45.
That the sixty days run from the end of the limit stands in 行政复议法实施条例 Article 16.
"""


_UNITS = {"d": "日", "mo": "个月"}


def _span(values: RuleSet, key: str) -> str:
    found = rules.entry(values, key)
    return span(int(found.value), found.unit)


def span(length: int, unit: str) -> str:
    """Write the length of a remedy as letters do: 六十日, 六个月."""
    return f"{in_chinese(length)}{_UNITS[unit]}"
