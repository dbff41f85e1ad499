"""The columns of the file that goes to the bank, and of its answer: a layout of ours, a sample until a bank names its own."""

from jieban.intake.columns import Column
from jieban.intake.grid import Kind

SHEET = "代发明细"
LIST, NUMBER, HOLDER, BANK, ACCOUNT, AMOUNT, MONTH, PURPOSE = (
    "名册编号",
    "序号",
    "户名",
    "开户银行",
    "账号",
    "金额(元)",
    "发放月份",
    "用途",
)
RESULT, REASON, PAID_ON, VOUCHER = "结果", "退回原因", "交易日期", "流水号"
TOTAL = "合计"
"""What stands for the number in the last row, which sums up and holds the digest of the list."""

SENT = (LIST, NUMBER, HOLDER, BANK, ACCOUNT, AMOUNT, MONTH, PURPOSE)
ANSWERED = (RESULT, REASON, PAID_ON, VOUCHER)
RESULTS = {"paid": "成功", "returned": "退回"}
SYNONYMS = {"失败": "退回", "退票": "退回", "已发放": "成功", "交易成功": "成功", "交易失败": "退回"}
"""How banks also say it."""

_ACCOUNT_HELP = "请按“文本”格式填写，避免后几位变成 0。"
KIND = Kind(
    {
        SHEET: (
            Column(LIST, "list", width=34),
            Column(NUMBER, "number", "number_text", required=True, width=8),
            Column(HOLDER, "holder"),
            Column(BANK, "bank", width=22),
            Column(ACCOUNT, "account", "number_text", required=True, width=24, help=_ACCOUNT_HELP),
            Column(AMOUNT, "amount", "money", required=True),
            Column(MONTH, "month", width=10),
            Column(PURPOSE, "purpose", width=18),
            Column(RESULT, "result", "choice", required=True, choices=RESULTS, width=8),
            Column(REASON, "reason", width=24, help="退回的必须填写。"),
            Column(PAID_ON, "paid_on", "date", help="成功的必须填写。"),
            Column(VOUCHER, "voucher", "number_text", width=24),
        )
    },
    (SHEET,),
    "代发明细",
)
