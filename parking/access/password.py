"""Which passwords may be chosen: long ones; nothing is asked of their letters (NIST 800-63B)."""

SHORTEST, LONGEST = 12, 200

# What everybody tries first, and the words of this place; a password is refused if hardly
# anything is left of it without them.
GUESSED = (
    "password", "sandi", "rahasia", "admin", "qwerty", "asdf", "zxcv", "letmein", "welcome",
    "selamat", "indonesia", "merdeka", "bismillah", "sayang", "parkir", "dishub", "jambi",
    "pemkot", "bendahara", "auditor", "kota", "123456", "1234", "abcd", "abc", "2024", "2025",
    "2026",
)  # fmt: skip
LEAST_LEFT = 5


def problem_with(password: str, username: str) -> str | None:
    """Why a password may not be chosen; None if it may.

    >>> problem_with("admin123456jambi", "sri")
    'Kata sandi mudah ditebak'
    >>> problem_with("kuda hijau naik sampan", "sri") is None
    True
    """
    if len(password) < SHORTEST:
        return f"Kata sandi paling sedikit {SHORTEST} huruf"
    if len(password) > LONGEST:
        return f"Kata sandi paling banyak {LONGEST} huruf"
    left = password.lower().replace(username.lower(), "") if username else password.lower()
    for word in GUESSED:
        left = left.replace(word, "")
    if len(set(left)) < LEAST_LEFT:
        return "Kata sandi mudah ditebak"
    return None
