"""Merchants that nobody is: what the sandbox and the demo's city both know of each other."""

# A merchant at each gateway: their number for it, NMID, PAN, and the key if none is told.
INVENTED = {
    "midtrans": (
        "G000000001", "ID1020000000012", "936001150000000123", "SB-Mid-server-DEMO-KEY",
    ),
    "xendit": (
        "5f0000000000000000000001", "ID1020000000023", "936008690000000234",
        "xnd_development_DEMO",
    ),
    "snap": ("00007100010926", "ID1020000000034", "936001000000000345", "DEMO-CLIENT-SECRET"),
    "doku": ("BRN-0000-DEMO", "ID1020000000045", "936008990000000456", "SK-DEMO"),
}  # fmt: skip
