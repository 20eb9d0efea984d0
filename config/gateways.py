"""The payment gateways this installation speaks with: name in URLs and tables → its adapter.

Adding one is a line here and a module beside the others (README, "Add a gateway").
"""

GATEWAYS = {
    "midtrans": "parking.gateways.midtrans:connect",
    "snap": "parking.gateways.snap:connect",
    "xendit": "parking.gateways.xendit:connect",
    "doku": "parking.gateways.doku:connect",
}

# How keys begin that move no money. Production refuses to start with one (design.md 5.3).
SANDBOX_KEYS = ("SB-", "xnd_development_", "SK-sandbox-")
