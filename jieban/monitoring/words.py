"""What warnings are about and where they come from; the opening form of the procedure has the same choices."""

SOURCES = {
    "medical_insurance": "医保",
    "health": "卫生健康",
    "education": "教育",
    "employment": "人力资源社会保障",
    "housing": "住房城乡建设",
    "agriculture": "农业农村（防止返贫监测）",
    "emergency": "应急管理",
    "disabled": "残联",
    "platform": "监测平台",
    "civil": "民政数据",
    "visit": "走访发现",
}
INDICATORS = {
    "illness": "重病",
    "medical": "医疗自付费用较高",
    "disability": "残疾",
    "schooling": "就学",
    "unemployment": "失业",
    "accident": "意外事故",
    "disaster": "灾害",
    "death": "死亡",
    "better_off": "收入、财产增加",
    "other": "其他",
}
LEVELS = {"red": "红色", "orange": "橙色", "yellow": "黄色"}
