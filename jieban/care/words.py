"""What services are called, and who offers them (FW-04, S1-34)."""

SERVICES: dict[str, str] = {
    "visit": "访视",
    "nursing": "看护照料",
    "rehabilitation": "康复训练",
    "meals_bath": "助餐助浴",
    "mobility_cleaning": "助行助洁",
    "counselling": "心理疏导",
    "inclusion": "社会融入",
}
"""The items of a list of needs."""

CHARITY_ITEMS: dict[str, str] = {
    "money": "救助资金",
    "goods": "生活物资",
    "medical": "医疗帮扶",
    "education": "助学",
    "volunteering": "志愿服务",
}
"""What a charity's project gives."""

ITEMS: dict[str, str] = {**SERVICES, **CHARITY_ITEMS}

PROVIDERS: dict[str, str] = {
    "institution": "养老、康复等服务机构",
    "social_work": "社会工作服务机构",
    "company": "家政等企业",
    "volunteer": "志愿服务组织",
    "charity": "慈善组织",
}
CHARITY = "charity"


def items_of(kind: str) -> dict[str, str]:
    """Give what a kind of provider may offer: a charity has projects, everybody else services."""
    return CHARITY_ITEMS if kind == CHARITY else SERVICES
