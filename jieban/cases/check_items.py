"""What a household check asks for, as the forms and letters name it (section D of the rules)."""

CHECK_ITEMS: dict[str, str] = {
    "household_registration": "户籍（公安）",
    "vehicles": "车船登记",
    "social_insurance": "社会保险缴纳",
    "tax": "纳税记录",
    "real_estate": "不动产登记",
    "market": "市场主体登记",
    "housing_fund": "住房公积金",
    "bank": "银行存款",
    "commercial_insurance": "商业保险",
    "securities": "证券",
    "internet_finance": "互联网金融资产",
    "marriage": "婚姻登记",
    "death": "死亡、殡葬信息",
    "living_costs": "水电燃气通讯等生活支出（辅助评估）",
    "other": "其他",
}

CHECK_BODIES: dict[str, str] = {
    "police": "公安（户籍、车辆管理）",
    "transport": "船舶登记管理",
    "social_security": "人力资源社会保障",
    "tax": "税务",
    "real_estate": "不动产登记",
    "market": "市场监督管理",
    "housing_fund": "住房公积金管理",
    "bank": "银行",
    "insurance": "保险",
    "securities": "证券",
    "payment": "非银行支付机构",
    "civil_affairs": "民政（婚姻、殡葬）",
}
"""Who is asked: the bodies that article 41 of the Law on Social Assistance names, and civil affairs itself."""
