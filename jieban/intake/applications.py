"""An application as it comes in, from a form, a file or the API: pure data, checked before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

CHANNELS = {
    "window": "窗口",
    "online": "网上",
    "hotline": "热线",
    "outreach": "主动发现",
    "warning": "监测预警",
    "import": "批量导入",
    "petition": "信访",
    "transfer": "转办",
    "office": "本单位",
}
RELATIONS = {
    "self": "本人",
    "spouse": "配偶",
    "child": "子女",
    "parent": "父母",
    "sibling": "兄弟姐妹",
    "grandparent": "祖父母、外祖父母",
    "grandchild": "孙子女、外孙子女",
    "other": "其他",
}
INCOME_KINDS = {
    "wage": "工资性收入",
    "business": "经营净收入",
    "property": "财产净收入",
    "transfer": "转移净收入",
    "pension_base": "基础养老金（中央确定的部分）",
    "other": "其他收入",
    "deduction": "扣减支出",
}
PROPERTY_KINDS = {
    "deposit": "存款",
    "security": "证券基金",
    "insurance": "商业保险",
    "internet": "互联网金融资产",
    "claim": "债权",
    "vehicle": "车辆",
    "house": "房屋",
    "forest": "林木",
    "other": "其他",
}
PAPERS = {
    "application_form": "申请书",
    "id_card": "身份证件",
    "household_book": "户口簿",
    "check_authorisation": "核对授权书",
    "truth_promise": "诚信承诺书",
    "disability_card": "残疾人证",
    "diagnosis": "疾病诊断证明",
    "agent_authorisation": "委托书",
    "other": "其他材料",
}
WORK_ABILITIES = {"": "未填写", "full": "有劳动能力", "partial": "部分丧失劳动能力", "none": "无劳动能力"}


@dataclass(frozen=True)
class NewMember:
    name: str
    id_number: str | None
    relation: str
    counted: bool = True
    not_counted_reason: str = ""
    work_ability: str = ""
    health: str = ""
    disability: str = ""


@dataclass(frozen=True)
class NewIncome:
    member_name: str
    kind: str
    monthly: Decimal
    note: str = ""


@dataclass(frozen=True)
class NewProperty:
    kind: str
    amount: Decimal | None
    exempt: bool = False
    note: str = ""


@dataclass(frozen=True)
class NewApplication:
    """What is asked for and by whom; codes are those of the tables above."""

    channel: str
    applied_on: date
    urban: bool
    village_code: str
    address: str
    phone: str
    members: tuple[NewMember, ...]
    household_registration: str = ""
    reason: str = ""
    agent_name: str = ""
    agent_authorised: bool = False
    truth_promised: bool = False
    check_authorised: bool = False
    account_holder: str = ""
    account_bank: str = ""
    account_number: str = ""
    relatives_declared: bool = False
    relatives: tuple[Mapping[str, str], ...] = ()
    incomes: tuple[NewIncome, ...] = ()
    properties: tuple[NewProperty, ...] = ()
    papers: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    """the fields that the procedure itself asks for, by the opening form of its model"""


@dataclass(frozen=True)
class NewMatter:
    """What somebody brings to the office, or the office itself begins: no household, only what the opening form asks."""

    channel: str
    area_code: str
    """the village, township or county whose matter it is"""
    subject: str
    """who brings it, or what a matter without a person is about"""
    id_number: str | None = None
    phone: str = ""
    address: str = ""
    urban: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)
