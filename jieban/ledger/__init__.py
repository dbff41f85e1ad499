from jieban.ledger.contacts import close_first_contact, open_first_contact
from jieban.ledger.corrections import correct
from jieban.ledger.following import contact_of, give_feedback, interim_reply, rate, reopen, told_the_end
from jieban.ledger.records import record
from jieban.ledger.seals import seal
from jieban.ledger.verify import verify
from jieban.ledger.verify_ledger import Verification

__all__ = [
    "Verification",
    "close_first_contact",
    "contact_of",
    "correct",
    "give_feedback",
    "interim_reply",
    "open_first_contact",
    "rate",
    "record",
    "reopen",
    "seal",
    "told_the_end",
    "verify",
]
