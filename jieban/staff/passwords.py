import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from jieban.errors import Invalid

_hasher = PasswordHasher()
_SHORTEST = 10
_LONGEST = 200
_COMMON = (
    "password",
    "qwerty",
    "asdf",
    "123456",
    "654321",
    "111111",
    "000000",
    "admin",
    "iloveyou",
    "woaini",
)
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Hash a password with argon2id."""
    return _hasher.hash(unicodedata.normalize("NFKC", password))


def verify_password(password: str, stored: str | None) -> bool:
    """Compare a password with a stored hash; without one the same work is done, so that time tells nothing."""
    try:
        matches = _hasher.verify(stored or _NOBODY, unicodedata.normalize("NFKC", password))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    """Tell whether a hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(stored)


def check_password_strength(password: str, username: str = "") -> None:
    """Raise Invalid with the reason where a password is too easily guessed."""
    if reason := _weakness(password, username):
        raise Invalid(reason, errors=[{"field": "password", "message": reason}])


def _weakness(password: str, username: str) -> str:
    if len(password) < _SHORTEST:
        return f"密码至少需要 {_SHORTEST} 个字符。"
    if len(password) > _LONGEST:
        return f"密码不能超过 {_LONGEST} 个字符。"
    if username and username.lower() in password.lower():
        return "密码不能包含用户名。"
    if any(word in password.lower() for word in _COMMON) or len(set(password)) < 5:
        return "密码过于常见，容易被猜到，请更换。"
    if len({_kind(letter) for letter in password}) < 2:
        return "密码应包含字母、数字、符号中的至少两种。"
    return ""


def _kind(letter: str) -> str:
    if letter.isdigit():
        return "digit"
    if letter.isalpha():
        return "upper" if letter.isupper() else "letter"
    return "sign"
